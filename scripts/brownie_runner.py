"""`./sr360 brownie ...`: eth-brownie in an environment of its own, on our contracts, offline.

Brownie pins old versions of much that the services use, so it never shares their environment. Its
settings live in `.build/brownie/home`, not in the user's home.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from core.errors import Operator
from scripts.compile import CONTRACTS, sources
from scripts.tools import ROOT

VENV: Final = ROOT / ".venv-brownie"
LOCK: Final = ROOT / "requirements/brownie.lock"
STATE: Final = ROOT / ".build/brownie"
_NETWORKS: Final = """\
live:
  - name: SmartRetail360
    networks:
      - name: the configured chain
        id: sr360
        host: $SR360_CHAIN__RPC_URL
        chainid: 31337
development: []
"""


class BrownieNotInstalled(Operator):
    """The environment for eth-brownie could not be made."""

    code = "brownie_not_installed"
    hint_default = "The message is pip's; an index that has the locked packages must be reachable."


def run(arguments: list[str], *, rpc_url: str = "http://127.0.0.1:8545") -> int:
    """Brownie's exit code. Raises BrownieNotInstalled."""
    install()
    prepare()
    command = [str(VENV / "bin/brownie"), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(rpc_url), check=False).returncode


def environment(rpc_url: str) -> dict[str, str]:
    """What brownie is told: where the compiler is, where its own files go, which chain."""
    home = STATE / "home"
    (home / ".brownie").mkdir(parents=True, exist_ok=True)
    (home / ".brownie/network-config.yaml").write_text(_NETWORKS)
    return {
        "SR360_CHAIN__RPC_URL": rpc_url,
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "HOME": str(home),
        "SOLCX_BINARY_PATH": str(ROOT / "contracts/tools"),
    }


def install() -> bool:
    """Make the environment unless it is that of the lock file; True when it was made."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start together
        return _install_once()


def _install_once() -> bool:
    stamp, want = VENV / "installed", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return False
    venv.create(VENV, clear=True, with_pip=True)
    failures = [done for one in _installers() if (done := _install_with(one))]
    if len(failures) == len(_installers()):
        raise BrownieNotInstalled(failures[-1])
    stamp.write_text(want)
    return True


def _installers() -> list[list[str]]:
    """uv is fast; pip is there where only pip is configured to reach a package index."""
    python = str(VENV / "bin/python")
    uv = Path(sys.executable).parent / "uv"
    pip = [python, "-m", "pip", "install"]
    return [[str(uv), "pip", "install", "--python", python], pip] if uv.exists() else [pip]


def _install_with(installer: list[str]) -> str:
    """What went wrong; empty when all is installed."""
    # --no-deps: the lock names every package; pip would also ask for hashes of their extras.
    command = [*installer, "-q", "--no-deps", "--require-hashes", "-r", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return "\n".join(done.stderr.strip().splitlines()[-3:]) or f"{installer[0]} failed"


def prepare() -> None:
    """Point `.build/brownie/contracts` at our sources, and at no others; forget deployments.

    Brownie remembers addresses by chain id and stops when one is empty, as after anvil's restart.
    """
    shutil.rmtree(STATE / "build/deployments", ignore_errors=True)
    folder = STATE / "contracts"
    shutil.rmtree(folder, ignore_errors=True)
    for source in sources():
        link = folder / source.relative_to(CONTRACTS)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
