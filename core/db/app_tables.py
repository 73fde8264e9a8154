"""Schema `app`: what we were told and what we still owe. Backed up; never derivable."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from core.db.columns import APP, big, big_key, blob, text


class Capture(SQLModel, table=True):
    """An event accepted by `POST /capture`: captured, then signed, recorded, final."""

    __tablename__ = "capture"
    __table_args__ = (Index("ix_capture_data_hash", "data_hash"), APP)
    capture_id: str = text(primary_key=True)
    idempotency_key: str | None = text(default=None, unique=True)
    created_at: int = big()
    actor: bytes = blob()
    counterparty: bytes | None = blob(default=None)
    kind: int = big()
    data_hash: bytes = blob()
    payload: bytes = blob()
    bundle: bytes = blob()
    event_json: str = text()
    typed_data: str = text()
    """The EIP-712 typed data to sign, as JSON."""
    signature: bytes | None = blob(default=None)
    counter_signature: bytes | None = blob(default=None)
    transaction_key: str | None = text(default=None)
    """Key of the relayed transaction in `app.transaction`, once signed."""


class Transaction(SQLModel, table=True):
    """The sender's outbox: the raw signed transaction is stored before it is sent."""

    __tablename__ = "transaction"
    __table_args__ = (
        UniqueConstraint("signer", "nonce", name="uq_transaction_nonce"),
        Index("ix_transaction_unsettled", "signer", "settled", "state"),
        APP,
    )
    id: int | None = big_key()
    key: str = text(unique=True)
    """The caller's idempotency key."""
    signer: bytes = blob()
    to: bytes = blob()
    data: bytes = blob()
    nonce: int | None = big(default=None)
    raw: bytes | None = blob(default=None)
    tx_hash: bytes | None = blob(default=None)
    state: str = text(default="queued")
    """`queued`, `sent`, `recorded`, `final` or `failed`."""
    block_number: int | None = big(default=None)
    block_hash: bytes | None = blob(default=None)
    error: str | None = text(default=None)
    error_code: str | None = text(default=None)
    settled: bool = False
    """Nothing can change any more: refused before sending, or its block is final."""
    created_at: int = big()
    updated_at: int = big()


class TransactionAttempt(SQLModel, table=True):
    """Every signed form of a transaction: a replacement keeps the nonce, either may be mined."""

    __tablename__ = "transaction_attempt"
    __table_args__ = (Index("ix_transaction_attempt_key", "key"), APP)
    tx_hash: bytes = blob(primary_key=True)
    key: str = text()
    nonce: int = big()
    raw: bytes = blob()
    max_fee: int = big()
    """Wei per gas, like the tip."""
    tip: int = big()
    created_at: int = big()


class SignerLease(SQLModel, table=True):
    """Who may assign nonces for a key right now."""

    __tablename__ = "signer_lease"
    __table_args__ = (APP,)
    signer: bytes = blob(primary_key=True)
    owner: str = text()
    expires_at: int = big()


class Reading(SQLModel, table=True):
    """A verified sensor reading; `(device, seq)` makes intake idempotent."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_open", "batch_id", "device", "seq"), APP)
    device: bytes = blob(primary_key=True)
    seq: int = big(primary_key=True)
    product_id: bytes = blob()
    value: int = big()
    """Milli-degrees Celsius."""
    measured_at: int = big()
    signature: bytes = blob()
    received_at: int = big()
    batch_id: bytes | None = blob(default=None)


class ReadingQuarantine(SQLModel, table=True):
    """A message the gateway refused, with the reason; nothing is dropped silently."""

    __tablename__ = "reading_quarantine"
    __table_args__ = (APP,)
    id: int | None = big_key()
    topic: str = text()
    payload: bytes = blob()
    code: str = text()
    reason: str = text()
    received_at: int = big()


class ReadingBatch(SQLModel, table=True):
    """A closed batch of readings on its way to the chain."""

    __tablename__ = "reading_batch"
    __table_args__ = (APP,)
    batch_id: bytes = blob(primary_key=True)
    product_id: bytes = blob()
    device: bytes = blob()
    root: bytes = blob()
    manifest_hash: bytes = blob()
    manifest: bytes = blob()
    report: str = text()
    """The Report struct as JSON."""
    signatures: str = text(default="[]")
    state: str = text(default="open")
    """`open` (collecting signatures), `submitted`, `final` or `failed`."""
    created_at: int = big()


class Series(SQLModel, table=True):
    """A time series to forecast."""

    __tablename__ = "series"
    __table_args__ = (APP,)
    series_id: bytes = blob(primary_key=True)
    """keccak256 of the name."""
    name: str = text(unique=True)
    unit: str = text()
    frequency: str = text()
    """pandas offset alias, e.g. `MS`."""
    source: str = text()


class Observation(SQLModel, table=True):
    """One observed value, in the series' smallest unit."""

    __tablename__ = "observation"
    __table_args__ = (APP,)
    series_id: bytes = blob(primary_key=True)
    period: str = text(primary_key=True)
    """ISO date of the period's start."""
    value: int = big()
    disclosed_at: int = big()
    """When this value became known here; a forecast is judged only on later ones."""


class Forecast(SQLModel, table=True):
    """A forecast, fixed in canonical bytes before it is committed on chain."""

    __tablename__ = "forecast"
    __table_args__ = (Index("ix_forecast_state", "state"), APP)
    commitment: bytes = blob(primary_key=True)
    """keccak256(salt ‖ sha256(document) ‖ keccak256(points))."""
    series_id: bytes = blob(index=True)
    document: bytes = blob()
    """RFC 8785 JSON: model, horizon, quantiles as integers, backtest figures as text."""
    salt: bytes = blob()
    cutoff: int = big()
    """Unix seconds; the commitment must be mined before."""
    state: str = text(default="ready")
    """`ready`, `submitted`, `committed`, `revealed`, `scored`; or `failed`, later `unscored`."""
    created_at: int = big()


class AuditEntry(SQLModel, table=True):
    """Who did what through the API."""

    __tablename__ = "audit_entry"
    __table_args__ = (APP,)
    id: int | None = big_key()
    at: int = big()
    subject: str = text()
    action: str = text()
    target: str = text()
    outcome: str = text()


class MasterDataFact(SQLModel, table=True):
    """One thing that captured master data says about a place, a party or a class of goods."""

    __tablename__ = "master_data_fact"
    __table_args__ = (
        Index("ix_master_data_subject", "subject", "kind"),
        Index("ix_master_data_name", "kind", "name"),
        APP,
    )
    id: int | None = big_key()
    vocabulary: str = text()
    """Its type, e.g. `urn:epcglobal:epcis:vtype:ReadPoint`."""
    subject: str = text()
    """The canonical URI it is about."""
    kind: str = text()
    """`attribute` or `child`."""
    name: str = text()
    """Of the attribute."""
    value: str = text()
    """The attribute's text or JSON, or the child's canonical URI."""
