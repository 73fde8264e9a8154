"""Fails unless tests reach every line and branch of our contracts.

`python -m scripts.proofs.coverage` prints the table and each place not reached. The bytecode
is unoptimised, so that forge can tell lines apart exactly.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from core.errors import SmartRetailError
from scripts.proofs.tools import ProofFailed, environment, run, table
from scripts.tools import tool_path

_BUILD: Final = "cache/coverage"
_OTHERS: Final = ("test/", "node_modules/")


@dataclass
class File:
    """How much of one source file the tests reach: (reached, all) of each kind."""

    path: str
    lines: tuple[int, int] = (0, 0)
    branches: tuple[int, int] = (0, 0)
    functions: tuple[int, int] = (0, 0)
    missed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.missed and all(
            hit == every for hit, every in (self.lines, self.branches, self.functions)
        )


def measure() -> list[File]:
    """Coverage of each of our files by all forge tests. Raises ProofFailed if a test fails."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "lcov.info"
        command = [str(tool_path("forge")), "coverage", "--report", "lcov"]
        env = environment(out=f"{_BUILD}/out", cache_path=_BUILD)
        run([*command, "--report-file", str(report)], env)
        files = [one for one in _parse(report.read_text()) if not one.path.startswith(_OTHERS)]
    if not files:
        raise ProofFailed("forge reports no coverage of any contract")
    return sorted(files, key=lambda one: one.path)


def _parse(lcov: str) -> Iterator[File]:
    """Files of an lcov report (the format is described in geninfo(1))."""
    for record in lcov.split("end_of_record"):
        entries = [line.partition(":")[::2] for line in record.split()]
        names = [value for key, value in entries if key == "SF"]
        if names:
            numbers = {key: int(value) for key, value in entries if key in _TOTALS}
            lines, branches, functions = ((numbers[hit], numbers[every]) for hit, every in _PAIRS)
            missed = [place for key, value in entries for place in _missed(key, value)]
            yield File(names[0], lines, branches, functions, missed)


_PAIRS: Final = (("LH", "LF"), ("BRH", "BRF"), ("FNH", "FNF"))
_TOTALS: Final = {name for pair in _PAIRS for name in pair}


def _missed(key: str, value: str) -> list[str]:
    parts = value.split(",")
    if key == "DA" and parts[1] == "0":
        return [f"line {parts[0]}"]
    if key == "BRDA" and parts[3] in ("0", "-"):
        return [f"branch {parts[2]} at line {parts[0]}"]
    return []


def render(files: list[File]) -> str:
    """A table of the files, ending in their sum."""
    rows = [
        (f"`{one.path}`", *map(_share, (one.lines, one.branches, one.functions))) for one in files
    ]
    kinds = ([one.lines for one in files], [one.branches for one in files])
    sums = [*kinds, [one.functions for one in files]]
    total = [(sum(hit for hit, _ in kind), sum(every for _, every in kind)) for kind in sums]
    return table(("file", "lines", "branches", "functions"), [*rows, ("all", *map(_share, total))])


def _share(pair: tuple[int, int]) -> str:
    hit, every = pair
    # Rounded down: 100 % means all of them.
    return f"{hit * 1000 // every / 10:g} % ({hit}/{every})" if every else "none"


def main() -> int:
    try:
        files = measure()
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 2
    print(render(files))
    lacking = [one for one in files if not one.complete]
    for one in lacking:
        print(f"\n{one.path} is not reached at: {', '.join(one.missed)}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
