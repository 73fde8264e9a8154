"""A demo of the test's own, played to its end while its processes are killed."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.visitor import ROOT, ports

WAIT_S = 300
"""A demo takes 100 s on a quiet machine, and forecasts that come too late are made anew."""


class Demo:
    """`sr360 demo --exit --json` in the background."""

    def __init__(self, state_dir: Path, base: int) -> None:
        self.state_dir = state_dir
        self.rpc_url = f"http://127.0.0.1:{base + 1}"
        self.env = {**os.environ, "SR360_STATE_DIR": str(state_dir)} | ports(base)
        self.said = state_dir.with_suffix(".stderr")
        self.summary = state_dir.with_suffix(".json")
        with self.said.open("wb") as said, self.summary.open("wb") as summary:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.sr360", "demo", "--exit", "--json"],
                cwd=ROOT,
                env=self.env,
                stdout=summary,
                stderr=said,
            )

    def progress(self, words: str, times: int = 1) -> None:
        """Wait until the demo has said this, so many times."""
        self.until(lambda: self.said.read_text().count(words) >= times, words)

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until `holds` does; the demo must be playing meanwhile."""
        deadline = time.monotonic() + WAIT_S
        while not holds():
            assert self.process.poll() is None, f"ended before {what!r}:\n{self.story()}"
            assert time.monotonic() < deadline, f"no {what!r}:\n{self.story()}"
            time.sleep(0.02)

    def kill(self, service: str) -> int:
        """kill -9 the process of a service; it must be there, or come back first."""
        words = "scripts.anvil --port" if service == "chain" else f"scripts.service {service}"
        found: list[int] = []
        self.until(lambda: found or found.extend(self._children(words)), f"process {service}")
        os.kill(found[0], signal.SIGKILL)
        return found[0]

    def finish(self) -> int:
        """The demo's exit status, once it has ended."""
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it plays for ever:\n{self.story()}") from None
        finally:
            self.stop()

    def stop(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def story(self) -> str:
        """What it said, and the end of each service's log, for a failing test."""
        logs = sorted((self.state_dir / "logs").glob("*.log"))
        ends = [f"== {log.stem}\n{log.read_text()[-1500:]}" for log in logs]
        return "\n".join([self.said.read_text()[-3000:], *ends])

    def count(self, statement: str) -> int:
        """A number from SQL; 0 while there is no table yet."""
        try:
            [(number,)] = self.rows(statement)
        except sqlite3.OperationalError:
            return 0
        return int(number or 0)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows from the mirror and, as `app`, from what the services were told."""
        with mirror(self.state_dir) as connection:
            return list(connection.execute(statement))

    def _children(self, words: str) -> Iterator[int]:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = re.search(r"PPid:\s(\d+)", (folder / "status").read_text())
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent and int(parent[1]) == self.process.pid and words in line:
                yield int(folder.name)


@contextmanager
def mirror(state_dir: Path) -> Iterator[sqlite3.Connection]:
    """Both databases, for reading."""
    address = f"file:{state_dir}/db/{{}}.db?mode=ro"
    with closing(sqlite3.connect(address.format("chain"), uri=True, timeout=15)) as connection:
        connection.execute("ATTACH ? AS app", (address.format("app"),))
        yield connection
