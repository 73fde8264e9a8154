"""Data loaders: whatever a list of nodes asks for is read in one statement."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlmodel import SQLModel, col
from strawberry.dataloader import DataLoader

from api.queries import carbon, forecasts, lists, rows
from api.queries.page import Page, Slice, slices_by_parent
from api.queries.snapshot import Snapshot
from core.db.app_tables import Series
from core.db.chain_tables import (
    Actor,
    Attestation,
    Block,
    CreditRetirement,
    CustodyTransfer,
    Document,
    DocumentProduct,
    Event,
    ForecastCommitment,
    Product,
    Recall,
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
        self.document = self._one(Document, "data_hash")
        self.block = self._one(Block, "number")
        self.series = self._one(Series, "series_id")
        self.commitment: DataLoader[bytes, ForecastCommitment | None] = self._batched(
            lambda keys: forecasts.commitments(snapshot, keys), default=lambda: None
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
        self, read: Callable[[Sequence[KeyT]], Awaitable[dict[KeyT, Found]]], default: Any
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

    async def _things(self, hashes: Sequence[bytes]) -> dict[bytes, list[DocumentProduct]]:
        return await rows.by_parent(
            self._snapshot, DocumentProduct, "data_hash", hashes, col(DocumentProduct.position)
        )
