"""Products: a fold over their history, with everything that hangs on it."""

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.attestation import Attestation, attestation_node
from api.graphql.carbon import CreditRetirement, retirement_node
from api.graphql.certificate import Certificate, certificate_node
from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.delivery import Delivery, delivery_node
from api.graphql.document import Document, document_of
from api.graphql.enums import EntryState, Relation
from api.graphql.event import (
    CustodyTransfer,
    Event,
    Recall,
    custody_node,
    event_node,
    recall_node,
)
from api.graphql.footprint import Footprint, footprint_node
from api.graphql.node import Node, global_id
from api.graphql.packing import (
    HandoverOffer,
    Mass,
    Packing,
    Transformation,
    mass_of,
    offer_node,
    packing_node,
    transformation_node,
)
from api.graphql.proof import Proof, product_proof
from api.graphql.scalars import Hash, Long
from api.queries.trace import MAX_DEPTH, Edge, trace
from core.db.chain_tables import Product as ProductRow
from core.epcis import identifiers
from core.errors import BadInput, InvalidIdentifier


@strawberry.type(description="A lot, a serial item or a logistic unit.")
class Product(Node):
    row: strawberry.Private[ProductRow]
    product_id: Hash
    uri: str | None = strawberry.field(description="Canonical GS1 Digital Link; null until read.")
    seq: Long = strawberry.field(description="How many entries its history has.")
    head: Hash = strawberry.field(description="Commitment to the whole history, as on chain.")
    recall_level: int = strawberry.field(description="0 = not recalled, 1 = most serious.")
    first_block: Long
    last_block: Long

    @strawberry.field(description="GTIN-14, for lots and serial items.")
    def gtin(self) -> str | None:
        return self._part("01")

    @strawberry.field
    def lot(self) -> str | None:
        return self._part("10")

    @strawberry.field
    def serial(self) -> str | None:
        return self._part("21")

    @strawberry.field(description="SSCC, for logistic units.")
    def sscc(self) -> str | None:
        return self._part("00")

    @strawberry.field(description="Who holds it now.")
    async def custodian(self, info: Info) -> Actor:
        return await actor_of(info, self.row.custodian)

    @strawberry.field(description="What it is packed in; its custodian is that one's.")
    async def parent(self, info: Info) -> "Product | None":
        if self.row.parent_id is None:
            return None
        row = await info.context.load.product.load(self.row.parent_id)
        return product_node(row) if row else None

    @strawberry.field(description="What is packed in it now.", extensions=[Paged()])
    async def children(self, info: Info, page: Page) -> Connection["Product"]:
        found = await info.context.load.children.load((self.product_id, page))
        return connection(found, product_node)

    @strawberry.field(description="What there is of it, if the contract keeps its balance.")
    async def mass(self, info: Info) -> Mass | None:
        found = await info.context.load.mass.load(self.product_id)
        return mass_of(found) if found else None

    @strawberry.field(extensions=[Paged()])
    async def packings(self, info: Info, page: Page) -> Connection[Packing]:
        found = await info.context.load.packings.load((self.product_id, page))
        return connection(found, packing_node)

    @strawberry.field(extensions=[Paged()])
    async def offers(self, info: Info, page: Page) -> Connection[HandoverOffer]:
        found = await info.context.load.offers.load((self.product_id, page))
        return connection(found, offer_node)

    @strawberry.field(description="What certifiers vouch for.", extensions=[Paged()])
    async def certificates(self, info: Info, page: Page) -> Connection[Certificate]:
        found = await info.context.load.certificates.load((self.product_id, page))
        return connection(found, certificate_node)

    @strawberry.field(description="What publishers state on chain.", extensions=[Paged()])
    async def footprints(self, info: Info, page: Page) -> Connection[Footprint]:
        found = await info.context.load.footprints.load((self.product_id, page))
        return connection(found, footprint_node)

    @strawberry.field(description="Money that waits for it.", extensions=[Paged()])
    async def deliveries(self, info: Info, page: Page) -> Connection[Delivery]:
        found = await info.context.load.deliveries.load((self.product_id, page))
        return connection(found, delivery_node)

    @strawberry.field(extensions=[Paged()])
    async def transformations(self, info: Info, page: Page) -> Connection[Transformation]:
        found = await info.context.load.transformations.load((self.product_id, page))
        return connection(found, transformation_node)

    @strawberry.field(description="Whether its latest entry can still be reorganised away.")
    async def state(self, info: Info) -> EntryState:
        meta = await info.context.snapshot.meta()
        return EntryState.FINAL if meta.is_final(self.row.last_block) else EntryState.RECORDED

    @strawberry.field(extensions=[Paged()])
    async def events(self, info: Info, page: Page) -> Connection[Event]:
        return connection(await info.context.load.events.load((self.product_id, page)), event_node)

    @strawberry.field(extensions=[Paged()])
    async def custody_transfers(self, info: Info, page: Page) -> Connection[CustodyTransfer]:
        found = await info.context.load.custody.load((self.product_id, page))
        return connection(found, custody_node)

    @strawberry.field(extensions=[Paged()])
    async def recalls(self, info: Info, page: Page) -> Connection[Recall]:
        found = await info.context.load.recalls.load((self.product_id, page))
        return connection(found, recall_node)

    @strawberry.field(extensions=[Paged()])
    async def attestations(self, info: Info, page: Page) -> Connection[Attestation]:
        found = await info.context.load.attestations.load((self.product_id, page))
        return connection(found, attestation_node)

    @strawberry.field(extensions=[Paged()])
    async def credit_retirements(self, info: Info, page: Page) -> Connection[CreditRetirement]:
        found = await info.context.load.retirements.load((self.product_id, page))
        return connection(found, retirement_node)

    @strawberry.field(description="Where it came from, nearest first.")
    async def trace(self, info: Info, depth: int = MAX_DEPTH) -> "Trace":
        if not 1 <= depth <= MAX_DEPTH:
            raise BadInput(f"depth must be 1 to {MAX_DEPTH}", pointer="depth")
        found = await trace(info.context.snapshot, self.product_id, depth)
        return Trace(steps=[_step(edge) for edge in found.edges], truncated=found.truncated)

    @strawberry.field(description="How to check its history without us.")
    def proof(self, info: Info) -> Proof | None:
        return product_proof(info, self.row)

    def _part(self, ai: str) -> str | None:
        if self.uri is None:
            return None
        try:
            link = identifiers.parse(self.uri)
        except InvalidIdentifier:
            return None
        return link.value if link.key == ai else link.qualifier(ai)


