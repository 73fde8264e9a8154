"""Plants faults in a copy of the contracts and counts those that no forge test notices.

`python -m scripts.proofs.mutation` tries every fault of every target; `--only`, `--sample` and
`--survivors` try fewer, `--write` renews docs/reference/mutation.md from the results so far.
A fault that survives needs a reason in contracts/mutants.toml.
"""

import argparse
import json
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Final, TypedDict

from core.errors import SmartRetailError
from scripts.proofs.mutants import Mutant
from scripts.proofs.tools import CONTRACTS, ProofFailed, table
from scripts.proofs.workshop import Workshop
from scripts.tools import ROOT

TARGETS: Final = ("SupplyChain", "CarbonToken", "SerialRegistry", "SensorOracle")
GOAL_PERCENT: Final = 95
REASONS: Final = CONTRACTS / "mutants.toml"
RESULTS: Final = CONTRACTS / "cache/mutation.json"
_SAVED_EVERY: Final = 5
PAGE: Final = ROOT / "docs/reference/mutation.md"


class Result(TypedDict):
    """What became of one fault."""

    target: str
    file: str
    line: int
    operator: str
    verdict: str


Results = dict[str, Result]


class Reason(TypedDict):
    """Why a fault may survive; an equivalent one changes nothing that anyone could observe."""

    name: str
    equivalent: bool
    reason: str


def reasons() -> dict[str, Reason]:
    """Name of a surviving fault -> its reason. Raises ProofFailed for an unusable file."""
    entries: list[Reason] = tomllib.loads(REASONS.read_text()).get("survivor", [])
    found = {one["name"]: one for one in entries}
    if len(found) != len(entries) or not all(one["reason"].strip() for one in entries):
        raise ProofFailed(f"{REASONS.name} has an entry twice, or without a reason")
    return found


def hunt(target: str, chosen: argparse.Namespace, known: Results) -> Iterator[tuple[str, Result]]:
    """Verdicts on the target's faults, as many as were asked for, in order."""
    with TemporaryDirectory() as folder:
        shops = [Workshop(Path(folder) / str(number)) for number in range(chosen.workers)]
        try:
            yield from _hunt(target, shops, chosen, known)
        finally:
            for shop in shops:
                shop.close()


def _hunt(
    target: str, shops: list[Workshop], chosen: argparse.Namespace, known: Results
) -> Iterator[tuple[str, Result]]:
    sources = shops[0].own_sources(f"{target}.sol")
    tests = shops[0].tests_of(sources)
    if not all(shop.passes(tests) for shop in shops):
        raise ProofFailed(f"the tests of {target} fail without any fault")
    mutants = [
        one
        for source in sources
        if _owner(source, shops[0]) == target
        for one in shops[0].mutants(source)
    ]
    if chosen.survivors:
        alive = {name for name, one in known.items() if one["verdict"] == "survived"}
        mutants = [one for one in mutants if one.name in alive]
    if chosen.resume:
        mutants = [one for one in mutants if one.name not in known]
    if chosen.sample and chosen.sample < len(mutants):
        mutants = random.Random(360).sample(mutants, chosen.sample)  # noqa: S311 (not a secret)
    free: SimpleQueue[Workshop] = SimpleQueue()
    for shop in shops:
        free.put(shop)

    def examine(mutant: Mutant) -> tuple[str, Result]:
        shop = free.get()
        try:
            verdict = shop.verdict_on(mutant, tests, long=chosen.long)
        finally:
            free.put(shop)
        if verdict == "survived":
            print(f"  survived: line {mutant.line} of {mutant.name}", flush=True)
        return mutant.name, Result(
            target=target,
            file=mutant.file,
            line=mutant.line,
            operator=mutant.operator,
            verdict=verdict,
        )

    with ThreadPoolExecutor(len(shops)) as pool:
        for number, verdict in enumerate(pool.map(examine, mutants), start=1):
            yield verdict
            if number % _SAVED_EVERY == 0:
                print(f"{target}: {number} of {len(mutants)}", flush=True)


def _owner(source: str, shop: Workshop) -> str:
    """The first target that is made of the source, so that no fault counts twice."""
    return next(
        one
        for one in TARGETS
        if shop.has(f"{one}.sol") and source in shop.own_sources(f"{one}.sol")
    )


def scores(results: Results, explained: dict[str, Reason]) -> Iterator[tuple[str, Counter[str]]]:
    """(target, how many faults ended how); an explained equivalent counts as `equivalent`."""
    for target in TARGETS:
        count: Counter[str] = Counter()
        for name, one in results.items():
            if one["target"] == target:
                equivalent = name in explained and explained[name]["equivalent"]
                count["equivalent" if equivalent else one["verdict"]] += 1
        if count:
            yield target, count


