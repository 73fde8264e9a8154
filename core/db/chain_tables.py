"""Schema `chain`: mirrors of what the contracts logged and IPFS holds, written by the indexer only.

Every history row carries `(block_number, log_index)`, its place in the chain, which is also the
keyset cursor of the API. Rows of an orphaned block are removed from the derived tables; the raw
`log` keeps them, flagged.
"""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Checkpoint(SQLModel, table=True):
    """One row: how far the mirror has come. Written in the same transaction as the rows."""

    __tablename__ = "checkpoint"
    __table_args__ = (CHAIN,)
    chain_id: int = big(primary_key=True)
    block_number: int = big()
    block_hash: bytes = blob()
    finalized_number: int = big()
    reorg_epoch: int = big(default=0)
    """Grows by one with every reorg, so caches keyed by block height cannot go stale."""
    genesis_hash: bytes = blob()
    deployment: bytes = blob()
    """SHA-256 over the contract addresses this is a mirror of; another chain is refused."""


class Block(SQLModel, table=True):
    """A canonical block that the mirror has applied."""

    __tablename__ = "block"
    __table_args__ = (CHAIN,)
    number: int = big(primary_key=True)
    hash: bytes = blob()
    parent_hash: bytes = blob()
    timestamp: int = big()
    """Unix seconds."""
    state_digest: bytes = blob()
    """Chained digest over all derived rows up to here; equal in every honest mirror."""


class Log(SQLModel, table=True):
    """A raw log of our contracts, kept for re-deriving; `orphaned` marks a lost fork."""

    __tablename__ = "log"
    __table_args__ = (Index("ix_log_block", "block_number", "log_index"), CHAIN)
    block_hash: bytes = blob(primary_key=True)
    log_index: int = big(primary_key=True)
    block_number: int = big()
    address: bytes = blob()
    topics: bytes = blob()
    """Topics concatenated, 32 bytes each."""
    data: bytes = blob()
    tx_hash: bytes = blob()
    orphaned: bool = False


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
        Index("ix_packing_parent", "parent_id", "block_number", "log_index"),
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
        Index("ix_offer_receiver", "to_actor", "block_number", "log_index"),
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
    __table_args__ = (Index("ix_skipped_product", "product_id"), CHAIN)
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
    __table_args__ = (Index("ix_transformation_product", "product_id"), CHAIN)
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
        Index("ix_product_uri", "uri"),
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


class Actor(SQLModel, table=True):
    """An address with the identity the registrar vouches for."""

    __tablename__ = "actor"
    __table_args__ = (CHAIN,)
    address: bytes = blob(primary_key=True)
    role: int = big()
    identifier: str = text()
    name: str = text()
    registered_block: int = big()
    revoked_block: int | None = big(default=None)


class CreditBatch(SQLModel, table=True):
    """Carbon credits issued over one serial range."""

    __tablename__ = "credit_batch"
    __table_args__ = (CHAIN,)
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
    __table_args__ = (Index("ix_retirement_product", "product_id"), CHAIN)
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


class Certificate(SQLModel, table=True):
    """A certifier vouches for a product, a party or a place (CertificateIssued)."""

    __tablename__ = "certificate"
    __table_args__ = (Index("ix_certificate_subject", "subject"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    certificate_id: bytes = blob(unique=True)
    subject: bytes = blob()
    """keccak256 of the subject's canonical URI; of a product that is its id."""
    certifier: bytes = blob()
    scheme: bytes = blob()
    document_hash: bytes = blob()
    valid_from: int = big()
    """Unix seconds, like `valid_to`; both belong to the validity."""
    valid_to: int = big()


class CertificateRevocation(SQLModel, table=True):
    """A certificate holds no longer, from this block on (CertificateRevoked)."""

    __tablename__ = "certificate_revocation"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    certificate_id: bytes = blob(unique=True)
    revoker: bytes = blob()
    reason_hash: bytes = blob()


class Anchor(SQLModel, table=True):
    """The root of a batch of events, in its publisher's name (EventsAnchored)."""

    __tablename__ = "anchor"
    __table_args__ = (Index("ix_anchor_publisher", "publisher", "index"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    publisher: bytes = blob()
    root: bytes = blob(index=True)
    manifest_hash: bytes = blob()
    """Zero when the publisher keeps the list of events to itself."""
    index: int = big()
    """Counts a publisher's anchors from 1."""
    count: int = big()
    tip: bytes = blob()
    """Commitment to all of the publisher's anchors up to this one, folded by the mirror."""


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
    __table_args__ = (Index("ix_attestation_product", "product_id"), CHAIN)
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


class ForecastCommitment(SQLModel, table=True):
    """The hash of a forecast, on chain before its cutoff (ForecastCommitted)."""

    __tablename__ = "forecast_commitment"
    __table_args__ = (Index("ix_forecast_series", "series_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob(index=True)
    cutoff: int = big()
    """Unix seconds."""


class UnknownLog(SQLModel, table=True):
    """A log of our contracts that no decoder understood: kept and counted, never dropped."""

    __tablename__ = "unknown_log"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    reason: str = text()


class Document(SQLModel, table=True):
    """The document behind a data hash: the indexer's second stage, with its own retry."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_status", "status", "next_attempt_at"), CHAIN)
    data_hash: bytes = blob(primary_key=True)
    media: str = text(default="event")
    """What the hash stands for: `event`, `manifest`, `metadata`, `purpose` or `notice`; of several
    the one named last here, which accepts the most."""
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
