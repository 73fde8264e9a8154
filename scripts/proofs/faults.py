"""Causes every real fault at its full count and prints what came of it.

`python -m scripts.proofs.faults` kills indexers 200 times on SQLite and 200 times on PostgreSQL,
shuts PostgreSQL down 20 times, fills disks, puts a faulty and a lying node before anvil, and
reorganises 1 to 64 blocks deep. The tests are those of `tests/indexer`, which an ordinary run plays
with few faults (`--few` does so here); docs/reference/proofs.md explains them.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.proofs.tools import ProofFailed, table

ROOT: Final = Path(__file__).resolve().parents[2]
FILES: Final = (
    "tests/indexer/test_kills.py",
    "tests/indexer/test_database_faults.py",
    "tests/indexer/test_transport_faults.py",
    "tests/indexer/test_faults.py",
    "tests/indexer/test_reorgs.py",
)


@dataclass(frozen=True)
class Outcome:
    """One row of the matrix."""

    fault: str
    variant: str
    verdict: str
    count: int
    details: str


def cause(files: tuple[str, ...], how_many: str, only: str) -> list[Outcome]:
    """What pytest reports about these tests. Raises ProofFailed when it tells nothing."""
    with tempfile.TemporaryDirectory(prefix="sr360-faults-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", *files, "-k", only]
        command += ["--faults", how_many, f"--junitxml={report}", "-o", "junit_family=xunit1"]
        done = subprocess.run(command, cwd=ROOT)
        if not report.exists():
            raise ProofFailed(f"pytest ended with {done.returncode} and reported nothing")
        return list(_read(report.read_text()))


def _read(report: str) -> Iterator[Outcome]:
    # Written by our own pytest a moment ago: nothing foreign is parsed.
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314
        facts = {one.get("name"): one.get("value", "") for one in case.iter("property")}
        name, _, variant = case.get("name", "").removeprefix("test_").partition("[")
        verdict, details = "held", facts.get("outcome", "")
        for kind in ("failure", "error", "skipped"):
            if (found := case.find(kind)) is not None:
                verdict, details = kind, found.get("message", "")[:80].replace("\n", " ")
        count = int(facts.get("count", 1))
        yield Outcome(name.replace("_", " "), variant.rstrip("]"), verdict, count, details)


def render(found: list[Outcome]) -> str:
    """The fault matrix."""
    rows = [(o.fault, o.variant, o.verdict, f"{o.count:,}", o.details) for o in found]
    return table(("fault", "variant", "verdict", "faults", "figures"), rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", action="store_true", help="as few as every test run causes")
    parser.add_argument("--only", default="test", help="tests whose name matches (as pytest -k)")
    given = parser.parse_args()
    began = time.monotonic()
    try:
        found = cause(FILES, "few" if given.few else "all", given.only)
    except ProofFailed as error:
        print(error, file=sys.stderr)
        return 2
    print(render(found))
    held = [one for one in found if one.verdict == "held"]
    took = time.monotonic() - began
    print(
        f"\n{len(held)} of {len(found)} held, {sum(o.count for o in found):,} faults, {took:.0f} s"
    )
    return 0 if found and len(held) == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
