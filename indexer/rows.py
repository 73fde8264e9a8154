"""Rows as plain tuples in the column order of their table: what handlers give and stores take.

SQLModel objects cost twenty times as much and stay out of the hot path; the tables in
`core.db.chain_tables` remain the one place that names columns.
"""

from collections import namedtuple
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from sqlalchemy import Table
from sqlmodel import SQLModel

from core.db import chain_tables
from core.errors import Malformed

Row: TypeAlias = Any
"""A named tuple with `.table`; its fields are that table's columns. `.prefix` tells hashed rows of
two tables apart. `.of` makes one from all values in order, at a third of the price: it does not
count them."""


def _row_type(model: type[SQLModel]) -> Any:
    table: Table = model.__table__  # type: ignore[attr-defined]
    kind = namedtuple(model.__name__, table.columns.keys())  # type: ignore[misc]
    kind.table = table  # type: ignore[attr-defined]
    kind.prefix = table.name.encode() + b"\n"  # type: ignore[attr-defined]
    kind.of = partial(tuple.__new__, kind)  # type: ignore[attr-defined]
    return kind


Event: Final = _row_type(chain_tables.Event)
CustodyTransfer: Final = _row_type(chain_tables.CustodyTransfer)
Recall: Final = _row_type(chain_tables.Recall)
Packing: Final = _row_type(chain_tables.Packing)
HandoverOffer: Final = _row_type(chain_tables.HandoverOffer)
OfferEnd: Final = _row_type(chain_tables.OfferEnd)
Delegation: Final = _row_type(chain_tables.Delegation)
SkippedRecord: Final = _row_type(chain_tables.SkippedRecord)
MassDeclaration: Final = _row_type(chain_tables.MassDeclaration)
Transformation: Final = _row_type(chain_tables.Transformation)
Product: Final = _row_type(chain_tables.Product)
Actor: Final = _row_type(chain_tables.Actor)
Device: Final = _row_type(chain_tables.Device)
CreditBatch: Final = _row_type(chain_tables.CreditBatch)
CreditTransfer: Final = _row_type(chain_tables.CreditTransfer)
CreditRetirement: Final = _row_type(chain_tables.CreditRetirement)
CreditCancellation: Final = _row_type(chain_tables.CreditCancellation)
Footprint: Final = _row_type(chain_tables.Footprint)
FootprintVerification: Final = _row_type(chain_tables.FootprintVerification)
Certificate: Final = _row_type(chain_tables.Certificate)
CertificateRevocation: Final = _row_type(chain_tables.CertificateRevocation)
Anchor: Final = _row_type(chain_tables.Anchor)
Delivery: Final = _row_type(chain_tables.Delivery)
DeliveryStep: Final = _row_type(chain_tables.DeliveryStep)
OracleConfig: Final = _row_type(chain_tables.OracleConfig)
Attestation: Final = _row_type(chain_tables.Attestation)
ForecastCommitment: Final = _row_type(chain_tables.ForecastCommitment)
ForecastBond: Final = _row_type(chain_tables.ForecastBond)
BondSettlement: Final = _row_type(chain_tables.BondSettlement)
ForecastReveal: Final = _row_type(chain_tables.ForecastReveal)
ForecastOutcome: Final = _row_type(chain_tables.ForecastOutcome)
ForecastScore: Final = _row_type(chain_tables.ForecastScore)
UnknownLog: Final = _row_type(chain_tables.UnknownLog)
Checkpoint: Final = _row_type(chain_tables.Checkpoint)
Block: Final = _row_type(chain_tables.Block)
Log: Final = _row_type(chain_tables.Log)
Document: Final = _row_type(chain_tables.Document)
OrphanedBlock: Final = _row_type(chain_tables.OrphanedBlock)
OrphanedRow: Final = _row_type(chain_tables.OrphanedRow)
DocumentProduct: Final = _row_type(chain_tables.DocumentProduct)
EventIndex: Final = _row_type(chain_tables.EventIndex)
EventValue: Final = _row_type(chain_tables.EventValue)

HISTORY: Final = (
    Event,
    CustodyTransfer,
    Recall,
    Packing,
    HandoverOffer,
    OfferEnd,
    Delegation,
    SkippedRecord,
    MassDeclaration,
    Transformation,
    CreditBatch,
    CreditTransfer,
    CreditRetirement,
    CreditCancellation,
    Footprint,
    FootprintVerification,
    Certificate,
    CertificateRevocation,
    Anchor,
    Delivery,
    DeliveryStep,
    OracleConfig,
    Attestation,
    ForecastCommitment,
    ForecastBond,
    BondSettlement,
    ForecastReveal,
    ForecastOutcome,
    ForecastScore,
    UnknownLog,
)
"""Tables of facts: one row stems from one log and never changes."""

STATES: Final = (Product, Actor, Device)
"""Tables of current state: a fold over history."""

PLACE: Final = slice(
    Product._fields.index("custodian"),
    Product._fields.index("first_block") + 1,
)
"""The columns of a product that its newest entry does not tell; its name is not the chain's."""


@lru_cache(maxsize=256)
def document(data_hash: bytes, media: str, block: int) -> tuple[Row, ...]:
    """The pending document behind a hash; a zero hash stands for none.

    The entries of one transaction mostly share theirs, so a row is made once.
    """
    if data_hash == _NO_HASH:
        return ()
    return (Document(data_hash, media, "pending", None, 0, 0, block, *_UNREAD),)


_NO_HASH: Final = bytes(32)
_UNREAD: Final = tuple(
    0 if name == "withheld" else None
    for name in Document._fields[Document._fields.index("first_block") + 1 :]
)
"""The columns a read document fills."""

MEDIA: Final = (
    "event",
    "manifest",
    "metadata",
    "purpose",
    "certificate",
    "footprint",
    "statement",
    "reason",
    "notice",
)
"""What a hash may stand for, the strictest first: bytes that one of them accepts, all after it do
too, and read the same."""


def merged(first: Row | None, second: Row) -> Row:
    """A document that is mentioned twice: as of the first mention, as lenient as any."""
    if first is None:
        return second
    media = max(first.media, second.media, key=MEDIA.index)
    return first._replace(media=media, first_block=min(first.first_block, second.first_block))


def small(value: int, name: str) -> int:
    """A uint64 that SQL can hold. Raises Malformed beyond 63 bits."""
    if value >= 1 << 63:
        raise Malformed(f"{name} {value} does not fit 63 bits", pointer=name)
    return value


def clamped(value: int) -> int:
    """A uint64 moment as SQL can hold it: what lies beyond 63 bits is never."""
    return min(value, (1 << 63) - 1)


def clean(text: str) -> str:
    """Text that SQL can hold: PostgreSQL has no NUL in text."""
    return text.replace("\0", "\ufffd")
