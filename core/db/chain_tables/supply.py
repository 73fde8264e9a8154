"""SupplyChain: what happened to products, and how they stand."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Event(SQLModel, table=True):
    """One history entry of one product, whichever event of SupplyChain made it."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_data_hash", "data_hash"),
        Index("ix_event_product", "product_id", "seq"),
        Index("ix_event_actor", "actor", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    product_id: bytes = blob()
    seq: int = big()
    kind: int = big()
    """core.types.EventKind."""
    actor: bytes = blob()
    counterparty: bytes = blob()
    """As it stands in the leaf: see core.chain.proof.head.Entry."""
    data_hash: bytes = blob()
    occurred_at: int = big()
    """Unix milliseconds, as signed."""
    head: bytes = blob()
    """The product's head after this entry, folded by the mirror."""


class CustodyTransfer(SQLModel, table=True):
    """A product changed hands; `from_actor` is zero for the first recorder."""

    __tablename__ = "custody_transfer"
    __table_args__ = (Index("ix_custody_product", "product_id", "seq"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    seq: int = big()
    from_actor: bytes = blob()
    to_actor: bytes = blob()
    data_hash: bytes = blob()
    occurred_at: int = big()


class Recall(SQLModel, table=True):
    """A recall notice on a product; level 0 closes the recall before it."""

    __tablename__ = "recall"
    __table_args__ = (Index("ix_recall_product", "product_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    seq: int = big()
    actor: bytes = blob()
    notice_hash: bytes = blob()
    level: int = big()
    occurred_at: int = big()


class Packing(SQLModel, table=True):
    """A product was packed into another or taken out of it."""

    __tablename__ = "packing"
    __table_args__ = (
        Index("ix_packing_product", "product_id", "seq"),
        Index("ix_packing_parent", "parent_id"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    seq: int = big()
    parent_id: bytes = blob()
    packed: bool
    """False: it was taken out."""
    actor: bytes = blob()
    """Who held both."""
    data_hash: bytes = blob()
    occurred_at: int = big()


class HandoverOffer(SQLModel, table=True):
    """A custodian offered a product to somebody (HandoverOffered)."""

    __tablename__ = "handover_offer"
    __table_args__ = (
        Index("ix_offer_product", "product_id", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    product_id: bytes = blob()
    from_actor: bytes = blob()
    to_actor: bytes = blob()
    data_hash: bytes = blob()
    occurred_at: int = big()
    deadline: int = big()
    """Unix seconds."""
    prev_head: bytes = blob()
    """The product's head the offer is good for; any later entry makes it stale."""


class OfferEnd(SQLModel, table=True):
    """An offer ended without a handover."""

    __tablename__ = "offer_end"
    __table_args__ = (Index("ix_offer_end_product", "product_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    from_actor: bytes = blob()
    to_actor: bytes = blob()
    outcome: str = text()
    """`rejected`, `cancelled` or `expired`."""


class Delegation(SQLModel, table=True):
    """An account let another act for it until a moment, or stopped it (DelegateSet)."""

    __tablename__ = "delegation"
    __table_args__ = (Index("ix_delegation_account", "account"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    account: bytes = blob()
    delegate: bytes = blob()
    until: int = big()
    """Unix seconds; 0 = no longer."""


class SkippedRecord(SQLModel, table=True):
    """A relayed entry that came too late and was left out, the others not (RecordSkipped)."""

    __tablename__ = "skipped_record"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    product_id: bytes = blob()
    actor: bytes = blob()
    expected: bytes = blob()
    actual: bytes = blob()


class MassDeclaration(SQLModel, table=True):
    """How much there was of a product when its custodian weighed it (MassDeclared)."""

    __tablename__ = "mass_declaration"
    __table_args__ = (Index("ix_mass_product", "product_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    actor: bytes = blob()
    grams: str = text()
    """Decimal (uint128)."""


class Transformation(SQLModel, table=True):
    """One input or output of a transformation (ProductsTransformed), in the event's order."""

    __tablename__ = "transformation"
    __table_args__ = (
        Index("ix_transformation_product", "product_id"),
        Index("ix_transformation_document", "data_hash"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    position: int = big(primary_key=True)
    tx_hash: bytes = blob()
    data_hash: bytes = blob()
    actor: bytes = blob()
    product_id: bytes = blob()
    role: str = text()
    """`input` or `output`."""
    grams: str | None = text(default=None)
    """Used or made, decimal (uint128); null without a mass balance."""


class Product(SQLModel, table=True):
    """The current state of a product, a fold over its history rows and its containers'."""

    __tablename__ = "product"
    __table_args__ = (
        # the operator class serves LIKE 'prefix%' too, whatever the database's collation
        Index("ix_product_uri", "uri", postgresql_ops={"uri": "text_pattern_ops"}),
        Index("ix_product_first_block", "first_block", "product_id"),
        Index("ix_product_custodian", "custodian", "first_block", "product_id"),
        Index("ix_product_recall_level", "recall_level", "first_block", "product_id"),
        Index("ix_product_parent", "parent_id"),
        CHAIN,
    )
    product_id: bytes = blob(primary_key=True)
    uri: str | None = text(default=None)
    """Canonical Digital Link; unknown until a document that names it has been read."""
    seq: int = big()
    head: bytes = blob()
    custodian: bytes = blob()
    """Of a packed product: who holds the outermost container."""
    parent_id: bytes | None = blob(default=None)
    """What it is packed in."""
    recall_level: int = big(default=0)
    first_block: int = big()
    last_block: int = big()
