"""One consistent view of both schemas for the length of one request."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.db.chain_tables import Block, Checkpoint
from core.db.engine import Database
from core.errors import DatabaseUnavailable, Malformed

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Meta:
    """How far the mirror has come: the state an answer was made from."""

    block: int
    finalized: int
    reorg_epoch: int

    def is_final(self, block_number: int) -> bool:
        """Whether a row of this block can no longer be reorganised away."""
        return block_number <= self.finalized

    def json(self) -> dict[str, int]:
        """The `meta` member every answer carries."""
        return {"block": self.block, "finalized": self.finalized, "reorgEpoch": self.reorg_epoch}

    @property
    def tag(self) -> str:
        """What a cache may be keyed by: equal tags mean equal chain rows."""
        return f"{self.block}.{self.finalized}.{self.reorg_epoch}"


class Snapshot:
    """Reads in one transaction, so a product and its events never come from different blocks.

    Opens its connection at the first read; `close` gives it back. Raises DatabaseUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._opened: ExitStack | None = None
        self._session: Session | None = None
        self._lock = threading.Lock()  # held by the thread: a cancelled caller leaves it running
        self._meta: Meta | None = None
        self._time: int | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether the SQL is SQLite's: an index over words is PostgreSQL's alone."""
        return self._database.is_sqlite

    async def all(self, statement: Any) -> Sequence[Any]:
        """Every row of a statement."""
        return await asyncio.to_thread(self._read, statement)

    async def rows(self, statement: SelectOfScalar[Row]) -> Sequence[Row]:
        """Every row of a statement over one table."""
        return await self.all(statement)

    async def first(self, statement: SelectOfScalar[Row]) -> Row | None:
        """The first row, or None."""
        rows = await self.rows(statement.limit(1))
        return rows[0] if rows else None

    async def meta(self) -> Meta:
        """The mirror's position in this very snapshot; block -1 before the first block."""
        if self._meta is None:
            row = await self.first(select(Checkpoint))
            self._meta = (
                Meta(row.block_number, row.finalized_number, row.reorg_epoch)
                if row
                else Meta(-1, -1, 0)
            )
        return self._meta

    async def time(self) -> int:
        """Unix seconds of the latest block: what a contract would call now; 0 before the first."""
        if self._time is None:
            last = await self.first(select(Block).order_by(col(Block.number).desc()))
            self._time = last.timestamp if last else 0
        return self._time

    async def close(self) -> None:
        """Ends the transaction and returns the connection."""
        if self._opened is not None:
            await asyncio.to_thread(self._close)

    async def __aenter__(self) -> "Snapshot":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _read(self, statement: Any) -> Sequence[Any]:
        with self._lock:
            if self._session is None:
                self._opened = ExitStack()
                self._session = self._opened.enter_context(self._database.read_session())
            try:
                found: Sequence[Any] = self._session.exec(statement).all()
            except (OperationalError, InterfaceError) as error:
                raise DatabaseUnavailable("the database did not answer") from error
            except DataError as error:
                self._session.rollback()  # else what is asked beside it would fail as well
                raise Malformed(f"the database holds no such value: {error.orig}") from error
            return found

    def _close(self) -> None:
        with self._lock:
            opened, self._opened, self._session = self._opened, None, None
            if opened is not None:
                opened.close()
