"""CarbonToken and FootprintRegistry: credits, and what they are retired against."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class CreditBatch(SQLModel, table=True):
    """Carbon credits issued over one serial range."""

    __tablename__ = "credit_batch"
    __table_args__ = (
        Index("ix_credit_batch_project", "project", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    credit_id: bytes = blob(index=True)
    """The ERC-1155 id as 32 big-endian bytes."""
    project: bytes = blob()
    vintage: int = big()
    batch: int = big()
    serial_start: int = big()
    serial_end: int = big()
    """Exclusive."""
    metadata_hash: bytes = blob()
    issued_to: bytes = blob()


class CreditTransfer(SQLModel, table=True):
    """Credits moved; zero addresses mean issued or retired. `position` counts inside a batch."""

    __tablename__ = "credit_transfer"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    position: int = big(primary_key=True, default=0)
    credit_id: bytes = blob()
    from_actor: bytes = blob()
    to_actor: bytes = blob()
    amount: str = text()
    """Kilograms CO2e, decimal (uint256)."""


class CreditRetirement(SQLModel, table=True):
    """Credits retired for good, on behalf of a product when `product_id` is not zero."""

    __tablename__ = "credit_retirement"
    __table_args__ = (
        Index("ix_retirement_product", "product_id"),
        Index("ix_retirement_credit", "credit_id", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    credit_id: bytes = blob()
    retirement_id: str = text()
    """With the credit id it names the retirement: its first kilogram among the credit's retired."""
    holder: bytes = blob()
    beneficiary: bytes = blob()
    product_id: bytes = blob()
    amount: str = text()
    """Kilograms CO2e, decimal (uint256)."""
    purpose_hash: bytes = blob()


class CreditCancellation(SQLModel, table=True):
    """Credits that are gone for good and count for nobody (CreditCancelled)."""

    __tablename__ = "credit_cancellation"
    __table_args__ = (Index("ix_cancellation_credit", "credit_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    credit_id: bytes = blob()
    holder: bytes = blob()
    reason_hash: bytes = blob()
    amount: str = text()
    """Kilograms CO2e, decimal (uint256)."""


class Footprint(SQLModel, table=True):
    """A product's carbon footprint, stated on chain by its publisher (FootprintPublished)."""

    __tablename__ = "footprint"
    __table_args__ = (Index("ix_footprint_product", "product_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    product_id: bytes = blob()
    publisher: bytes = blob()
    document_hash: bytes = blob()
    pact_id: bytes = blob()
    """UUID of the PACT footprint, 16 bytes."""
    version: int = big()
    """A later version of the same publisher supersedes this one."""
    kg: str = text()
    """Kilograms CO2e, decimal (uint64)."""


class FootprintVerification(SQLModel, table=True):
    """A certifier states something about a version of a footprint (FootprintVerified)."""

    __tablename__ = "footprint_verification"
    __table_args__ = (Index("ix_footprint_verification", "product_id", "publisher"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    product_id: bytes = blob()
    publisher: bytes = blob()
    verifier: bytes = blob()
    version: int = big()
    statement_hash: bytes = blob()
