"""A database that fails under the indexer: it says so, waits, and goes on; nothing is corrupt.

├── PostgreSQL is shut down at once in mid-backfill and started again
└── the disk is full, of SQLite and of PostgreSQL, until somebody makes room
"""

import asyncio
import contextlib
import os
import random
import resource
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from core.chain import deployments
from core.config import DbSettings
from core.crypto import keccak256
from tests.conftest import POSTGRES_BIN, _as_postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RESTARTS = {"few": 3, "all": 20}


@pytest.fixture
def database_url() -> str:
    """Each test brings its own."""
    return ""


@dataclass
class Server:
    """A PostgreSQL of the test's own, to be shut down."""

    folder: Path
    name: str = ""

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/{self.name}?host={self.folder}"

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=50"
        self._control("-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """At once: no checkpoint, all connections cut, as a crash would."""
        self._control("-m", "immediate", "stop")

    def sql(self, statement: str) -> None:
        with psycopg.connect(
            f"host={self.folder} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _control(self, *words: str) -> None:
        command = _as_postgres(POSTGRES_BIN / "pg_ctl", "-D", self.folder / "data", *words)
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(Path(tempfile.mkdtemp(prefix="sr360-pgf-", dir="/tmp")))
    if os.geteuid() == 0:
        shutil.chown(made.folder, "postgres")
    initdb = (POSTGRES_BIN / "initdb", "-D", made.folder / "data", "-A", "trust", "-N")
    subprocess.run(
        _as_postgres(*initdb, "-U", "postgres"), check=True, capture_output=True, cwd=made.folder
    )
    made.start()
    made.name = f"t{uuid.uuid4().hex}"
    made.sql(f"CREATE DATABASE {made.name}")
    yield made
    with contextlib.suppress(subprocess.CalledProcessError):
        made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


@dataclass
class Disk:
    """A folder where room is short."""

    folder: Path
    fill: Callable[[], None]
    free: Callable[[], None]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A file system of 64 MB, filled with ballast; without the right to mount, a limit on files."""
    # Not under tmp_path, which nobody but its owner may enter: PostgreSQL has a user of its own.
    folder = Path(tempfile.mkdtemp(prefix="sr360-disk-", dir="/tmp"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", str(folder)],
        capture_output=True,
    )
    if mounted.returncode == 0:
        ballast = folder / "ballast"
        yield Disk(folder, lambda: _fill(ballast), ballast.unlink)
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        yield Disk(
            folder,
            lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard)),
            lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard)),
        )
    shutil.rmtree(folder, ignore_errors=True)


def _fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))


async def test_postgres_restarted_in_mid_backfill(
    chain, settings, other_settings, server, start_mirror, faults, record_property
) -> None:
    await _grow(chain, 40)
    slow = settings.chain.model_copy(update={"log_range": 1})
    settings = settings.model_copy(update={"chain": slow, "db": DbSettings(url=server.url)})
    with capture_logs() as logs:
        async with start_mirror(settings) as mirror:
            await mirror.until(lambda: _has_begun(mirror), "the first block")
            for number in range(RESTARTS[faults]):
                await asyncio.sleep(random.Random(number).uniform(0, 0.4))
                logs.clear()
                await asyncio.to_thread(server.stop)
                await chain.record_batch([keccak256(b"1"), keccak256(b"while down")])
                await _says(logs, mirror, "database_unavailable")
                await asyncio.to_thread(server.start)
            await mirror.reaches(chain)
            tables = await mirror.tables()
    async with start_mirror(other_settings) as other:
        await other.reaches(chain)
        assert await other.tables() == tables
    record_property("count", RESTARTS[faults])
    record_property("outcome", "waited each time, tables equal")


async def test_sqlite_on_a_full_disk(
    chain, settings, other_settings, disk, start_mirror, record_property
) -> None:
    deployments.write(deployments.load(settings), disk.folder / "deployments")
    full = settings.model_copy(update={"state_dir": disk.folder, "db": DbSettings()})
    await _meets_a_full_disk(chain, full, other_settings, disk, start_mirror)
    record_property("count", 1)
    record_property("outcome", "waited, went on, tables equal")


async def test_postgres_on_a_full_disk(
    chain, settings, other_settings, disk, server, start_mirror, record_property
) -> None:
    if not os.path.ismount(disk.folder):
        pytest.skip("the disk of a PostgreSQL can only be filled where a tmpfs may be mounted")
    space = disk.folder / "space"
    space.mkdir()
    shutil.chown(space, "postgres")
    server.sql(f"CREATE TABLESPACE small LOCATION '{space}'")
    server.sql(f"ALTER DATABASE {server.name} SET default_tablespace = small")
    full = settings.model_copy(update={"db": DbSettings(url=server.url)})
    await _meets_a_full_disk(chain, full, other_settings, disk, start_mirror)
    record_property("count", 1)
    record_property("outcome", "waited, went on, tables equal")


async def _meets_a_full_disk(chain, full, other_settings, disk, start_mirror) -> None:
    with capture_logs() as logs:
        async with start_mirror(full) as mirror:
            await chain.story()
            await mirror.reaches(chain)
            disk.fill()
            try:
                await _grow(chain, 60)
                await _says(logs, mirror, "database_unavailable")
                assert await _has_begun(mirror)
            finally:
                disk.free()
            await mirror.reaches(chain)
            tables = await mirror.tables()
    async with start_mirror(other_settings) as other:
        await other.reaches(chain)
        assert await other.tables() == tables


async def _has_begun(mirror) -> bool:
    return await mirror.scalar("SELECT count(*) FROM chain.checkpoint") == 1


async def _grow(chain, blocks: int) -> None:
    for i in range(blocks):
        await chain.record_batch([keccak256(b"%d %d" % (i, j)) for j in range(20)])


async def _says(logs, mirror, code: str) -> None:
    async def said() -> bool:
        return any(entry.get("code") == code for entry in logs)

    await mirror.until(said, f"the warning {code}")
