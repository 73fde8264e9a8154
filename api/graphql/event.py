"""History entries and custody changes."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api import words
from api.graphql.actor import Actor, actor_of, actor_or_none
from api.graphql.context import Info
from api.graphql.document import Document, document_of
from api.graphql.entry import Entry, utc_text
from api.graphql.enums import EventKind
from api.graphql.node import Node, global_id
from api.graphql.proof import Proof, event_proof
from api.graphql.scalars import Hash, Long
from core.crypto import cid_v1_raw, to_hex
from core.db.chain_tables import CustodyTransfer as CustodyRow
from core.db.chain_tables import Event as EventRow
from core.db.chain_tables import Recall as RecallRow
from core.types import ZERO_ADDRESS

if TYPE_CHECKING:
    from api.graphql.product import Product


@strawberry.interface(description="A history entry of one product.")
class ProductEntry(Entry):
    product_id: Hash
    seq: Long
    data_hash: Hash
    cid: str = strawberry.field(description="IPFS address of the document: the hash itself.")
    occurred_at: Long = strawberry.field(description="As signed, Unix milliseconds.")
    occurred_at_utc: str | None

    @strawberry.field(description="The product whose history this is.")
    async def product(
        self, info: Info
    ) -> Annotated["Product", strawberry.lazy("api.graphql.product")] | None:
        from api.graphql.product import product_node

        row = await info.context.load.product.load(self.product_id)
        return product_node(row) if row else None

    @strawberry.field(description="The document this entry commits to.")
    async def document(self, info: Info) -> Document | None:
        return await document_of(info, self.data_hash)


@strawberry.type(description="Someone recorded what happened, signed by them.")
class Event(ProductEntry, Node):
    tx_hash: Hash
    kind: EventKind
    head: Hash = strawberry.field(description="Commitment to the history up to this entry.")

    @strawberry.field(description="Who signed it.")
    async def actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.actor)

    @strawberry.field(description="Who received the product, in a handover.")
    async def counterparty(self, info: Info) -> Actor | None:
        received_by = words.receiver(self.row.kind, self.row.counterparty)
        return await actor_or_none(info, received_by or ZERO_ADDRESS)

    @strawberry.field(description="The number of the entry this one corrects.")
    def corrects(self) -> Long | None:
        seq = words.corrected(self.row.kind, self.row.counterparty)
        return None if seq is None else Long(seq)

    @strawberry.field(description="The latest correction of this entry, which stays as it is.")
    async def corrected_by(self, info: Info) -> "Event | None":
        row = await info.context.load.correction.load((self.product_id, self.seq))
        return event_node(row) if row else None

    @strawberry.field(description="What happened, in words.")
    async def words(self, info: Info) -> str:
        row = await info.context.load.document.load(self.data_hash)
        return words.what(
            self.row.kind,
            row.biz_step if row else None,
            corrected=words.corrected(self.row.kind, self.row.counterparty),
            container=await self._container(info),
        )

    async def _container(self, info: Info) -> str | None:
        if self.row.kind not in (EventKind.PACKED, EventKind.UNPACKED):
            return None
        packing = await info.context.load.packing_at.load((self.block_number, self.log_index))
        if packing is None:
            return None
        parent = await info.context.load.product.load(packing.parent_id)
        return words.thing(parent.uri) if parent and parent.uri else to_hex(packing.parent_id)

    @strawberry.field(description="How to check this entry without us.")
    async def proof(self, info: Info) -> Proof | None:
        return await event_proof(info, self.row)


@strawberry.type(description="A product changed hands; both sides signed.")
class CustodyTransfer(ProductEntry, Node):
    @strawberry.field(name="from", description="Null for the first holder.")
    async def from_actor(self, info: Info) -> Actor | None:
        return await actor_or_none(info, self.row.from_actor)

    @strawberry.field(name="to", description="Who holds it since.")
    async def to_actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.to_actor)


@strawberry.type(description="A recall notice; 1 is the most serious level, 0 lifts the recall.")
class Recall(ProductEntry, Node):
    level: int

    @strawberry.field(description="Who recalled it.")
    async def actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.actor)


def event_node(row: EventRow) -> Event:
    """A history entry."""
    return Event(
        id=global_id("Event", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        product_id=Hash(row.product_id),
        seq=Long(row.seq),
        data_hash=Hash(row.data_hash),
        cid=cid_v1_raw(row.data_hash),
        occurred_at=Long(row.occurred_at),
        occurred_at_utc=utc_text(row.occurred_at),
        tx_hash=Hash(row.tx_hash),
        kind=EventKind(row.kind),
        head=Hash(row.head),
    )


def custody_node(row: CustodyRow) -> CustodyTransfer:
    """A custody change."""
    return CustodyTransfer(
        id=global_id("CustodyTransfer", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        product_id=Hash(row.product_id),
        seq=Long(row.seq),
        data_hash=Hash(row.data_hash),
        cid=cid_v1_raw(row.data_hash),
        occurred_at=Long(row.occurred_at),
        occurred_at_utc=utc_text(row.occurred_at),
    )


def recall_node(row: RecallRow) -> Recall:
    """A recall notice."""
    return Recall(
        id=global_id("Recall", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        product_id=Hash(row.product_id),
        seq=Long(row.seq),
        data_hash=Hash(row.notice_hash),
        cid=cid_v1_raw(row.notice_hash),
        occurred_at=Long(row.occurred_at),
        occurred_at_utc=utc_text(row.occurred_at),
        level=row.level,
    )
