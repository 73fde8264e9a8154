"""A file of SQLite's own for what would fill memory."""

import sqlite3
from types import TracebackType
from typing import Self


class Scratch:
    """A database nobody else sees, in one transaction, gone when it is closed."""

    def __init__(self, schema: str) -> None:
        self._sql = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._sql.executescript(schema)
        self._sql.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._sql.close()
