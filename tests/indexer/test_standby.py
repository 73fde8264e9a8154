"""Two indexers, one database: the second waits, and goes on when the first is gone."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database
from indexer.lock import LockLost, only_writer

HOLDER = """
import asyncio, sys
from pathlib import Path
from core.config import DbSettings, Settings
from core.db import Writes, open_database
from indexer.lock import only_writer

async def main():
    settings = Settings(state_dir=Path(sys.argv[1]), db=DbSettings(url=sys.argv[2]))
    async with only_writer(settings, open_database(settings, Writes.CHAIN)):
        print("held", flush=True)
        await asyncio.sleep(120)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else ""
    return Settings(state_dir=tmp_path, db=DbSettings(url=url))


async def test_the_second_takes_over_in_under_five_seconds(settings: Settings) -> None:
    database = open_database(settings, Writes.CHAIN)
    url = settings.db.url.get_secret_value()
    first = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(settings.state_dir), url),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert first.stdout is not None
    assert await first.stdout.readline() == b"held\n"
    second = asyncio.create_task(hold(settings, database))
    await asyncio.sleep(1.5)
    assert not second.done(), "the second must wait while the first lives"
    first.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    await second
    assert time.monotonic() - killed < 5
    await first.wait()
    database.close()


async def hold(settings: Settings, database: Database) -> None:
    async with only_writer(settings, database):
        pass


async def test_who_lost_the_connection_stops(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url))
    database = open_database(settings, Writes.CHAIN)
    with pytest.raises(LockLost):
        await lose(settings, database)
    await hold(settings, database)  # and may stand by again
    database.close()


async def lose(settings: Settings, database: Database) -> None:
    """Hold the lock, and have the server end the connection that does."""
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    async with only_writer(settings, database) as held:
        with database.write_session() as session:
            session.connection().exec_driver_sql(terminate)
        async with asyncio.timeout(20):
            await held()
