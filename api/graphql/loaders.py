"""Data loaders: whatever a list of nodes asks for is read in one statement."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import tuple_
from sqlmodel import SQLModel, col, select
from strawberry.dataloader import DataLoader

from api.queries import carbon, forecasts, lists, packing, rows
from api.queries.page import Page, Slice, slices_by_parent
from api.queries.snapshot import Snapshot
from core.db.app_tables import Series
from core.db.chain_tables import (
    Actor,
    Anchor,
    Attestation,
    Block,
    Certificate,
    CertificateRevocation,
    CreditRetirement,
    CustodyTransfer,
    Delegation,
    Delivery,
    DeliveryStep,
    Device,
    Document,
    DocumentProduct,
    Event,
    Footprint,
    ForecastCommitment,
    ForecastReveal,
    ForecastScore,
    HandoverOffer,
    Packing,
    Product,
    Recall,
    Transformation,
)

RowT = TypeVar("RowT", bound=SQLModel)
KeyT = TypeVar("KeyT")
Found = TypeVar("Found")
PageKey = tuple[bytes, Page]


class Loaders:
    """One of each, for one request and one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.product = self._one(Product, "product_id")
        self.actor = self._one(Actor, "address")
        self.device = self._one(Device, "address")
        self.document = self._one(Document, "data_hash")
        self.block = self._one(Block, "number")
        self.series = self._one(Series, "series_id")
        self.commitment: DataLoader[bytes, ForecastCommitment | None] = self._batched(
            lambda keys: forecasts.commitments(snapshot, keys), default=lambda: None
        )
        self.reveal: DataLoader[bytes, ForecastReveal | None] = self._batched(
            lambda keys: forecasts.facts(snapshot, ForecastReveal, keys), default=lambda: None
        )
        self.score: DataLoader[bytes, ForecastScore | None] = self._batched(
            lambda keys: forecasts.facts(snapshot, ForecastScore, keys), default=lambda: None
        )
        self.things: DataLoader[bytes, list[DocumentProduct]] = self._batched(
            self._things, default=list
        )
        self.balance: DataLoader[bytes, carbon.Balance] = self._batched(
            lambda keys: carbon.balances(snapshot, keys), default=carbon.Balance
        )
        self.first_outcome: DataLoader[forecasts.OutcomeKey, int | None] = self._batched(
            lambda keys: forecasts.first_outcomes(snapshot, keys), default=lambda: None
        )
        self.packing_at: DataLoader[rows.Place, Packing | None] = self._batched(
            lambda keys: packing.packings_at(snapshot, keys), default=lambda: None
        )
        self.correction: DataLoader[packing.EntryKey, Event | None] = self._batched(
            lambda keys: packing.corrections_of(snapshot, keys), default=lambda: None
        )
        self.mass: DataLoader[bytes, packing.Mass | None] = self._batched(
            lambda keys: packing.masses(snapshot, keys), default=lambda: None
        )
        self.offer_state: DataLoader[rows.Place, str] = self._batched(
            self._offer_states, default=lambda: "stale"
        )
        self.children = self._pages(Product, "parent_id", lists.PRODUCT_KEYS)
        self.packings = self._pages(Packing, "product_id", lists.PLACE)
        self.offers = self._pages(HandoverOffer, "product_id", lists.PLACE)
        self.delegations = self._pages(Delegation, "account", lists.PLACE)
        self.transformations = self._pages(Transformation, "product_id", (*lists.PLACE, "position"))
        self.revocation = self._one(CertificateRevocation, "certificate_id")
        self.certificates = self._pages(Certificate, "subject", lists.PLACE)
        self.deliveries = self._pages(Delivery, "product_id", lists.PLACE)
        self.delivery_steps = self._pages(DeliveryStep, "delivery_id", lists.PLACE)
        self.anchors = self._pages(Anchor, "publisher", lists.PLACE)
        self.verifiers: DataLoader[carbon.VersionKey, list[bytes]] = self._batched(
            lambda keys: carbon.verifiers_of(snapshot, keys), default=list
        )
        self.footprints = self._pages(Footprint, "product_id", lists.PLACE)
        self.events = self._pages(Event, "product_id", lists.PLACE)
        self.actor_events = self._pages(Event, "actor", lists.PLACE)
        self.document_events = self._pages(Event, "data_hash", lists.PLACE)
        self.custody = self._pages(CustodyTransfer, "product_id", lists.PLACE)
        self.recalls = self._pages(Recall, "product_id", lists.PLACE)
        self.attestations = self._pages(Attestation, "product_id", lists.PLACE)
        self.retirements = self._pages(CreditRetirement, "product_id", lists.PLACE)
        self.credit_retirements = self._pages(CreditRetirement, "credit_id", lists.PLACE)

    def _one(self, model: type[RowT], key: str) -> "DataLoader[Any, RowT | None]":
        async def read(values: list[Any]) -> Sequence[RowT | None]:
            found = await rows.by_key(self._snapshot, model, key, values)
            return [found.get(value) for value in values]

        return DataLoader(read)

    def _batched(
        self, read: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, Found]]], default: Any
    ) -> "DataLoader[KeyT, Found]":
        async def load(values: list[KeyT]) -> Sequence[Found]:
            found = await read(values)
            return [found[value] if value in found else default() for value in values]

        return DataLoader(load)

    def _pages(
        self, model: type[RowT], parent: str, keys: Sequence[str]
    ) -> "DataLoader[PageKey, Slice[RowT]]":
        async def read(wanted: list[PageKey]) -> Sequence[Slice[RowT]]:
            by_page: dict[Page, list[bytes]] = defaultdict(list)
            for value, page in wanted:
                by_page[page].append(value)
            found = {
                page: await slices_by_parent(self._snapshot, model, parent, values, keys, page)
                for page, values in by_page.items()
            }
            return [found[page][value] for value, page in wanted]

        return DataLoader(read)

    async def _offer_states(self, places: Sequence[rows.Place]) -> dict[rows.Place, str]:
        here = tuple_(col(HandoverOffer.block_number), col(HandoverOffer.log_index))
        statement = select(HandoverOffer).where(here.in_(list(places)))
        return await packing.offer_states(self._snapshot, await self._snapshot.rows(statement))

    async def _things(self, hashes: Sequence[bytes]) -> dict[bytes, list[DocumentProduct]]:
        return await rows.by_parent(
            self._snapshot, DocumentProduct, "data_hash", hashes, col(DocumentProduct.position)
        )
