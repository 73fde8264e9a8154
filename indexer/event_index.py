"""The index of events in SQL: what documents are found by, and what an older indexer left out."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, or_, select
from sqlmodel import Session

from core.db import Database
from core.db.chain_tables.event_index import VERSION
from indexer import rows
from indexer.statements import insert

log = structlog.get_logger()

_AT_ONCE: Final = 200
_DOCUMENT: Final = rows.Document.table.c
_INDEX: Final = rows.EventIndex.table.c


async def index_older(database: Database) -> None:
    """Index what is readable and in no index yet, or was indexed by an earlier version.

    Raises DatabaseUnavailable.
    """
    total, after = 0, b""
    while found := await database.read(partial(_missing, after=after)):
        made = [(row.data_hash, _rows_of(row)) for row in found]
        await database.write(partial(_add, made=made))
        total, after = total + len(found), found[-1].data_hash
    if total:
        log.info("events indexed", count=total)


def add(connection: Connection, data_hash: bytes, made: Sequence[Any]) -> None:
    """Write the rows of one event, at the block where its document stands now."""
    block = select(_DOCUMENT.first_block).where(_DOCUMENT.data_hash == data_hash)
    first_block = connection.execute(block).scalar_one()
    insert(
        connection,
        [
            row._replace(first_block=first_block) if type(row) is rows.EventIndex else row
            for row in made
        ],
    )


def _rows_of(row: Any) -> list[Any]:
    # EPCIS and its schemas: memory that a mirror which owes no index never needs
    from core.document import parse_event
    from indexer.event_words import index_rows

    return index_rows(row.data_hash, parse_event(row.event_json), row._asdict())


def _missing(session: Session, after: bytes = b"") -> list[Any]:
    query = (
        select(rows.Document.table)
        .outerjoin(rows.EventIndex.table, _INDEX.data_hash == _DOCUMENT.data_hash)
        .where(
            _DOCUMENT.status == "ready",
            _DOCUMENT.event_json.is_not(None),
            _DOCUMENT.data_hash > after,
            or_(_INDEX.data_hash.is_(None), _INDEX.version < VERSION),
        )
        .order_by(_DOCUMENT.data_hash)
        .limit(_AT_ONCE)
    )
    return [rows.Document(*row) for row in session.execute(query)]


def _add(session: Session, made: Sequence[tuple[bytes, list[Any]]]) -> None:
    """A document may have left with its block in between."""
    connection = session.connection()
    for data_hash, found in made:
        standing = select(_DOCUMENT.data_hash).where(
            _DOCUMENT.data_hash == data_hash, _DOCUMENT.event_json.is_not(None)
        )
        if connection.execute(standing).first():
            for table in (rows.EventIndex.table, rows.EventValue.table):
                connection.execute(delete(table).where(table.c.data_hash == data_hash))
            add(connection, data_hash, found)
