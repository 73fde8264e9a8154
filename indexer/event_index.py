"""From an event to the rows it is found by; and what an older indexer read, indexed once."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select
from sqlmodel import Session

from core.db import Database
from core.document import LexicalObject, parse_event
from core.epcis.query.terms import Terms, normal, terms_of, word
from indexer import rows
from indexer.statements import insert

log = structlog.get_logger()

_LONGEST: Final = 700
"""UTF-8 bytes of a value that a B-tree of PostgreSQL takes in any case (limit 2,700 a row)."""
_AT_ONCE: Final = 200
_DOCUMENT: Final = rows.Document.table.c
_INDEX: Final = rows.EventIndex.table.c


def index_rows(data_hash: bytes, event: LexicalObject, columns: dict[str, Any]) -> list[Any]:
    """Rows of `event_index` and `event_value` for `add`; `columns` are those of `document`."""
    terms = terms_of(event, columns["event_hash"])
    words = {word(name, value) for name, value in terms.words}
    listed = (columns["event_type"], columns["biz_step"], columns["disposition"])
    entry = rows.EventIndex(
        data_hash,
        0,  # `add` knows the block
        columns["event_time"] or 0,
        " ".join(sorted(words)),
        *map(_short, (*listed, columns["read_point"], _place(event))),
    )
    return [entry, *_values(data_hash, terms)]


def _values(data_hash: bytes, terms: Terms) -> list[Any]:
    things = {(name, uri.encode("utf-8", "replace")) for name, uri in terms.things}
    return [
        rows.EventValue(data_hash, word(name, ""), value)
        for name, value in sorted(terms.numbers | things)
        if len(value) <= _LONGEST
    ]


def _place(event: LexicalObject) -> str | None:
    place = event.get("bizLocation")
    text = place.get("id") if isinstance(place, dict) else None
    return rows.clean(normal(text)) if isinstance(text, str) else None


def _short(text: str | None) -> str | None:
    return text if text is not None and len(text.encode("utf-8", "replace")) <= _LONGEST else None


async def index_older(database: Database) -> None:
    """Index what is readable and in no index yet: the rest of a mirror of an earlier version.

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
    return index_rows(row.data_hash, parse_event(row.event_json), row._asdict())


def _missing(session: Session, after: bytes = b"") -> list[Any]:
    query = (
        select(rows.Document.table)
        .outerjoin(rows.EventIndex.table, _INDEX.data_hash == _DOCUMENT.data_hash)
        .where(
            _DOCUMENT.status == "ready",
            _DOCUMENT.event_json.is_not(None),
            _DOCUMENT.data_hash > after,
            _INDEX.data_hash.is_(None),
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
            add(connection, data_hash, found)
