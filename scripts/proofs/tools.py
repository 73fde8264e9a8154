"""Where the analysers live and how forge builds for them.

They have an environment of their own: halmos and slither pin versions that the services must not
inherit.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import MissingTool, Operator
from scripts.tools import ROOT, tool_path

CONTRACTS: Final = ROOT / "contracts"
BIN: Final = ROOT / ".venv-proofs" / "bin"


class ProofFailed(Operator):
    """Something that must hold of the contracts does not, or could not be shown."""

    code = "proof_failed"


def analyser(name: str) -> str:
    """Path of halmos or slither. Raises MissingTool."""
    if not (BIN / name).exists():
        raise MissingTool(f"{name} is not in {BIN}", hint="Run `./sr360 setup`.")
    return str(BIN / name)


def environment(profile: str = "lite", **settings: str) -> dict[str, str]:
    """Our variables, forge and the analysers on the PATH, and `settings` as FOUNDRY_..."""
    path = f"{BIN}:{tool_path('forge').parent}:{os.environ['PATH']}"
    own = {f"FOUNDRY_{name.upper()}": value for name, value in settings.items()}
    return {**os.environ, "PATH": path, "FOUNDRY_PROFILE": profile, **own}


def run(
    command: Sequence[str],
    env: dict[str, str],
    *,
    accept: Sequence[int] = (0,),
    only_stdout: bool = False,
) -> str:
    """What the command prints. Raises ProofFailed with it if its exit code is none of `accept`."""
    done = subprocess.run(command, cwd=CONTRACTS, env=env, capture_output=True, text=True)
    printed = (done.stdout + done.stderr).strip()
    if done.returncode not in accept:
        raise ProofFailed(f"{Path(command[0]).name} ended with {done.returncode}:\n{printed}")
    return done.stdout if only_stdout else printed


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