@strawberry.type(description="One step back: `source` became part of `product`, or carried it.")
class TraceStep:
    edge: strawberry.Private[Edge]
    product_id: Hash
    source_id: Hash
    source_uri: str
    relation: Relation
    quantity: str | None
    uom: str | None
    depth: int
    confirmed: bool = strawberry.field(
        description="The chain holds this document in the source's own history too."
    )

    @strawberry.field(description="The source's own history, if it has one.")
    async def source(self, info: Info) -> Product | None:
        row = await info.context.load.product.load(self.source_id)
        return product_node(row) if row else None

    @strawberry.field(description="The recorded document that says so.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.edge.data_hash)


@strawberry.type(description="The way back; `truncated` if it is longer than was asked for.")
class Trace:
    steps: list[TraceStep]
    truncated: bool


def product_node(row: ProductRow) -> Product:
    """A product."""
    return Product(
        id=global_id("Product", row.product_id),
        row=row,
        product_id=Hash(row.product_id),
        uri=row.uri,
        seq=Long(row.seq),
        head=Hash(row.head),
        recall_level=row.recall_level,
        first_block=Long(row.first_block),
        last_block=Long(row.last_block),
    )


def _step(edge: Edge) -> TraceStep:
    return TraceStep(
        edge=edge,
        product_id=Hash(edge.product_id),
        source_id=Hash(edge.source_id),
        source_uri=edge.source_uri,
        relation=Relation(edge.relation),
        quantity=edge.quantity,
        uom=edge.uom,
        depth=edge.depth,
        confirmed=edge.confirmed,
    )
