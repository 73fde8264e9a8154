"""Everything that must hold, in one run: `./sr360 test` (`--fast` leaves out the slow parts).

`--nightly` runs instead what takes hours: a million calls of each contract invariant, 100,000
inputs of each fuzz test, 100,000 histories of the indexer and every real fault, every mutant; each
operation of the API is asked more often.

An act is one or two lanes of stages that run beside each other, because each keeps one core busy;
pytest uses every core and has an act of its own. The first failing stage does not stop the others,
so one run tells everything.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APE_BIN = ROOT / ".venv-contracts" / "bin"
BROWNIE = "tests/scripts/test_brownie.py"
_ASK_MORE = ("tests/api/test_openapi_fuzz.py", "--fuzz-examples", "400", "--timeout", "0")
APE_ENV = {"SOLCX_BINARY_PATH": str(ROOT / "contracts/tools"), "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Stage:
    """A named command."""

    name: str
    argv: tuple[str, ...]
    cwd: Path = ROOT
    fast: bool = True
    env: dict[str, str] = field(default_factory=dict)


Lane = Sequence[Stage]


def acts(workers: str, fast: bool) -> list[list[Lane]]:
    """What to run, quick answers first. Stages that share files are in one lane."""
    from scripts.tools import tool_path

    forge = str(tool_path("forge"))
    everything: list[list[Lane]] = [
        [[*_reading(forge), _brownie()], _forge(forge)],
        [[_pytest(workers, fast)]],
        [_proofs(), [_end_to_end()]],
    ]
    return [[_kept(lane, fast) for lane in act] for act in everything]


def _kept(lane: Lane, fast: bool) -> Lane:
    return [stage for stage in lane if stage.fast or not fast]


def _reading(forge: str) -> Lane:
    """Format, lint and types of everything, and the tests of web."""
    web = ROOT / "web"
    return [
        Stage("format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
        Stage("lint", (str(BIN / "ruff"), "check", "--quiet", ".")),
        Stage("layers", (str(BIN / "lint-imports"), "--no-logo")),
        Stage("types", (str(BIN / "mypy"),)),
        Stage("web lint", ("npm", "run", "--silent", "lint"), web),
        Stage("web types", ("npm", "run", "--silent", "typecheck"), web),
        Stage("web tests", ("npm", "run", "--silent", "test"), web),
        Stage("contract format", (forge, "fmt", "--check"), ROOT / "contracts"),
    ]


def _forge(forge: str) -> Lane:
    snapshot = (forge, "snapshot", "--isolate", "--no-match-test", r"invariant|\(.+\)")
    return [
        Stage("forge", (forge, "test"), ROOT / "contracts"),
        Stage("gas", (*snapshot, "--check", "--tolerance", "1"), ROOT / "contracts"),
    ]


def _pytest(workers: str, fast: bool) -> Stage:
    select = ("-m", "not slow") if fast else ()
    elsewhere = ("--ignore=tests/e2e", "--ignore=tests/web", f"--ignore={BROWNIE}")
    spread = ("-n", workers, "--dist", "worksteal")
    return Stage("pytest", (str(BIN / "pytest"), "-q", *spread, *elsewhere, *select))


def _brownie() -> Stage:
    # It makes an environment and compiles on one core: minutes that forge takes anyway.
    return Stage("brownie", (str(BIN / "pytest"), "-q", BROWNIE), fast=False)


def _proofs() -> Lane:
    # What they run beside kills processes and waits for others: it must not wait for a compiler.
    proofs = ("nice", sys.executable, "-m")
    ape = ("nice", str(APE_BIN / "ape"), "test", "tests/contracts", "-q")
    return [
        Stage("coverage", (*proofs, "scripts.proofs.coverage"), fast=False),
        Stage("laws", (*proofs, "scripts.proofs.symbolic"), fast=False),
        Stage("digests", (*proofs, "scripts.proofs.digests"), fast=False),
        Stage("findings", (*proofs, "scripts.proofs.findings"), fast=False),
        Stage("ape", ape, fast=False, env=APE_ENV),
    ]


def _end_to_end() -> Stage:
    # One process: these share one running demo, and xdist would start one for each worker.
    return Stage("end to end", (str(BIN / "pytest"), "-q", "tests/web", "tests/e2e"), fast=False)


def night() -> Lane:
    """What a night is for; docs/reference/proofs.md explains each."""
    from scripts.tools import tool_path

    forge, proofs = str(tool_path("forge")), (sys.executable, "-m")
    return [
        Stage("laws", (*proofs, "scripts.proofs.symbolic")),
        Stage("findings", (*proofs, "scripts.proofs.findings")),
        Stage("coverage", (*proofs, "scripts.proofs.coverage")),
        Stage("digests", (*proofs, "scripts.proofs.digests", "--cast", "10000")),
        Stage("invariants", (*proofs, "scripts.proofs.invariants")),
        Stage(
            "fuzz",
            (forge, "test", "--no-match-test", "^invariant_"),
            ROOT / "contracts",
            env={"FOUNDRY_PROFILE": "nightly"},
        ),
        Stage("histories", (*proofs, "scripts.proofs.histories", "--count", "100000")),
        Stage("faults", (*proofs, "scripts.proofs.faults")),
        Stage("API fuzz", (str(BIN / "pytest"), "-q", *_ASK_MORE)),
        Stage("mutation", (*proofs, "scripts.proofs.mutation", "--write")),
    ]


def run(stage: Stage, *, alone: bool) -> bool:
    """Run one stage; True when it passed. Output is shown as it comes, if not alone after it."""
    print(f"\n== {stage.name}", flush=True)
    began = time.monotonic()
    result = subprocess.run(
        stage.argv,
        cwd=stage.cwd,
        env={**os.environ, **stage.env},
        check=False,
        stdout=None if alone else subprocess.PIPE,
        stderr=None if alone else subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    verdict = "ok" if result.returncode == 0 else f"FAILED ({result.returncode})"
    took = time.monotonic() - began
    print(f"{result.stdout or ''}== {stage.name}: {verdict}, {took:.0f} s", flush=True)
    return result.returncode == 0


def play(act: Sequence[Lane]) -> list[str]:
    """Run the lanes beside each other; names of the stages that failed."""
    lanes = [lane for lane in act if lane]

    def walk(lane: Lane) -> list[str]:
        return [stage.name for stage in lane if not run(stage, alone=len(lanes) == 1)]

    with ThreadPoolExecutor(max(len(lanes), 1)) as pool:
        return [name for failed in pool.map(walk, lanes) for name in failed]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./sr360 test", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="unit tests and linters only")
    parser.add_argument("--nightly", action="store_true", help="the hours of proofs instead")
    # Most tests wait for a node, a database or a process of theirs for half their time.
    parser.add_argument(
        "--workers",
        default=str((os.cpu_count() or 1) + 1),
        help="pytest processes (default: one a core and one more)",
    )
    parser.add_argument("--only", help="run the one stage of this name")
    given = parser.parse_args()
    everything = [[night()]] if given.nightly else acts(given.workers, given.fast)
    names = [stage.name for act in everything for lane in act for stage in lane]
    if given.only and given.only not in names:
        parser.error(f"no stage is called {given.only}; there are: {', '.join(names)}")
    chosen = [
        [[stage for stage in lane if given.only in (None, stage.name)] for lane in act]
        for act in everything
    ]
    failed = [name for act in chosen for name in play(act)]
    count = sum(len(lane) for act in chosen for lane in act)
    print(f"\n{count - len(failed)} of {count} stages passed", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
