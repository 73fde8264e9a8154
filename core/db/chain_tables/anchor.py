"""AnchorLog: batches of events under one root."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob


class Anchor(SQLModel, table=True):
    """The root of a batch of events, in its publisher's name (EventsAnchored)."""

    __tablename__ = "anchor"
    __table_args__ = (Index("ix_anchor_publisher", "publisher", "index"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    publisher: bytes = blob()
    root: bytes = blob()
    manifest_hash: bytes = blob()
    """Zero when the publisher keeps the list of events to itself."""
    index: int = big()
    """Counts a publisher's anchors from 1."""
    count: int = big()
    tip: bytes = blob()
    """Commitment to all of the publisher's anchors up to this one, folded by the mirror."""
