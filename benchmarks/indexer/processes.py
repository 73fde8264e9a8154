"""CPU seconds and memory of a program with all its descendants, from /proc."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PR_SET_PDEATHSIG: Final = 1
_NO_BYTECODE: Final = "PYTHONDONTWRITEBYTECODE"
BYTECODE: Final = Path(__file__).resolve().parents[2] / ".build/bench/bytecode"
STOP_S: Final = 20.0


@dataclass(frozen=True)
class Usage:
    """What a tree of processes used so far."""

    cpu_s: float
    """User and system time, of ended and reaped descendants too."""
    rss_bytes: int


def usage(root: int) -> Usage:
    """Of a process and its descendants; a zombie's time still counts."""
    table = _processes()
    members = {root}
    # Parents are listed in any order: repeat until nobody new is found.
    while found := {pid for pid, stat in table.items() if stat.parent in members} - members:
        members |= found
    stats = [table[pid] for pid in members if pid in table]
    return Usage(sum(s.ticks for s in stats) * _TICK_S, sum(s.pages for s in stats) * _PAGE)


@dataclass(frozen=True)
class _Stat:
    parent: int
    ticks: int
    pages: int


def _processes() -> dict[int, _Stat]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found[int(entry.name)] = _read((entry / "stat").read_text())
    return found


def _read(line: str) -> _Stat:
    """proc(5): fields after the parenthesised name, which may hold anything."""
    fields = line[line.rindex(")") + 2 :].split()
    return _Stat(int(fields[1]), sum(map(int, fields[11:15])), int(fields[21]))


class Program:
    """A program of a session of its own, which ends with this one."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path
    ) -> None:
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.pid = self._process.pid

    def usage(self) -> Usage:
        return usage(self.pid)

    def exit_status(self) -> int | None:
        """None while it runs; it is not reaped, so that its time can still be read."""
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return None if found is None else found.si_status

    def stop(self) -> int:
        """End it and what it started; the exit status."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while self.exit_status() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal(signal.SIGKILL)
        return self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """Ours and `env`; Python keeps what it compiled, as it does where nobody forbids it."""
    kept = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    return {**kept, "PYTHONPYCACHEPREFIX": str(BYTECODE), **env}


def end_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Be sent a signal when the parent is gone, however it went; for a child before its exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
