"""What EPCIS events are found by: derived from documents, and from nothing else."""

from typing import Final

from sqlalchemy import Index, func, literal_column
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text

VERSION: Final = 1
"""Grows when events are to be found by more than before; older rows are then made anew."""


class EventIndex(SQLModel, table=True):
    """One readable event: its places in the two orders, its words, and what collections list."""

    __tablename__ = "event_index"
    __table_args__ = (
        Index("ix_event_index_record_time", "first_block", "data_hash"),
        Index("ix_event_index_event_time", "event_time", "data_hash"),
        Index("ix_event_index_biz_step", "biz_step"),
        Index("ix_event_index_disposition", "disposition"),
        Index("ix_event_index_read_point", "read_point"),
        Index("ix_event_index_biz_location", "biz_location"),
        CHAIN,
    )
    data_hash: bytes = blob(primary_key=True)
    first_block: int = big()
    event_time: int = big()
    """Unix milliseconds; 0 where the event withholds or spoils its time."""
    words: str = text()
    """core.epcis.query.terms.word of each term, with a space between."""
    event_type: str | None = text(default=None)
    biz_step: str | None = text(default=None)
    disposition: str | None = text(default=None)
    read_point: str | None = text(default=None)
    biz_location: str | None = text(default=None)
    version: int = big(default=0, sa_column_kwargs={"server_default": "0"})
    """VERSION of the indexer that made these rows."""


Index(
    "ix_event_index_words",
    func.string_to_array(literal_column("words"), literal_column("' '")),
    postgresql_using="gin",
    _table=EventIndex.__table__,  # type: ignore[attr-defined]
).ddl_if(dialect="postgresql")
"""PostgreSQL's inverted index; SQLite, made for small mirrors, looks through the words."""


class EventValue(SQLModel, table=True):
    """A number, time or identifier that an event is found by in a range."""

    __tablename__ = "event_value"
    __table_args__ = (Index("ix_event_value", "field", "value"), CHAIN)
    data_hash: bytes = blob(primary_key=True)
    field: str = text(primary_key=True)
    """core.epcis.query.terms.word of the field's name."""
    value: bytes = blob(primary_key=True)
    """Bytes that sort like what they stand for: core.epcis.query.ordered, or a URI's UTF-8."""
