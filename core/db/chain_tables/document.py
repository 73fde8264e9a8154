"""The documents behind the hashes, as IPFS holds them."""

from sqlalchemy import Index
from sqlalchemy import text as text_
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Document(SQLModel, table=True):
    """The document behind a data hash: the indexer's second stage, with its own retry."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_status", "status", "next_attempt_at"),
        Index("ix_document_first_block", "first_block", "data_hash"),
        # nearly all documents are events, and are listed by the index before
        Index(
            "ix_document_media",
            *("media", "first_block", "data_hash"),
            postgresql_where=text_("media <> 'event'"),
            sqlite_where=text_("media <> 'event'"),
        ),
        CHAIN,
    )
    data_hash: bytes = blob(primary_key=True)
    media: str = text(default="event")
    """What the hash stands for: `event`, `manifest`, `metadata`, `purpose`, `certificate`,
    `footprint`, `statement`, `reason` or `notice`; of several the one named last here, which
    accepts the most."""
    status: str = text(default="pending")
    """`pending`, `ready` or `quarantined`."""
    reason: str | None = text(default=None)
    attempts: int = big(default=0)
    next_attempt_at: int = big(default=0)
    first_block: int = big()
    payload: bytes | None = blob(default=None)
    """The exact bytes that hash to `data_hash`."""
    disclosures: str | None = text(default=None)
    """JSON array of base64url disclosures that are public."""
    event_json: str | None = text(default=None)
    """The event as far as it is disclosed, numbers and text as written by its author."""
    withheld: int = big(default=0)
    """Fields the public disclosures do not reveal."""
    event_hash: str | None = text(default=None)
    """CBV 2.0 event hash: an interoperable id, not a commitment."""
    event_type: str | None = text(default=None)
    biz_step: str | None = text(default=None)
    disposition: str | None = text(default=None)
    event_time: int | None = big(default=None)
    read_point: str | None = text(default=None)


class DocumentProduct(SQLModel, table=True):
    """Which product a document speaks of, and in what role: the edges of the trace graph."""

    __tablename__ = "document_product"
    __table_args__ = (Index("ix_document_product", "product_id", "role"), CHAIN)
    data_hash: bytes = blob(primary_key=True)
    position: int = big(primary_key=True)
    product_id: bytes = blob()
    uri: str = text()
    role: str = text()
    """`object`, `parent`, `child`, `input` or `output`."""
    quantity: str | None = text(default=None)
    """The author's number, to the letter."""
    uom: str | None = text(default=None)
