"""SensorOracle: who signs, and what was attested."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class OracleConfig(SQLModel, table=True):
    """A signer set of SensorOracle."""

    __tablename__ = "oracle_config"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    epoch: int = big()
    config_digest: bytes = blob()
    signers: bytes = blob()
    """Addresses concatenated, 20 bytes each."""
    threshold: int = big()


class Attestation(SQLModel, table=True):
    """A batch of sensor readings attested by k of n oracle workers (BatchAttested)."""

    __tablename__ = "attestation"
    __table_args__ = (
        Index("ix_attestation_product", "product_id"),
        Index("ix_attestation_device", "device", "block_number", "log_index"),
        CHAIN,
    )
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    batch_id: bytes = blob(unique=True)
    product_id: bytes = blob()
    device: bytes = blob()
    root: bytes = blob()
    manifest_hash: bytes = blob()
    median: int = big()
    """Milli-degrees Celsius, like minimum, maximum and the bounds."""
    minimum: int = big()
    maximum: int = big()
    lower_bound: int = big()
    upper_bound: int = big()
    count: int = big()
    excursions: int = big()
    """Readings outside the bounds."""
    from_time: int = big()
    to_time: int = big()
    epoch: int = big()
    signer_bitmap: str = text()
