"""One writer per database: a second indexer waits until the first is gone."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy import Connection, text

from core.config import Settings
from core.db import Database
from core.db.engine import in_thread, parse_url, sqlite_folder

log = structlog.get_logger()

RETRY_S: Final = 0.5
_KEY: Final = 0x53523337


@asynccontextmanager
async def only_writer(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Hold the indexer's lock; it falls with the process, however that ends."""
    if database.is_sqlite:
        folder = sqlite_folder(parse_url(settings.database_url))
        handle = os.open(folder / "indexer.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            await _until(lambda: _flock(handle))
            yield
        finally:
            os.close(handle)
    else:
        with database.writer.connect() as connection:
            await _until(lambda: _advisory(connection))
            yield
            connection.invalidate()


async def _until(attempt: Callable[[], bool]) -> None:
    waiting = False
    while not await in_thread(attempt):
        if not waiting:
            log.info("another indexer writes this database: standing by")
        waiting = True
        await asyncio.sleep(RETRY_S)


def _flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _advisory(connection: Connection) -> bool:
    taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar()
    connection.commit()
    return bool(taken)
