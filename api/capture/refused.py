"""What the rules refuse of a large document, however much it is: in a file, not in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from types import TracebackType
from typing import Self

import orjson

from core.errors import Issue

Refusal = tuple[int, list[Issue]]
"""Position of an event, and what is wrong with it."""


class Refused:
    """Collects findings in any order; gives them back by event."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._sql.execute("CREATE TABLE found (position INTEGER NOT NULL, issue BLOB NOT NULL)")
        self._sql.execute("BEGIN")
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._sql.close()

    def add(self, position: int, issues: Iterable[Issue]) -> None:
        rows = [(position, orjson.dumps(one)) for one in issues]
        self._sql.executemany("INSERT INTO found VALUES (?, ?)", rows)
        self.count += len(rows)

    def __iter__(self) -> Iterator[Refusal]:
        rows = self._sql.execute("SELECT position, issue FROM found ORDER BY position, rowid")
        for position, found in groupby(rows, key=lambda row: int(row[0])):
            yield position, [Issue(**orjson.loads(issue)) for _, issue in found]
