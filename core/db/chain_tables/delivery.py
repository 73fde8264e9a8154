"""DeliveryEscrow: money that waits for a delivery."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Delivery(SQLModel, table=True):
    """A buyer's money waits for a delivery (DeliveryFunded)."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_product", "product_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    delivery_id: bytes = blob(unique=True)
    product_id: bytes = blob()
    buyer: bytes = blob()
    seller: bytes = blob()
    arbiter: bytes = blob()
    token: bytes = blob()
    amount: str = text()
    """In the token's smallest unit, decimal (uint128)."""
    device: bytes = blob()
    lower_bound: int = big()
    """Milli-degrees Celsius, like `upper_bound`."""
    upper_bound: int = big()
    deadline: int = big()
    """Unix seconds."""


class DeliveryStep(SQLModel, table=True):
    """What became of a delivery."""

    __tablename__ = "delivery_step"
    __table_args__ = (
        Index("ix_delivery_step", "delivery_id", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    delivery_id: bytes = blob()
    step: str = text()
    """`confirmed`, `excursion`, `disputed`, `resolved` or `closed`."""
    actor: bytes | None = blob(default=None)
    reason_hash: bytes | None = blob(default=None)
    to_seller: str | None = text(default=None)
    """At the close; in the token's smallest unit, decimal."""
    to_buyer: str | None = text(default=None)
    """At the close; of an excursion, what is withheld for the buyer so far."""
