"""Everything that must hold, in one run: `./sr360 test` (`--fast` leaves out the slow parts).

`--nightly` runs instead what takes hours: a million calls of each contract invariant, 100,000
inputs of each fuzz test, 100,000 histories of the indexer and every real fault, every mutant.

Stages that use different tools run one after the other; pytest uses every core. The first failing
stage does not stop the others, so one run tells everything.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APE_BIN = ROOT / ".venv-contracts" / "bin"
APE_ENV = {"SOLCX_BINARY_PATH": str(ROOT / "contracts/tools"), "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Stage:
    """A named command."""

    name: str
    argv: tuple[str, ...]
    cwd: Path = ROOT
    fast: bool = True
    env: dict[str, str] = field(default_factory=dict)


def stages(workers: str, fast: bool) -> list[Stage]:
    """What to run, quick answers first."""
    from scripts.tools import tool_path

    web, forge = ROOT / "web", str(tool_path("forge"))
    select = ("-m", "not slow") if fast else ()
    everything = [
        Stage("format", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
        Stage("lint", (str(BIN / "ruff"), "check", "--quiet", ".")),
        Stage("layers", (str(BIN / "lint-imports"), "--no-logo")),
        Stage("types", (str(BIN / "mypy"),)),
        Stage("web lint", ("npm", "run", "--silent", "lint"), web),
        Stage("web types", ("npm", "run", "--silent", "typecheck"), web),
        Stage("web tests", ("npm", "run", "--silent", "test"), web),
        Stage("contract format", (forge, "fmt", "--check"), ROOT / "contracts"),
        Stage("forge", (forge, "test"), ROOT / "contracts"),
        Stage(
            "gas",
            (
                *(forge, "snapshot", "--isolate", "--no-match-test", r"invariant|\(.+\)"),
                *("--check", "--tolerance", "1"),
            ),
            ROOT / "contracts",
        ),
        Stage("coverage", (sys.executable, "-m", "scripts.proofs.coverage"), fast=False),
        Stage("laws", (sys.executable, "-m", "scripts.proofs.symbolic"), fast=False),
        Stage("digests", (sys.executable, "-m", "scripts.proofs.digests"), fast=False),
        Stage("findings", (sys.executable, "-m", "scripts.proofs.findings"), fast=False),
        Stage(
            "ape",
            (str(APE_BIN / "ape"), "test", "tests/contracts", "-q"),
            fast=False,
            env=APE_ENV,
        ),
        Stage(
            "pytest",
            (
                *(str(BIN / "pytest"), "-q", "-n", workers, "--dist", "worksteal"),
                *("--ignore=tests/e2e", "--ignore=tests/web", *select),
            ),
        ),
        # One process: these share one running demo, and xdist would start one for each worker.
        Stage("end to end", (str(BIN / "pytest"), "-q", "tests/web", "tests/e2e"), fast=False),
    ]
    return [stage for stage in everything if stage.fast or not fast]


def night() -> list[Stage]:
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
        Stage("mutation", (*proofs, "scripts.proofs.mutation", "--write")),
    ]


def run(stage: Stage) -> bool:
    """Run one stage, its output shown as it comes; True when it passed."""
    print(f"\n== {stage.name}", flush=True)
    began = time.monotonic()
    result = subprocess.run(stage.argv, cwd=stage.cwd, env={**os.environ, **stage.env}, check=False)
    verdict = "ok" if result.returncode == 0 else f"FAILED ({result.returncode})"
    print(f"== {stage.name}: {verdict}, {time.monotonic() - began:.0f} s", flush=True)
    return result.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="./sr360 test", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="unit tests and linters only")
    parser.add_argument("--nightly", action="store_true", help="the hours of proofs instead")
    parser.add_argument("--workers", default="auto", help="pytest processes (default: one a core)")
    parser.add_argument("--only", help="run the one stage of this name")
    given = parser.parse_args()
    everything = night() if given.nightly else stages(given.workers, given.fast)
    chosen = [stage for stage in everything if given.only in (None, stage.name)]
    failed = [stage.name for stage in chosen if not run(stage)]
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} stages passed", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
