"""From an event to the rows it is found by: pure, and shared with `verify`."""

from typing import Any, Final

from core.db.chain_tables.event_index import VERSION
from core.document import LexicalObject
from core.epcis.query.terms import Terms, normal, terms_of, word
from indexer import rows

_LONGEST: Final = 700
"""UTF-8 bytes of a value that a B-tree of PostgreSQL takes in any case (limit 2,700 a row)."""


def index_rows(data_hash: bytes, event: LexicalObject, columns: dict[str, Any]) -> list[Any]:
    """Rows of `event_index` and `event_value` for `event_index.add`; `columns` are those of
    `document`."""
    terms = terms_of(event, columns["event_hash"])
    words = {word(name, value) for name, value in terms.words}
    listed = (columns["event_type"], columns["biz_step"], columns["disposition"])
    entry = rows.EventIndex(
        data_hash,
        0,  # `add` knows the block
        columns["event_time"] or 0,
        " ".join(sorted(words)),
        *map(_short, (*listed, columns["read_point"], _place(event))),
        VERSION,
    )
    return [entry, *_values(data_hash, terms)]


def _values(data_hash: bytes, terms: Terms) -> list[Any]:
    things = {(name, uri.encode("utf-8", "replace")) for name, uri in terms.things}
    texts = {(name, value[:_LONGEST]) for name, value in terms.texts}
    return [
        rows.EventValue(data_hash, word(name, ""), value)
        for name, value in sorted(terms.numbers | things | texts)
        if len(value) <= _LONGEST
    ]


def _place(event: LexicalObject) -> str | None:
    place = event.get("bizLocation")
    text = place.get("id") if isinstance(place, dict) else None
    return rows.clean(normal(text)) if isinstance(text, str) else None


def _short(text: str | None) -> str | None:
    return text if text is not None and len(text.encode("utf-8", "replace")) <= _LONGEST else None
