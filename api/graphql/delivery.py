"""Deliveries: money that waits for a product, and what became of it."""

import strawberry

from api.graphql.actor import Actor, actor_of, actor_or_none
from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.entry import Entry
from api.graphql.enums import DeliveryStepKind
from api.graphql.node import Node, global_id
from api.graphql.scalars import Address, BigInt, Hash, Long
from core.db.chain_tables import Delivery as DeliveryRow
from core.db.chain_tables import DeliveryStep as StepRow
from core.types import ZERO_ADDRESS


@strawberry.type(description="One step of a delivery; amounts in the token's smallest unit.")
class DeliveryStep(Entry, Node):
    tx_hash: Hash
    step: DeliveryStepKind
    reason_hash: Hash | None
    to_seller: BigInt | None
    to_buyer: BigInt | None = strawberry.field(
        description="At the close; of an excursion, what is withheld so far."
    )

    @strawberry.field
    async def actor(self, info: Info) -> Actor | None:
        return await actor_or_none(info, self.row.actor or ZERO_ADDRESS)


@strawberry.type(description="A buyer's money, under terms fixed when it was funded.")
class Delivery(Entry, Node):
    tx_hash: Hash
    delivery_id: Hash
    product_id: Hash
    token: Address
    amount: BigInt = strawberry.field(description="In the token's smallest unit.")
    device: Address
    lower_bound: Long = strawberry.field(description="Milli-degrees Celsius.")
    upper_bound: Long
    deadline: BigInt = strawberry.field(description="Unix seconds.")

    @strawberry.field
    async def buyer(self, info: Info) -> Actor:
        return await actor_of(info, self.row.buyer)

    @strawberry.field
    async def seller(self, info: Info) -> Actor:
        return await actor_of(info, self.row.seller)

    @strawberry.field
    async def arbiter(self, info: Info) -> Actor:
        return await actor_of(info, self.row.arbiter)

    @strawberry.field(extensions=[Paged()])
    async def steps(self, info: Info, page: Page) -> Connection[DeliveryStep]:
        found = await info.context.load.delivery_steps.load((self.delivery_id, page))
        return connection(found, step_node)


def delivery_node(row: DeliveryRow) -> Delivery:
    """A delivery."""
    return Delivery(
        id=global_id("Delivery", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        delivery_id=Hash(row.delivery_id),
        product_id=Hash(row.product_id),
        token=Address(row.token),
        amount=BigInt(row.amount),
        device=Address(row.device),
        lower_bound=Long(row.lower_bound),
        upper_bound=Long(row.upper_bound),
        deadline=BigInt(str(row.deadline)),
    )


def step_node(row: StepRow) -> DeliveryStep:
    """A step."""
    return DeliveryStep(
        id=global_id("DeliveryStep", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        step=DeliveryStepKind(row.step),
        reason_hash=None if row.reason_hash is None else Hash(row.reason_hash),
        to_seller=None if row.to_seller is None else BigInt(row.to_seller),
        to_buyer=None if row.to_buyer is None else BigInt(row.to_buyer),
    )
