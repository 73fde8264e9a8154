"""Compiles the contracts with forge, unless nothing they depend on has changed.

`python -m scripts.compile` prints what it did.
"""

import fcntl
import hashlib
import subprocess
from pathlib import Path
from typing import Final

from core.errors import Operator
from scripts.tools import ROOT, tool_path

CONTRACTS: Final = ROOT / "contracts"
STAMP: Final = CONTRACTS / "cache/compiled"
APE_MANIFEST: Final = ROOT / ".build/__local__.json"
"""What ape remembers of its own compilation; it was seen to keep constructors that had changed."""
_OUTSIDE: Final = {"node_modules", "out", "cache", "test"}


class CompilationFailed(Operator):
    """forge refused the contracts; the message is the compiler's."""

    code = "compilation_failed"


def compile_contracts() -> bool:
    """Bring contracts/out up to date; False when it was. Raises MissingTool, CompilationFailed."""
    STAMP.parent.mkdir(exist_ok=True)
    with (STAMP.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start together
        return _compile_changed()


def _compile_changed() -> bool:
    digest = _sources_digest()
    if (CONTRACTS / "out").is_dir() and STAMP.exists() and STAMP.read_text() == digest:
        return False
    command = [str(tool_path("forge")), "build", "--skip", "test"]
    done = subprocess.run(command, cwd=CONTRACTS, capture_output=True, text=True)
    if done.returncode != 0:
        raise CompilationFailed((done.stderr + done.stdout).strip())
    APE_MANIFEST.unlink(missing_ok=True)
    STAMP.write_text(digest)
    return True


def sources() -> list[Path]:
    """Our own Solidity files, tests left out."""
    found = (path for path in CONTRACTS.rglob("*.sol") if not _OUTSIDE & set(_parts(path)))
    return sorted(found)


def _sources_digest() -> str:
    settings = [CONTRACTS / "foundry.toml", CONTRACTS / "package-lock.json"]
    digest = hashlib.sha256()
    for path in sources() + settings:
        digest.update(str(path.relative_to(CONTRACTS)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(CONTRACTS).parts


if __name__ == "__main__":
    print("compiled" if compile_contracts() else "nothing changed")