def percent_killed(count: Counter[str]) -> float:
    """Share of the faults that change something, rounded down to a tenth."""
    all_of_them = count["killed"] + count["survived"]
    return count["killed"] * 1000 // all_of_them / 10 if all_of_them else 0.0


def faults(results: Results, explained: dict[str, Reason]) -> list[str]:
    """What keeps the check from passing, one line each."""
    survivors = {name for name, one in results.items() if one["verdict"] == "survived"}
    low = [
        f"{target}: {percent_killed(count)} % of its faults are noticed, {GOAL_PERCENT} % must be"
        for target, count in scores(results, explained)
        if percent_killed(count) < GOAL_PERCENT
    ]
    unexplained = [
        f"survives without a reason: {name}" for name in sorted(survivors - explained.keys())
    ]
    stale = [
        f"explained but {results[name]['verdict']}: {name}"
        for name in explained
        if name in results and name not in survivors
    ]
    return low + unexplained + stale


def render(results: Results, explained: dict[str, Reason]) -> str:
    """The page: scores and survivors."""
    head = ("contract", "faults", "noticed", "equivalent", "same bytecode", "survived", "score")
    rows = [
        (
            f"`{target}`", count.total() - count["stillborn"], count["killed"], count["equivalent"],
            count["same"], count["survived"], f"{percent_killed(count):g} %",
        )
        for target, count in scores(results, explained)
    ]  # fmt: skip
    survivors = [
        (
            f"`{one['file']}` {one['line']}",
            _cell(name.split(": ", 1)[1]),
            *_why(explained.get(name)),
        )
        for name, one in sorted(
            results.items(), key=lambda item: (item[1]["file"], item[1]["line"])
        )
        if one["verdict"] == "survived"
    ]
    return _TEXT.format(
        scores=table(head, rows),
        survivors=table(("line", "fault", "kind", "why it may"), survivors),
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _why(reason: Reason | None) -> tuple[str, str]:
    if reason is None:
        return "open", "nobody has said why yet"
    return ("equivalent" if reason["equivalent"] else "accepted"), _cell(reason["reason"].strip())


_TEXT: Final = """# Mutants: what the tests of the contracts would notice

Generated by `python -m scripts.proofs.mutation --write`; edit contracts/mutants.toml, not this
page.

One fault at a time is planted in a copy of the contracts: another operator, a literal off by one or
zero, a condition always true or never, a statement, modifier or return left out. Then all forge
tests run, first those that speak of the contract, fuzz tests on 16 inputs and invariants not at
all, so the score is a lower bound (`--long` gives survivors the rest). A fault that no test notices
has survived. Faults that do not compile are not counted, nor are those with the bytecode of the
original. A fault is equivalent when nobody outside could tell the difference; the score is the
share of all others that was noticed.
Assembly is not mutated.

{scores}

## Survivors

{survivors}
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=TARGETS, help="one target")
    parser.add_argument(
        "--sample", type=int, help="so many faults of each target, same ones each time"
    )
    parser.add_argument("--survivors", action="store_true", help="only what survived last time")
    parser.add_argument(
        "--long", action="store_true", help="give survivors every test at full length, minutes each"
    )
    parser.add_argument("--resume", action="store_true", help="only what has no verdict yet")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"renew {PAGE.name}")
    return parser.parse_args()


def main() -> int:
    chosen = _arguments()
    results: Results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    try:
        explained = reasons()
        for target in [chosen.only] if chosen.only else TARGETS:
            results = _renewed(target, chosen, results)
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.write:
        PAGE.write_text(render(results, explained))
    wrong = faults(results, explained)
    print("\n".join(wrong) or f"every target is at {GOAL_PERCENT} % or better")
    return 1 if wrong else 0


def _renewed(target: str, chosen: argparse.Namespace, results: Results) -> Results:
    if not (CONTRACTS / f"{target}.sol").exists():
        raise ProofFailed(f"{target}.sol does not exist")
    began = time.monotonic()
    others = {
        name: one
        for name, one in results.items()
        if one["target"] != target or chosen.survivors or chosen.resume
    }
    found: Results = {}
    for name, result in hunt(target, chosen, results):
        found[name] = result
        if len(found) % _SAVED_EVERY == 0:
            _save(others | found)
    _save(others | found)
    count = Counter(one["verdict"] for one in found.values())
    print(f"{target}: {dict(count)}, {time.monotonic() - began:.0f} s", flush=True)
    return others | found


def _save(results: Results) -> None:
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
