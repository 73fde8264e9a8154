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


class NamedQuery(SQLModel, table=True):
    """A query under a name: `POST /queries`."""

    __tablename__ = "named_query"
    __table_args__ = (APP,)
    name: str = text(primary_key=True)
    query: str = text()
    """The parameters as JSON, as they were given."""
    created_at: int = big()


class Subscription(SQLModel, table=True):
    """Who is told about new events of a named query, when and where."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_due", "due_at"), APP)
    subscription_id: str = text(primary_key=True)
    query_name: str = text(index=True)
    target: str = text()
    secret: str = text()
    """The subscriber's own signature token; no answer shows it."""
    schedule: str | None = text(default=None)
    """JSON of the standard's fields; None = whenever an event comes."""
    report_if_empty: bool = False
    epc_format: str = text(default="No_Preference")
    initial_record_time: int = big()
    """Unix milliseconds; earlier events are not told."""
    floor_block: int = big(default=0)
    """Below it everything is told: final, and read as far as it can be."""
    pruned_block: int = big(default=0)
    """Below it nothing is told any more: what was told there is forgotten."""
    created_at: int = big()
    due_at: int = big()
    last_run_at: int | None = big(default=None)
    last_notified_at: int | None = big(default=None)


class ToldEvent(SQLModel, table=True):
    """An event that a subscription was told: never twice, whatever a reorganisation does."""

    __tablename__ = "told_event"
    __table_args__ = (APP,)
    subscription_id: str = text(primary_key=True)
    data_hash: bytes = blob(primary_key=True)


class WebhookMessage(SQLModel, table=True):
    """A message to a subscriber, kept until it is delivered and after, so it can be sent again."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        Index("ix_webhook_message_due", "state", "next_attempt_at"),
        Index("ix_webhook_message_subscription", "subscription_id", "created_at"),
        APP,
    )
    message_id: str = text(primary_key=True)
    subscription_id: str = text()
    body: str = text()
    state: str = text(default="waiting")
    """`waiting`, `delivered` or `failed` (for good, after the last attempt)."""
    attempts: int = big(default=0)
    next_attempt_at: int = big()
    answer: str | None = text(default=None)
    """The last answer's status, or why there was none."""
    created_at: int = big()


class CaptureJob(SQLModel, table=True):
    """A document that this service records for a partner without a wallet: `POST /capture`."""

    __tablename__ = "capture_job"
    __table_args__ = (
        Index("ix_capture_job_open", "finished_at", "created_at"),
        Index("ix_capture_job_pruned", "pruned_at", "finished_at"),
        APP,
    )
    job_id: str = text(primary_key=True)
    created_at: int = big()
    finished_at: int | None = big(default=None)
    behaviour: str = text()
    """`rollback` or `proceed`."""
    document: bytes = blob()
    """As it came, so that a restart can go on; of a large one only what is around the events."""
    success: bool = True
    is_xml: bool = False
    """A large document came as XML, so its sender is told places as XPath too."""
    judged_at: int | None = big(default=None)
    """When a large document passed the rules as a whole, before its first event is recorded."""
    recorded: int = big(default=-1)
    """Position of the last event of a large document that was worked off."""
    claimed_by: str | None = text(default=None)
    """The process that works it off, …"""
    claimed_until: int = big(default=0)
    """… and until when it does so unless it says so again."""
    pruned_at: int | None = big(default=None)
    """When its document was forgotten; how it ended stays."""


class CaptureEvent(SQLModel, table=True):
    """An event of a large document: checked, and waiting to be recorded."""

    __tablename__ = "capture_event"
    __table_args__ = (APP,)
    job_id: str = text(primary_key=True)
    position: int = big(primary_key=True)
    """In the document's list of events, from 0."""
    event: str = text()
    """RFC 8785 JSON, numbers as they were written; its context stands in the job."""
    cells: str | None = text(default=None)
    """JSON of places in the document -> cells, if it is from a table."""
    failed: bool = False
    """It passed the rules and could not be recorded."""


class CaptureJobError(SQLModel, table=True):
    """One thing that kept an event of a job from being recorded."""

    __tablename__ = "capture_job_error"
    __table_args__ = (APP,)
    job_id: str = text(primary_key=True)
    position: int = big(primary_key=True)
    problem: str = text()
    """RFC 9457 members as JSON."""
