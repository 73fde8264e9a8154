"""Calls every invariant suite a million times: `python -m scripts.proofs.invariants`.

Prints how many calls each invariant withstood; `--short` makes as many as every test run does.
Fails when an invariant breaks or was called too seldom.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from core.errors import SmartRetailError
from scripts.proofs.tools import CONTRACTS, ProofFailed, environment, table
from scripts.tools import tool_path

A_NIGHT: Final = 1_000_000
A_TEST_RUN: Final = 32 * 64


@dataclass(frozen=True)
class Campaign:
    """One invariant and what it withstood."""

    suite: str
    invariant: str
    held: bool
    calls: int
    reason: str


def campaigns(profile: str, only: str) -> list[Campaign]:
    """All invariants of the suites whose name matches `only`. Raises ProofFailed."""
    command = [str(tool_path("forge")), "test", "--json", "--match-test", "^invariant_"]
    done = subprocess.run(
        [*command, "--match-contract", only],
        cwd=CONTRACTS,
        env=environment(profile),
        capture_output=True,
        text=True,
    )
    if not done.stdout.startswith("{"):
        raise ProofFailed(f"forge ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    found = sorted(_read(json.loads(done.stdout)), key=lambda one: (one.suite, one.invariant))
    if not found:
        raise ProofFailed(f"no invariant suite matches {only}")
    return found


def _read(report: dict[str, Any]) -> Iterator[Campaign]:
    for suite, one in report.items():
        for name, result in one["test_results"].items():
            kind = result["kind"].get("Invariant", {"calls": 0})
            held, reason = result["status"] == "Success", result["reason"] or ""
            suite_name, test = suite.rpartition(":")[2], name.removesuffix("()")
            yield Campaign(suite_name, test, held, kind["calls"], reason)


def render(found: list[Campaign]) -> str:
    """A table of the campaigns."""
    rows = [
        (
            *(
                f"`{one.suite}`",
                f"`{one.invariant}`",
                "held" if one.held else f"broke: {one.reason}",
            ),
            f"{one.calls:,}",
        )
        for one in found
    ]
    return table(("suite", "invariant", "verdict", "calls"), rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="as many calls as a test run makes")
    parser.add_argument("--only", default=".*", help="suites whose name matches")
    given = parser.parse_args()
    profile, wanted = ("default", A_TEST_RUN) if given.short else ("nightly", A_NIGHT)
    began = time.monotonic()
    try:
        found = campaigns(profile, given.only)
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 2
    print(render(found))
    wrong = [one for one in found if not one.held or one.calls < wanted]
    print(f"\n{len(found) - len(wrong)} of {len(found)} held {wanted:,} calls or more, ", end="")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
