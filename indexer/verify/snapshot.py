"""What SQL holds, read in one transaction from beginning to end of an audit."""

from collections.abc import Callable, Collection
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, false, func, select
from sqlmodel import Session

from core.db.chain_tables import Checkpoint
from indexer import rows
from indexer.rows import Row

FACTS = (*rows.HISTORY, rows.Block, rows.Log)
"""Tables whose rows belong to one block and never change."""


class Snapshot:
    """One read transaction. Tables this release does not know are left alone."""

    def __init__(self, session: Session) -> None:
        self._connection: Connection = session.connection()
        self.checkpoint: Any = self._connection.execute(
            select(Checkpoint.__table__)  # type: ignore[attr-defined]
        ).one_or_none()
        """The row of table `checkpoint`, or None."""
        self._filled = {kind for kind in FACTS if self._any(kind)}

    def between(self, kind: Any, first: int, last: int) -> list[Row]:
        """Facts of blocks `first` to `last`, by block and place."""
        if kind not in self._filled:
            return []
        height = _height(kind)
        query = self._query(kind).where(height >= first, height <= last)
        return self._rows(kind, query.order_by(height, *_order(kind)))

    def outside(self, kind: Any, first: int, last: int) -> list[Row]:
        """Facts of blocks before `first` or after `last`."""
        if kind not in self._filled:
            return []
        height = _height(kind)
        return self._rows(kind, self._query(kind).where((height < first) | (height > last)))

    def whole(self, kind: Any) -> list[Row]:
        """A table of current state."""
        return self._rows(kind, select(kind.table))

    def of_documents(self, kind: Any, hashes: Collection[bytes]) -> list[Row]:
        """Rows that were read from these documents."""
        return self._rows(kind, select(kind.table).where(kind.table.c.data_hash.in_(hashes)))

    def unread(self, kind: Any) -> list[Row]:
        """Rows that claim a document nobody could read, or none at all."""
        document = rows.Document.table
        readable = select(document.c.data_hash).where(document.c.event_json.is_not(None))
        return self._rows(kind, select(kind.table).where(kind.table.c.data_hash.not_in(readable)))

    def history(self, product_id: bytes) -> list[Row]:
        """The entries of one product."""
        table = rows.Event.table
        return self._rows(rows.Event, select(table).where(table.c.product_id == product_id))

    def _any(self, kind: Any) -> bool:
        found = select(func.count()).select_from(select(kind.table).limit(1).subquery())
        return bool(self._connection.execute(found).scalar_one())

    def _query(self, kind: Any) -> Any:
        query = select(kind.table)
        # what a reorganisation took back stays in table log, marked
        return query.where(kind.table.c.orphaned == false()) if kind is rows.Log else query

    def _rows(self, kind: Any, query: Any) -> list[Row]:
        return list(map(kind._make, self._connection.execute(query)))


@lru_cache(maxsize=64)
def key_of(kind: Any) -> Callable[[Row], tuple[Any, ...]]:
    """Gives the primary key of rows of a table."""
    places = [kind._fields.index(column.name) for column in kind.table.primary_key]
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places)


def _height(kind: Any) -> Any:
    return kind.table.c.number if kind is rows.Block else kind.table.c.block_number


def _order(kind: Any) -> list[Any]:
    return [c for c in kind.table.primary_key if c.name in ("log_index", "position")]
