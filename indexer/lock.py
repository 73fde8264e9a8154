"""One writer per database: a second indexer waits until the first is gone.

SQLite: a file lock, which the kernel takes from a dead process. PostgreSQL: an advisory lock, which
falls with its connection. A first whose connection is lost no longer holds the lock although it
lives, so it looks every second and stops; what it may write in between, the checkpoint's
compare-and-swap refuses as soon as the second has moved on.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.config import Settings
from core.db import Database
from core.db.engine import in_thread, parse_url, sqlite_folder
from core.errors import DatabaseUnavailable, Retryable

log = structlog.get_logger()

RETRY_S: Final = 0.5
WATCH_S: Final = 1.0
_KEY: Final = 0x53523337
_KEEPALIVE: Final = (
    "SET tcp_keepalives_idle = 1",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 3",
)
"""A server notices in 4 s that the holder's machine is gone; without, after two hours."""

Held = Callable[[], Coroutine[None, None, None]]
"""Runs as long as the lock is held; raises LockLost when it is not any more."""


class LockLost(Retryable):
    """The connection that held the indexer's lock is gone; another indexer may write now."""

    code = "lock_lost"
    hint_default = "The indexer stands by and goes on when the lock is free."


@asynccontextmanager
async def only_writer(settings: Settings, database: Database) -> AsyncIterator[Held]:
    """Hold the indexer's lock; it falls with the process, however that ends.

    Raises:
        DatabaseUnavailable: the server does not answer.
    """
    if database.is_sqlite:
        folder = sqlite_folder(parse_url(settings.database_url))
        handle = os.open(folder / "indexer.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            await _until(lambda: _flock(handle))
            yield _for_ever
        finally:
            os.close(handle)
    else:
        connection = await in_thread(_connect, database)
        try:
            await _until(lambda: _advisory(connection))
            yield lambda: _watch(connection)
        finally:
            connection.invalidate()
            connection.close()


async def _until(attempt: Callable[[], bool]) -> None:
    waiting = False
    while not await in_thread(attempt):
        if not waiting:
            log.info("another indexer writes this database: standing by")
        waiting = True
        await asyncio.sleep(RETRY_S)


async def _for_ever() -> None:
    """A file lock cannot be lost while the file is open."""
    await asyncio.Event().wait()


async def _watch(connection: Connection) -> None:
    while True:
        await asyncio.sleep(WATCH_S)
        if not await in_thread(_alive, connection):
            raise LockLost("the database connection that held the indexer's lock is gone")


def _connect(database: Database) -> Connection:
    try:
        connection = database.writer.connect()
    except DBAPIError as error:
        raise DatabaseUnavailable(str(error.orig)) from error
    for setting in _KEEPALIVE:
        connection.execute(text(setting))
    connection.commit()
    return connection


def _alive(connection: Connection) -> bool:
    try:
        connection.execute(text("SELECT 1"))
        connection.commit()
    except DBAPIError:
        return False
    return True


def _flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _advisory(connection: Connection) -> bool:
    try:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY})
        found = bool(taken.scalar())
        connection.commit()
    except DBAPIError as error:
        raise LockLost(str(error.orig)) from error
    return found
