"""Event documents: the bytes behind the hashes, as far as they are disclosed."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.entry import utc_text
from api.graphql.enums import DocumentMedia, DocumentStatus, ThingRole
from api.graphql.node import Node, global_id
from api.graphql.scalars import Hash, Long
from core.crypto import cid_v1_raw
from core.db.chain_tables import Document as DocumentRow
from core.db.chain_tables import DocumentProduct

if TYPE_CHECKING:
    from api.graphql.event import Event
    from api.graphql.product import Product


@strawberry.type(description="A thing an event speaks of.")
class Thing:
    row: strawberry.Private[DocumentProduct]
    uri: str
    product_id: Hash
    role: ThingRole
    quantity: str | None = strawberry.field(description="The author's number, to the letter.")
    uom: str | None = strawberry.field(description="UN/ECE Recommendation 20 code.")

    @strawberry.field(description="Its own history, if it has one.")
    async def product(
        self, info: Info
    ) -> Annotated["Product", strawberry.lazy("api.graphql.product")] | None:
        from api.graphql.product import product_node

        row = await info.context.load.product.load(self.product_id)
        return product_node(row) if row else None


@strawberry.type(
    description="What a hash on chain stands for. `json` keeps every number as written."
)
class Document(Node):
    data_hash: Hash
    cid: str
    media: DocumentMedia
    status: DocumentStatus
    reason: str | None = strawberry.field(description="Why it is quarantined or still pending.")
    withheld: int = strawberry.field(description="Fields its author does not disclose.")
    event_hash: str | None = strawberry.field(description="CBV 2.0 event hash: an id, not a proof.")
    event_type: str | None
    biz_step: str | None
    disposition: str | None
    event_time: Long | None = strawberry.field(description="Unix milliseconds.")
    event_time_utc: str | None
    read_point: str | None
    json: str | None = strawberry.field(description="The disclosed event, in its author's words.")

    @strawberry.field(description="The things it speaks of, in its order.")
    async def products(self, info: Info) -> list[Thing]:
        rows = await info.context.load.things.load(self.data_hash)
        return [_thing(row) for row in rows]

    @strawberry.field(description="The history entries that commit to it.", extensions=[Paged()])
    async def events(
        self, info: Info, page: Page
    ) -> Connection[Annotated["Event", strawberry.lazy("api.graphql.event")]]:
        from api.graphql.event import event_node

        found = await info.context.load.document_events.load((self.data_hash, page))
        return connection(found, event_node)


def document_node(row: DocumentRow) -> Document:
    """A document in any state; the cid follows from the hash alone."""
    return Document(
        id=global_id("Document", row.data_hash),
        data_hash=Hash(row.data_hash),
        cid=cid_v1_raw(row.data_hash),
        media=DocumentMedia(row.media),
        status=DocumentStatus(row.status),
        reason=row.reason,
        withheld=row.withheld,
        event_hash=row.event_hash,
        event_type=row.event_type,
        biz_step=row.biz_step,
        disposition=row.disposition,
        event_time=None if row.event_time is None else Long(row.event_time),
        event_time_utc=None if row.event_time is None else utc_text(row.event_time),
        read_point=row.read_point,
        json=row.event_json,
    )


async def document_of(info: Info, data_hash: bytes) -> Document | None:
    """The document behind a hash, or None if the mirror has not met it."""
    row = await info.context.load.document.load(data_hash)
    return document_node(row) if row else None


def _thing(row: DocumentProduct) -> Thing:
    return Thing(
        row=row,
        uri=row.uri,
        product_id=Hash(row.product_id),
        role=ThingRole(row.role),
        quantity=row.quantity,
        uom=row.uom,
    )
