"""A PostgreSQL of the benchmark's own: default durability, on loopback, in a temporary folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.indexer.processes import Usage, end_with_parent, usage
from scripts.anvil import free_port

BIN: Final = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
USER: Final = "postgres" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""
START_S: Final = 30.0
SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    # A checkpoint in the middle of one tool's run would be charged to that tool.
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "shared_buffers=256MB",
    # Its workers run when they like, hence for whoever happens to be measured.
    "autovacuum=off",
)


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    port: int
    postmaster: int
    """The process whose descendants do all the work."""

    def url(self, database: str) -> str:
        return f"postgresql://postgres:postgres@127.0.0.1:{self.port}/{database}"

    def usage(self) -> Usage:
        """CPU of all its processes, the ended ones included."""
        return usage(self.postmaster)

    @contextlib.contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The URL of an empty database; everything dirty is on disk when it is handed over."""
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {name}".encode())
            admin.execute("CHECKPOINT")
        try:
            yield self.url(name)
        finally:
            with self._admin() as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A new server, gone with its data at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sr360-bench-pg-", dir="/tmp"))
    if USER:
        shutil.chown(folder, USER)
    data, port = folder / "data", free_port()
    initdb = [str(BIN / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-N"]
    subprocess.run(initdb, check=True, cwd=folder, user=USER, stdout=subprocess.DEVNULL)
    settings = [word for setting in (*SETTINGS, f"port={port}") for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [BIN / "postgres", "-D", data, "-k", folder, *settings],
            cwd=folder,
            user=USER,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: end_with_parent(signal.SIGQUIT),
        )
    try:
        found = Cluster(port, server.pid)
        _wait(found, folder / "log")
        yield found
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Cluster, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.url("postgres")).close()
            return
        time.sleep(0.1)
    raise RuntimeError(log.read_text())
