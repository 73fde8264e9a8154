"""The other indexers, each in an environment of its own under .build/bench/peers.

Their projects lie in peers/, with the versions locked: npm's by package-lock.json, PyPI's by
hashes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.indexer.events import ABI, ABI_FILE
from benchmarks.indexer.tools import PEERS, WORK, Tool

INSTALL_S: Final = 600.0
DIPDUP_PYTHON: Final = "3.12"
"""DipDup 8 runs on this version only."""


class Unavailable(Exception):
    """A peer cannot be installed here; the message says why."""


def install(tool: Tool, say: Callable[[str], None]) -> None:
    """Put a tool's project and its locked packages in place. Raises Unavailable."""
    if not tool.environment:
        return
    source, target = PEERS / tool.environment, WORK / tool.environment
    shutil.copytree(source, target, dirs_exist_ok=True)
    stamp, wanted = target / ".installed", _fingerprint(source)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing {tool.name}")
    if (target / "package.json").exists():
        _run(["npm", "install", "--no-save", "--loglevel=error"], target)
    else:
        _install_dipdup(target)
    stamp.write_text(wanted)


def _install_dipdup(target: Path) -> None:
    _run([_python(), "-m", "venv", "--clear", ".venv"], target)
    lock = ["install", "--quiet", "--require-hashes", "-r", "requirements.lock"]
    uv = Path(sys.executable).parent / "uv"
    # pip takes minutes for what uv does in seconds.
    pip = [str(uv), "pip"] if uv.exists() else [".venv/bin/python", "-m", "pip"]
    python = ["--python", ".venv"] if uv.exists() else []
    _run([*pip, *lock, *python], target)
    package = target / "bench_dipdup"
    _put(ABI_FILE, package / "abi/supply_chain/abi.json")
    # DipDup wants packages; ours are kept without markers, so that no test runner takes them in.
    _put(package / "models.py", package / "models/__init__.py")
    for folder in (package, package / "handlers"):
        (folder / "__init__.py").touch()
    # Writes a class for each event; it asks for every variable that the configuration names.
    nowhere = {
        "BENCH_DB_PORT": "1",
        "BENCH_RPC": "http://127.0.0.1:1",
        "BENCH_WS": "ws://127.0.0.1:1",
        "BENCH_CONTRACT": "0x" + "11" * 20,
        "BENCH_FIRST": "1",
        "DIPDUP_TEST": "1",
    }
    _run([".venv/bin/dipdup", "-c", "bench_dipdup/dipdup.yaml", "init"], target, nowhere)
    _type_words(package / "types")


def _put(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, place)


def _type_words(folder: Path) -> None:
    """DipDup 8.6 writes `str` for a bytes32, and then refuses bytes that are no UTF-8."""
    words = {i["name"] for e in ABI for i in e.get("inputs", ()) if i["type"] == "bytes32"}
    for path in folder.rglob("*.py"):
        text = path.read_text()
        for word in words:
            text = text.replace(f"    {word}: str", f"    {word}: bytes")
        path.write_text(text)


def _python() -> str:
    """A Python that DipDup runs on; one that pyenv has counts even where it is not switched on."""
    name = f"python{DIPDUP_PYTHON}"
    pyenv = Path.home().glob(f".pyenv/versions/{DIPDUP_PYTHON}.*/bin/{name}")
    for candidate in (shutil.which(name), *map(str, pyenv)):
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    raise Unavailable(f"DipDup needs {name}, which is not installed")


def _run(command: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(env or {})},
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{' '.join(command[:3])} took over {INSTALL_S:.0f} s") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout).strip().splitlines()[-3:]
        raise Unavailable(f"{' '.join(command[:3])}: {' '.join(last)}") from error


def _fingerprint(source: Path) -> str:
    files = sorted(path for path in source.rglob("*") if path.is_file())
    content = b"".join(path.read_bytes() for path in [*files, ABI_FILE, Path(__file__)])
    return hashlib.sha256(content).hexdigest()
