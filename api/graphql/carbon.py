"""Carbon credits: issued over serial ranges, retired for good. One unit = 1 kg CO2e."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.entry import Entry
from api.graphql.node import Node, global_id
from api.graphql.scalars import BigInt, Hash, Long
from core.crypto import cid_v1_raw
from core.db.chain_tables import CreditBatch as BatchRow
from core.db.chain_tables import CreditRetirement as RetirementRow

if TYPE_CHECKING:
    from api.graphql.product import Product


@strawberry.type(description="Credits issued over one serial range, `serialEnd` exclusive.")
class CreditBatch(Entry, Node):
    credit_id: Hash = strawberry.field(description="The ERC-1155 id.")
    project: Hash
    vintage: int
    batch: Long
    serial_start: BigInt
    serial_end: BigInt
    metadata_hash: Hash
    metadata_cid: str

    @strawberry.field
    async def issued_to(self, info: Info) -> Actor:
        return await actor_of(info, self.row.issued_to)

    @strawberry.field(description="Kilograms CO2e issued under this credit id.")
    async def issued_kg(self, info: Info) -> BigInt:
        return BigInt(str((await info.context.load.balance.load(self.credit_id)).issued))

    @strawberry.field(description="Kilograms CO2e retired of it.")
    async def retired_kg(self, info: Info) -> BigInt:
        return BigInt(str((await info.context.load.balance.load(self.credit_id)).retired))

    @strawberry.field(description="Kilograms CO2e of it that are gone and count for nobody.")
    async def cancelled_kg(self, info: Info) -> BigInt:
        return BigInt(str((await info.context.load.balance.load(self.credit_id)).cancelled))

    @strawberry.field(extensions=[Paged()])
    async def retirements(self, info: Info, page: Page) -> Connection["CreditRetirement"]:
        found = await info.context.load.credit_retirements.load((self.credit_id, page))
        return connection(found, retirement_node)


@strawberry.type(description="Credits retired for good.")
class CreditRetirement(Entry, Node):
    tx_hash: Hash
    credit_id: Hash
    retirement_id: BigInt = strawberry.field(
        description="Its first kilogram among those retired of the credit; unique within it."
    )
    amount_kg: BigInt
    purpose_hash: Hash
    product_id: Hash | None = strawberry.field(description="On behalf of this product, if any.")

    @strawberry.field
    async def holder(self, info: Info) -> Actor:
        return await actor_of(info, self.row.holder)

    @strawberry.field
    async def beneficiary(self, info: Info) -> Actor:
        return await actor_of(info, self.row.beneficiary)

    @strawberry.field
    async def product(
        self, info: Info
    ) -> Annotated["Product", strawberry.lazy("api.graphql.product")] | None:
        from api.graphql.product import product_node

        row = await info.context.load.product.load(self.row.product_id)
        return product_node(row) if row else None


def batch_node(row: BatchRow) -> CreditBatch:
    """An issuance."""
    return CreditBatch(
        id=global_id("CreditBatch", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        credit_id=Hash(row.credit_id),
        project=Hash(row.project),
        vintage=row.vintage,
        batch=Long(row.batch),
        serial_start=BigInt(str(row.serial_start)),
        serial_end=BigInt(str(row.serial_end)),
        metadata_hash=Hash(row.metadata_hash),
        metadata_cid=cid_v1_raw(row.metadata_hash),
    )


def retirement_node(row: RetirementRow) -> CreditRetirement:
    """A retirement."""
    return CreditRetirement(
        id=global_id("CreditRetirement", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        credit_id=Hash(row.credit_id),
        retirement_id=BigInt(row.retirement_id),
        amount_kg=BigInt(row.amount),
        purpose_hash=Hash(row.purpose_hash),
        product_id=Hash(row.product_id) if any(row.product_id) else None,
    )
