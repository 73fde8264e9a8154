"""What surrounds a product's history: containers, offers, lent keys, transformations, mass."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.entry import Entry, utc_text
from api.graphql.enums import OfferState, TransformationRole
from api.graphql.event import ProductEntry
from api.graphql.node import Node, global_id
from api.graphql.scalars import BigInt, Hash, Long
from api.queries import packing
from core.crypto import cid_v1_raw
from core.db.chain_tables import Delegation as DelegationRow
from core.db.chain_tables import HandoverOffer as OfferRow
from core.db.chain_tables import Packing as PackingRow
from core.db.chain_tables import Transformation as TransformationRow

if TYPE_CHECKING:
    from api.graphql.product import Product

LazyProduct = Annotated["Product", strawberry.lazy("api.graphql.product")]


@strawberry.type(description="A product was packed into another, or taken out of it.")
class Packing(ProductEntry, Node):
    packed: bool = strawberry.field(description="False: it was taken out.")
    parent_id: Hash

    @strawberry.field(description="The container, if it has a history of its own.")
    async def parent(self, info: Info) -> LazyProduct | None:
        from api.graphql.product import product_node

        row = await info.context.load.product.load(self.parent_id)
        return product_node(row) if row else None

    @strawberry.field(description="Who packed it or took it out.")
    async def actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.actor)


@strawberry.type(description="A custodian offered a product to somebody, who may take it later.")
class HandoverOffer(Entry, Node):
    tx_hash: Hash
    product_id: Hash
    data_hash: Hash
    cid: str
    occurred_at: Long
    occurred_at_utc: str | None
    deadline: BigInt = strawberry.field(description="Unix seconds.")
    prev_head: Hash = strawberry.field(description="The history it is good for.")

    @strawberry.field(name="from")
    async def from_actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.from_actor)

    @strawberry.field(name="to")
    async def to_actor(self, info: Info) -> Actor:
        return await actor_of(info, self.row.to_actor)

    @strawberry.field(description="How it stands at the block of this answer.")
    async def outcome(self, info: Info) -> OfferState:
        return OfferState(await info.context.load.offer_state.load(packing.place(self.row)))


@strawberry.type(description="An account let another act for it; `until` 0 ends it.")
class Delegation(Entry, Node):
    until: BigInt = strawberry.field(description="Unix seconds.")

    @strawberry.field(description="Whose products.")
    async def account(self, info: Info) -> Actor:
        return await actor_of(info, self.row.account)

    @strawberry.field(description="Who may record and hand over for it.")
    async def delegate(self, info: Info) -> Actor:
        return await actor_of(info, self.row.delegate)


@strawberry.type(description="What went into a transformation or came out of it, by the chain.")
class Transformation(Entry):
    tx_hash: Hash
    data_hash: Hash
    product_id: Hash
    role: TransformationRole
    grams: BigInt | None = strawberry.field(description="Null without a mass balance.")


@strawberry.type(description="Grams of a product, kept in balance by the contract.")
class Mass:
    made_grams: BigInt
    left_grams: BigInt = strawberry.field(description="Not yet used in a transformation.")


def packing_node(row: PackingRow) -> Packing:
    """A packing or unpacking."""
    return Packing(
        id=global_id("Packing", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        product_id=Hash(row.product_id),
        seq=Long(row.seq),
        data_hash=Hash(row.data_hash),
        cid=cid_v1_raw(row.data_hash),
        occurred_at=Long(row.occurred_at),
        occurred_at_utc=utc_text(row.occurred_at),
        packed=row.packed,
        parent_id=Hash(row.parent_id),
    )


def offer_node(row: OfferRow) -> HandoverOffer:
    """An offer."""
    return HandoverOffer(
        id=global_id("HandoverOffer", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        product_id=Hash(row.product_id),
        data_hash=Hash(row.data_hash),
        cid=cid_v1_raw(row.data_hash),
        occurred_at=Long(row.occurred_at),
        occurred_at_utc=utc_text(row.occurred_at),
        deadline=BigInt(str(row.deadline)),
        prev_head=Hash(row.prev_head),
    )


def delegation_node(row: DelegationRow) -> Delegation:
    """A delegation or its end."""
    return Delegation(
        id=global_id("Delegation", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        until=BigInt(str(row.until)),
    )


def transformation_node(row: TransformationRow) -> Transformation:
    """One input or output."""
    return Transformation(
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        data_hash=Hash(row.data_hash),
        product_id=Hash(row.product_id),
        role=TransformationRole(row.role),
        grams=None if row.grams is None else BigInt(row.grams),
    )


def mass_of(found: packing.Mass) -> Mass:
    """A mass balance."""
    return Mass(made_grams=BigInt(str(found.made)), left_grams=BigInt(str(found.left)))
