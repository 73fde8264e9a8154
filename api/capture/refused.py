"""What the rules refuse of a large document, however much it is: in a file, not in memory."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import orjson

from core.errors import Issue
from core.scratch import Scratch

Refusal = tuple[int, list[Issue]]
"""Position of an event, and what is wrong with it."""


class Refused(Scratch):
    """Collects findings in any order; gives them back by event."""

    def __init__(self) -> None:
        super().__init__("CREATE TABLE found (position INTEGER NOT NULL, issue BLOB NOT NULL)")
        self.count = 0

    def add(self, position: int, issues: Iterable[Issue]) -> None:
        rows = [(position, orjson.dumps(one)) for one in issues]
        self._sql.executemany("INSERT INTO found VALUES (?, ?)", rows)
        self.count += len(rows)

    def __iter__(self) -> Iterator[Refusal]:
        rows = self._sql.execute("SELECT position, issue FROM found ORDER BY position, rowid")
        for position, found in groupby(rows, key=lambda row: int(row[0])):
            yield position, [Issue(**orjson.loads(issue)) for _, issue in found]
