"""The root of all reading."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry
from sqlmodel import SQLModel

from api.graphql.actor import Actor, actor_node, actor_of
from api.graphql.anchor import anchor_node
from api.graphql.attestation import Attestation, attestation_node
from api.graphql.carbon import CreditBatch, CreditRetirement, batch_node, retirement_node
from api.graphql.certificate import certificate_node
from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.delivery import delivery_node, step_node
from api.graphql.device import device_node
from api.graphql.document import Document, document_node, document_of
from api.graphql.enums import ActorRole, DocumentMedia, DocumentStatus, EventKind
from api.graphql.event import (
    CustodyTransfer,
    Event,
    Recall,
    custody_node,
    event_node,
    recall_node,
)
from api.graphql.footprint import footprint_node
from api.graphql.forecast import Forecast, forecast_node
from api.graphql.node import Node, parse_id
from api.graphql.orphan import OrphanedBlock, orphaned_node
from api.graphql.packing import delegation_node, offer_node, packing_node
from api.graphql.product import Product, product_node
from api.graphql.scalars import Address, Hash, Long
from api.graphql.tracing import (
    AsOf,
    First,
    TraceGraph,
    Uri,
    graph_of,
    recall_scope,
)
from api.queries import lists, rows
from api.queries.page import DEFAULT_SIZE, Key, slice_of
from api.queries.tracing.walk import MAX_DEPTH, Direction
from core.crypto import keccak256
from core.db import app_tables, chain_tables
from core.epcis import identifiers
from core.errors import BadInput

RowT = TypeVar("RowT", bound=SQLModel)
NodeT = TypeVar("NodeT")


@strawberry.type(description="The state of the mirror that answered.")
class Meta:
    block: Long = strawberry.field(description="Latest block applied; -1 before the first.")
    finalized: Long
    reorg_epoch: Long = strawberry.field(description="Grows with every reorg.")

    @strawberry.field(
        description="One number for every derived row as of `block`: equal in every honest mirror."
    )
    async def state_digest(self, info: Info) -> Hash | None:
        return await _digest_at(info, int(self.block))


@strawberry.type(description="Everything that can be read; no wallet, no key needed.")
class Query:
    @strawberry.field
    async def meta(self, info: Info) -> Meta:
        found = await info.context.snapshot.meta()
        return Meta(
            block=Long(found.block),
            finalized=Long(found.finalized),
            reorg_epoch=Long(found.reorg_epoch),
        )

    @strawberry.field(description="The state digest a mirror had at a block; null if not mirrored.")
    async def state_digest(self, info: Info, block: Long) -> Hash | None:
        return await _digest_at(info, int(block))

    @strawberry.field(
        description="Blocks that lost their place in the chain, with what was derived from them.",
        extensions=[Paged()],
    )
    async def orphaned_blocks(
        self, info: Info, page: Page, number: Long | None = None
    ) -> Connection[OrphanedBlock]:
        wanted = lists.orphaned_blocks(number=number)
        return await _page(info, wanted, lists.ORPHAN_KEYS, page, orphaned_node)

    @strawberry.field(description="Any object by its global id.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        name, key = parse_id(id)
        fetch = _FETCH.get(name)
        if fetch is None:
            raise BadInput(f"there are no nodes of type {name}", pointer="id")
        found: Node | None = await fetch(info, key)
        return found

    @strawberry.field(
        description="By Digital Link or EPC URN in any spelling, or by id (keccak256 of the URI)."
    )
    async def product(
        self, info: Info, uri: str | None = None, id: Hash | None = None
    ) -> Product | None:
        if (uri is None) == (id is None):
            raise BadInput("give either uri or id", pointer="uri")
        product_id = id if uri is None else keccak256(identifiers.product_uri(uri).encode())
        row = await info.context.load.product.load(product_id)
        return product_node(row) if row else None

    @strawberry.field(description="What a product came from, and what it travelled in until then.")
    async def trace_back(
        self,
        info: Info,
        uri: Uri = None,
        id: Hash | None = None,
        as_of: AsOf | None = None,
        depth: int = MAX_DEPTH,
        first: First = DEFAULT_SIZE,
        after: str | None = None,
    ) -> TraceGraph:
        return await graph_of(info, uri, id, Direction.BACK, as_of, depth, first, after)

    @strawberry.field(description="What a product went into, and what it travels in.")
    async def trace_forward(
        self,
        info: Info,
        uri: Uri = None,
        id: Hash | None = None,
        as_of: AsOf | None = None,
        depth: int = MAX_DEPTH,
        first: First = DEFAULT_SIZE,
        after: str | None = None,
    ) -> TraceGraph:
        return await graph_of(info, uri, id, Direction.FORWARD, as_of, depth, first, after)

    @strawberry.field(
        description="All that a contaminated product reached, with holders; whole, or an error."
    )
    async def recall_scope(
        self,
        info: Info,
        uri: Uri = None,
        id: Hash | None = None,
        as_of: AsOf | None = None,
        first: First = DEFAULT_SIZE,
        after: str | None = None,
    ) -> TraceGraph:
        return await recall_scope(info, uri, id, as_of, first, after)

    @strawberry.field(description="One account, registered or not.")
    async def actor(self, info: Info, address: Address) -> Actor:
        return await actor_of(info, address)

    @strawberry.field(description="The document behind a hash on chain.")
    async def document(self, info: Info, data_hash: Hash) -> Document | None:
        return await document_of(info, data_hash)

    @strawberry.field(extensions=[Paged()])
    async def products(
        self,
        info: Info,
        page: Page,
        custodian: Address | None = None,
        recalled: bool | None = None,
        gtin: str | None = None,
    ) -> Connection[Product]:
        wanted = lists.products(custodian=custodian, recalled=recalled, gtin=gtin)
        return await _page(info, wanted, lists.PRODUCT_KEYS, page, product_node)

    @strawberry.field(extensions=[Paged()])
    async def events(
        self,
        info: Info,
        page: Page,
        product_id: Hash | None = None,
        actor: Address | None = None,
        kind: EventKind | None = None,
        data_hash: Hash | None = None,
    ) -> Connection[Event]:
        wanted = lists.events(product_id=product_id, actor=actor, kind=kind, data_hash=data_hash)
        return await _page(info, wanted, lists.PLACE, page, event_node)

    @strawberry.field(extensions=[Paged()])
    async def custody_transfers(
        self, info: Info, page: Page, product_id: Hash | None = None
    ) -> Connection[CustodyTransfer]:
        wanted = lists.custody_transfers(product_id=product_id)
        return await _page(info, wanted, lists.PLACE, page, custody_node)

    @strawberry.field(extensions=[Paged()])
    async def recalls(
        self, info: Info, page: Page, product_id: Hash | None = None
    ) -> Connection[Recall]:
        return await _page(
            info, lists.recalls(product_id=product_id), lists.PLACE, page, recall_node
        )

    @strawberry.field(extensions=[Paged()])
    async def actors(
        self, info: Info, page: Page, role: ActorRole | None = None, active: bool | None = None
    ) -> Connection[Actor]:
        wanted = lists.actors(role=role, active=active)
        return await _page(info, wanted, lists.ACTOR_KEYS, page, actor_node)

    @strawberry.field(extensions=[Paged()])
    async def credit_batches(
        self, info: Info, page: Page, credit_id: Hash | None = None, project: Hash | None = None
    ) -> Connection[CreditBatch]:
        wanted = lists.credit_batches(credit_id=credit_id, project=project)
        return await _page(info, wanted, lists.PLACE, page, batch_node)

    @strawberry.field(extensions=[Paged()])
    async def credit_retirements(
        self, info: Info, page: Page, product_id: Hash | None = None, credit_id: Hash | None = None
    ) -> Connection[CreditRetirement]:
        wanted = lists.credit_retirements(product_id=product_id, credit_id=credit_id)
        return await _page(info, wanted, lists.PLACE, page, retirement_node)

    @strawberry.field(extensions=[Paged()])
    async def attestations(
        self,
        info: Info,
        page: Page,
        product_id: Hash | None = None,
        device: Address | None = None,
    ) -> Connection[Attestation]:
        wanted = lists.attestations(product_id=product_id, device=device)
        return await _page(info, wanted, lists.PLACE, page, attestation_node)

    @strawberry.field(extensions=[Paged()])
    async def documents(
        self,
        info: Info,
        page: Page,
        status: DocumentStatus | None = None,
        media: DocumentMedia | None = None,
        product_id: Hash | None = None,
    ) -> Connection[Document]:
        wanted = lists.documents(
            status=status and status.value, media=media and media.value, product_id=product_id
        )
        return await _page(info, wanted, lists.DOCUMENT_KEYS, page, document_node)

    @strawberry.field(extensions=[Paged()])
    async def forecasts(
        self, info: Info, page: Page, series_id: Hash | None = None
    ) -> Connection[Forecast]:
        wanted = lists.forecasts(series_id=series_id)
        return await _page(info, wanted, lists.FORECAST_KEYS, page, forecast_node)


async def _digest_at(info: Info, number: int) -> Hash | None:
    row = await info.context.snapshot.first(lists.block_at(number))
    return Hash(row.state_digest) if row else None


async def _page(
    info: Info, statement: Any, keys: tuple[str, ...], page: Page, node: Callable[[Any], NodeT]
) -> Connection[NodeT]:
    return connection(await slice_of(info.context.snapshot, statement, keys, page), node)


Fetch = Callable[[Info, tuple[Key, ...]], Awaitable[Any]]


def _by_place(model: type[RowT], node: Callable[[RowT], Any]) -> Fetch:
    async def fetch(info: Info, key: tuple[Key, ...]) -> Any:
        match key:
            case (int(block), int(index)):
                row = await rows.at_place(info.context.snapshot, model, (block, index))
                return node(row) if row else None
        raise BadInput("not an id of this API", pointer="id")

    return fetch


def _by_hash(model: type[RowT], column: str, node: Callable[[RowT], Any]) -> Fetch:
    async def fetch(info: Info, key: tuple[Key, ...]) -> Any:
        match key:
            case (bytes(value),):
                found = await rows.by_key(info.context.snapshot, model, column, [value])
                return node(found[value]) if found else None
        raise BadInput("not an id of this API", pointer="id")

    return fetch


_FETCH: dict[str, Fetch] = {
    "Product": _by_hash(chain_tables.Product, "product_id", product_node),
    "Device": _by_hash(chain_tables.Device, "address", device_node),
    "Actor": _by_hash(chain_tables.Actor, "address", actor_node),
    "Document": _by_hash(chain_tables.Document, "data_hash", document_node),
    "Forecast": _by_hash(app_tables.Forecast, "commitment", forecast_node),
    "Event": _by_place(chain_tables.Event, event_node),
    "CustodyTransfer": _by_place(chain_tables.CustodyTransfer, custody_node),
    "Recall": _by_place(chain_tables.Recall, recall_node),
    "Packing": _by_place(chain_tables.Packing, packing_node),
    "HandoverOffer": _by_place(chain_tables.HandoverOffer, offer_node),
    "Delegation": _by_place(chain_tables.Delegation, delegation_node),
    "Footprint": _by_place(chain_tables.Footprint, footprint_node),
    "Certificate": _by_place(chain_tables.Certificate, certificate_node),
    "Anchor": _by_place(chain_tables.Anchor, anchor_node),
    "Delivery": _by_place(chain_tables.Delivery, delivery_node),
    "DeliveryStep": _by_place(chain_tables.DeliveryStep, step_node),
    "Attestation": _by_place(chain_tables.Attestation, attestation_node),
    "CreditBatch": _by_place(chain_tables.CreditBatch, batch_node),
    "CreditRetirement": _by_place(chain_tables.CreditRetirement, retirement_node),
}
