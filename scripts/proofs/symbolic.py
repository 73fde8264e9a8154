"""Proves the pure laws with halmos: `python -m scripts.proofs.symbolic`.

Every `check_` function in contracts/test/symbolic holds for all inputs, or this fails and prints
inputs for which it does not.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from core.errors import SmartRetailError
from scripts.proofs.tools import CONTRACTS, ProofFailed, analyser, environment, run, table

LAWS: Final = CONTRACTS / "test/symbolic"
_BUILD: Final = "cache/symbolic"
_HALMOS_SAYS: Final = {
    0: "proved",
    1: "counterexample",
    2: "timeout",
    3: "stuck",
    4: "reverts always",
}
_CHECK: Final = re.compile(r"\bfunction (check_\w+)\(")


@dataclass(frozen=True)
class Law:
    """One `check_` function and what halmos says of it."""

    contract: str
    name: str
    verdict: str
    paths: int
    seconds: float

    @property
    def proved(self) -> bool:
        return self.verdict == "proved"


def prove() -> list[Law]:
    """The verdict on each law. Raises ProofFailed if halmos does not answer for every one."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        printed = _halmos(report)
        if not report.exists():
            raise ProofFailed(f"halmos wrote no report:\n{printed}")
        laws = _laws(json.loads(report.read_text()))
    missing = written() - {(law.contract, law.name) for law in laws}
    if missing:
        raise ProofFailed(f"halmos did not run {sorted(missing)}:\n{printed}")
    if not all(law.proved for law in laws):
        print(printed, file=sys.stderr)
    return laws


def written() -> set[tuple[str, str]]:
    """(contract, name) of each law in the sources."""
    sources = {path: path.read_text() for path in LAWS.glob("*.t.sol")}
    return {
        (_contract_of(path), name)
        for path, text in sources.items()
        for name in _CHECK.findall(text)
    }


def _contract_of(path: Path) -> str:
    return f"{path.name.removesuffix('.t.sol')}Symbolic"


def _halmos(report: Path) -> str:
    # Only libraries are compiled: a law is about a pure function.
    env = environment(out=f"{_BUILD}/out", cache_path=_BUILD, src="libraries", test="test/symbolic")
    command = [
        *(analyser("halmos"), "--forge-build-out", f"{_BUILD}/out", "--solver", "z3"),
        *(
            "--solver-timeout-assertion",
            "60000",
            "--solver-timeout-branching",
            "2000",
            "--loop",
            "4",
            "--no-status",
        ),
        *("--json-output", str(report)),
    ]
    return run(command, env, accept=(0, 1))


def _laws(report: dict[str, Any]) -> list[Law]:
    return [
        Law(contract.rpartition(":")[2], one["name"].split("(")[0], *_verdict(one))
        for contract, results in report["test_results"].items()
        for one in results
    ]


def _verdict(result: dict[str, Any]) -> tuple[str, int, float]:
    paths, finished, _ = result["num_paths"]
    said = _HALMOS_SAYS.get(result["exitcode"], f"halmos says {result['exitcode']}")
    if said == "proved" and finished == 0:
        said = "vacuous: no input meets the assumptions"
    if said == "proved" and result["num_bounded_loops"]:
        said = "cut short by the loop bound"
    return said, paths, result["time"][0]


def render(laws: list[Law]) -> str:
    """A table of the laws."""
    rows = [
        (law.contract.removesuffix("Symbolic"), f"`{law.name}`", law.verdict, law.paths)
        for law in sorted(laws, key=lambda law: (law.contract, law.name))
    ]
    return table(("law of", "statement", "verdict", "paths"), rows)


def main() -> int:
    try:
        laws = prove()
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 2
    print(render(laws))
    failed = [law for law in laws if not law.proved]
    print(f"\n{len(laws) - len(failed)} of {len(laws)} laws proved")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
