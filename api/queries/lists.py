"""What can be listed, each with the unique columns that order it."""

from typing import Any, Final, TypeVar

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.db.app_tables import Forecast
from core.db.chain_tables import (
    Actor,
    Attestation,
    Block,
    CreditBatch,
    CreditRetirement,
    CustodyTransfer,
    Document,
    DocumentProduct,
    Event,
    OrphanedBlock,
    Product,
    Recall,
)
from core.types import EventKind

RowT = TypeVar("RowT")
_UNNAMED_KINDS: Final = [kind for kind in range(1, 16) if EventKind(kind) is EventKind.OTHER]

PLACE: Final = ("block_number", "log_index")
"""A history row's place in the chain."""
PRODUCT_KEYS: Final = ("first_block", "product_id")
ACTOR_KEYS: Final = ("registered_block", "address")
DOCUMENT_KEYS: Final = ("first_block", "data_hash")
FORECAST_KEYS: Final = ("created_at", "commitment")
ORPHAN_KEYS: Final = ("number", "hash")


def products(
    *, custodian: bytes | None, recalled: bool | None, gtin: str | None
) -> SelectOfScalar[Product]:
    statement = _where(select(Product), Product.custodian, custodian)
    if recalled is not None:
        level = col(Product.recall_level)
        statement = statement.where(level > 0 if recalled else level == 0)
    if gtin is not None:
        start = f"https://id.gs1.org/01/{gtin}"
        statement = statement.where(col(Product.uri).startswith(start, autoescape=True))
    return statement


def events(
    *, product_id: bytes | None, actor: bytes | None, kind: int | None, data_hash: bytes | None
) -> SelectOfScalar[Event]:
    statement = _where(select(Event), Event.product_id, product_id)
    statement = _where(statement, Event.actor, actor)
    if kind == EventKind.OTHER:
        statement = statement.where(col(Event.kind).in_(_UNNAMED_KINDS))
    else:
        statement = _where(statement, Event.kind, kind)
    return _where(statement, Event.data_hash, data_hash)


def orphaned_blocks(*, number: int | None) -> SelectOfScalar[OrphanedBlock]:
    return _where(select(OrphanedBlock), OrphanedBlock.number, number)


def block_at(number: int) -> SelectOfScalar[Block]:
    return select(Block).where(col(Block.number) == number)


def custody_transfers(*, product_id: bytes | None) -> SelectOfScalar[CustodyTransfer]:
    return _where(select(CustodyTransfer), CustodyTransfer.product_id, product_id)


def recalls(*, product_id: bytes | None) -> SelectOfScalar[Recall]:
    return _where(select(Recall), Recall.product_id, product_id)


def attestations(*, product_id: bytes | None, device: bytes | None) -> SelectOfScalar[Attestation]:
    statement = _where(select(Attestation), Attestation.product_id, product_id)
    return _where(statement, Attestation.device, device)


def actors(*, role: int | None, active: bool | None) -> SelectOfScalar[Actor]:
    statement = _where(select(Actor), Actor.role, role)
    if active is not None:
        revoked = col(Actor.revoked_block)
        statement = statement.where(revoked.is_(None) if active else revoked.is_not(None))
    return statement


def credit_batches(
    *, credit_id: bytes | None, project: bytes | None
) -> SelectOfScalar[CreditBatch]:
    statement = _where(select(CreditBatch), CreditBatch.credit_id, credit_id)
    return _where(statement, CreditBatch.project, project)


def credit_retirements(
    *, product_id: bytes | None, credit_id: bytes | None
) -> SelectOfScalar[CreditRetirement]:
    statement = _where(select(CreditRetirement), CreditRetirement.product_id, product_id)
    return _where(statement, CreditRetirement.credit_id, credit_id)


def documents(
    *, status: str | None, media: str | None, product_id: bytes | None
) -> SelectOfScalar[Document]:
    statement = _where(select(Document), Document.status, status)
    statement = _where(statement, Document.media, media)
    if product_id is not None:
        named = select(DocumentProduct.data_hash).where(DocumentProduct.product_id == product_id)
        statement = statement.where(col(Document.data_hash).in_(named))
    return statement


def forecasts(*, series_id: bytes | None) -> SelectOfScalar[Forecast]:
    return _where(select(Forecast), Forecast.series_id, series_id)


def _where(statement: SelectOfScalar[RowT], column: Any, value: object) -> SelectOfScalar[RowT]:
    return statement if value is None else statement.where(column == value)
