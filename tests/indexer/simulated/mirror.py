"""A database that is emptied between histories, and broken within them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from core.config import Settings
from core.db import Database, Writes, open_database
from core.db.schema import metadata
from indexer import rows
from indexer.model import Block
from indexer.store import Store
from tests.indexer.world import REGISTRY

DERIVED = ("block", *(kind.table.name for kind in (*rows.HISTORY, *rows.STATES)))
_TABLES = [table.name for table in metadata().tables.values() if table.schema == "chain"]
_EMPTY = "BEGIN;" + "".join(f"DELETE FROM {name};" for name in _TABLES) + "COMMIT;"
_OWN_COURSE = ("reorg_epoch", "finalized_number")
"""Columns of the checkpoint that tell how a mirror came here, not where it stands."""

Tables = dict[str, list[tuple[Any, ...]]]


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


class Mirror:
    """A database, and statements counted down to its next failure."""

    def __init__(self, folder: Path) -> None:
        self.database: Database = open_database(Settings(state_dir=folder), Writes.CHAIN)
        file = next(folder.rglob("chain.db"))
        self._own = sqlite3.connect(file, isolation_level=None, timeout=15)
        """Past SQLAlchemy, so that emptying and reading cost little and never break."""
        self._countdown: tuple[int, bool] | None = None
        event.listen(self.database.writer, "before_cursor_execute", self._before_statement)
        event.listen(self.database.writer, "commit", self._before_commit)

    def break_after(self, statements: int, *, crash: bool) -> None:
        """Fail at a later statement or COMMIT, as a dying process or as a full disk."""
        self._countdown = (statements, crash)

    def mend(self) -> None:
        """Forget a failure that did not come."""
        self._countdown = None

    def empty(self) -> None:
        """As if just made."""
        self.mend()
        self._own.executescript(_EMPTY)

    def tables(self) -> Tables:
        """All that must equal a replay: canonical rows, and documents as the chain decides them."""
        names = [name for name in self.columns("checkpoint") if name not in _OWN_COURSE]
        return dict(_canonical(self._own, ", ".join(names)))

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in their order."""
        return [row[1] for row in self._own.execute(f"PRAGMA table_info({table})")]

    def blocks(self) -> list[bytes]:
        """Hashes of the blocks it holds, lowest first."""
        return [row[0] for row in self._own.execute("SELECT hash FROM block ORDER BY number")]

    def orphans(self) -> set[tuple[bytes, int]]:
        """Block hash and index of every log flagged as orphaned."""
        return set(self._own.execute("SELECT block_hash, log_index FROM log WHERE orphaned"))

    def replay(self, blocks: list[Block]) -> Tables:
        """What a mirror holds that never met anything but these blocks, genesis first."""
        self.empty()
        store = Store(self.database, REGISTRY)
        tip = store.start(blocks[0].hash, blocks[0])
        if blocks[1:]:
            store.handle(tip, blocks[1:])
        return self.tables()

    def close(self) -> None:
        self._own.close()
        self.database.close()

    def _before_statement(self, *_: Any) -> None:
        self._count()

    def _before_commit(self, _connection: Any) -> None:
        self._count()

    def _count(self) -> None:
        if self._countdown is None:
            return
        left, crash = self._countdown
        self._countdown = None if left <= 0 else (left - 1, crash)
        if left <= 0:
            if crash:
                raise Crash
            error = sqlite3.OperationalError("database or disk is full")
            raise OperationalError("a statement", None, error)


def _canonical(
    connection: sqlite3.Connection, of_checkpoint: str
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for table in DERIVED:
        yield table, sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)
    for name, query in {
        "log": "SELECT * FROM log WHERE NOT orphaned",
        "document": "SELECT data_hash, media, status, first_block FROM document",
        "checkpoint": f"SELECT {of_checkpoint} FROM checkpoint",
    }.items():
        yield name, sorted(connection.execute(query), key=repr)
