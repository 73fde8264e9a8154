"""One tool, once: from an empty database to the last row."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.indexer.chain import FOLDER, Chain
from benchmarks.indexer.postgres import Cluster
from benchmarks.indexer.processes import Program, environment
from benchmarks.indexer.tools import OURS, Place, Tool, ours

POLL_S: Final = 0.1
SAY_S: Final = 10.0


class ToolFailed(Exception):
    """A tool ended early, or was not done in time; the message holds the end of its log."""


@dataclass(frozen=True)
class Measurement:
    """What one run took."""

    tool: str
    logs: int
    cpu_s: float
    """Of the tool and all it started."""
    database_cpu_s: float
    wall_s: float
    peak_rss_bytes: int
    """Of the tool and all it started, together."""
    rows: int
    digest: str
    """SHA-256 of all rows in order."""


def measure(
    tool: Tool,
    chain: Chain,
    rpc_url: str,
    cluster: Cluster,
    say: Callable[[str], None],
    *,
    limit_s: float,
) -> Measurement:
    """Run a tool to the chain's head. Raises ToolFailed."""
    folder = Path(tempfile.mkdtemp(prefix="sr360-bench-", dir="/tmp"))
    shutil.copytree(chain.folder / "deployments", folder / "deployments")
    try:
        with cluster.database("bench") as url:
            place = Place(chain, rpc_url, url, folder)
            return _measure(tool, place, cluster, Watch(tool, place, say, limit_s))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(tool: Tool, place: Place, cluster: Cluster, watch: "Watch") -> Measurement:
    if tool.schema is not None:
        with psycopg.connect(place.database_url) as connection:
            connection.execute(tool.schema.read_bytes())
    env = {**tool.env, **(ours(place) if tool is OURS else place.environment)}
    _compile(tool)
    before, began = cluster.usage().cpu_s, time.monotonic()
    program = Program(tool.command, cwd=tool.cwd, env=env, log=watch.log)
    try:
        watch.until_done(program)
        wall, used = time.monotonic() - began, program.usage()
        database = cluster.usage().cpu_s - before
    finally:
        program.stop()
    rows, digest = _digest(tool, place.database_url)
    return Measurement(
        tool.name, place.chain.logs, used.cpu_s, database, wall, watch.peak, rows, digest
    )


def _compile(tool: Tool) -> None:
    """What any start but the first finds compiled."""
    if tool.modules:
        python = tool.cwd / ".venv/bin/python" if tool.environment else sys.executable
        words = [python, "-c", f"import {', '.join(tool.modules)}"]
        subprocess.run(words, cwd=tool.cwd, env=environment(tool.env), check=True)


class Watch:
    """Looks at a running tool until it is done, and remembers the most memory it had."""

    def __init__(
        self, tool: Tool, place: Place, say: Callable[[str], None], limit_s: float
    ) -> None:
        self._tool, self._place, self._say, self._limit_s = tool, place, say, limit_s
        self._said = time.monotonic()
        self.log = FOLDER / f"{tool.name.replace(' ', '-')}.log"
        self.peak = 0
        self._connection: psycopg.Connection[tuple[int | None]] | None = None

    def until_done(self, program: Program) -> None:
        """Raises ToolFailed."""
        try:
            self._look_until_done(program)
        finally:
            if self._connection is not None:
                self._connection.close()

    def _look_until_done(self, program: Program) -> None:
        deadline = time.monotonic() + self._limit_s
        while time.monotonic() < deadline:
            time.sleep(POLL_S)
            self.peak = max(self.peak, program.usage().rss_bytes)
            if self._done(program):
                return
        raise ToolFailed(f"{self._tool.name}: not done in {self._limit_s:.0f} s\n{self._tail()}")

    def _done(self, program: Program) -> bool:
        status = program.exit_status()
        if self._tool.height is None:
            if status:
                raise ToolFailed(f"{self._tool.name} failed\n{self._tail()}")
            return status == 0
        if status is not None:
            raise ToolFailed(f"{self._tool.name} ended early\n{self._tail()}")
        height = self._height(self._tool.height)
        if time.monotonic() - self._said > SAY_S:
            self._said = time.monotonic()
            self._say(f"  {self._tool.name} is at block {height:,} of {self._place.chain.last:,}")
        return height >= self._place.chain.last

    def _height(self, query: str) -> int:
        """How far the tool says it is; 0 before its tables are there."""
        try:
            if self._connection is None:  # one for all questions: a new one costs PostgreSQL a fork
                self._connection = psycopg.connect(self._place.database_url, autocommit=True)
            found = self._connection.execute(query.encode()).fetchone()
        except psycopg.Error:
            return 0
        return int(found[0]) if found and found[0] is not None else 0

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def _digest(tool: Tool, url: str) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    query = f"COPY ({tool.rows}) TO STDOUT".encode()
    try:
        with psycopg.connect(url) as connection, connection.cursor().copy(query) as copy:
            for block in copy:
                digest.update(block)
                count += bytes(block).count(b"\n")
    except psycopg.Error as error:
        raise ToolFailed(f"{tool.name} left no rows: {error}") from error
    return count, digest.hexdigest()
