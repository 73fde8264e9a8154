"""All rows of the mirror as of one moment."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from core.db.chain_tables import Checkpoint
from indexer import rows
from indexer.rows import Row

KINDS = (*rows.HISTORY, *rows.STATES, rows.Block, rows.Log, rows.Document, rows.DocumentProduct)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What SQL holds."""

    checkpoint: Any
    """The row of table `checkpoint`, or None."""
    tables: dict[str, dict[tuple[Any, ...], Row]]
    """By table name, then by primary key."""


def take_snapshot(session: Session) -> Snapshot:
    """Read everything in the session's one transaction."""
    connection = session.connection()
    checkpoint = connection.execute(select(Checkpoint.__table__)).one_or_none()  # type: ignore[attr-defined]
    tables = {}
    for kind in KINDS:
        found = [kind(*row) for row in connection.execute(select(kind.table))]
        tables[kind.table.name] = {key_of(row): row for row in found}
    return Snapshot(checkpoint, tables)


def key_of(row: Row) -> tuple[Any, ...]:
    """A row's primary key."""
    names = [column.name for column in type(row).table.primary_key]
    return tuple(getattr(row, name) for name in names)
