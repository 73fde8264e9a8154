"""Footprints on chain: stated by a publisher, versioned, verified by certifiers."""

import uuid

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.entry import Entry
from api.graphql.node import Node, global_id
from api.graphql.scalars import BigInt, Hash, Long
from core.crypto import cid_v1_raw
from core.db.chain_tables import Footprint as FootprintRow


@strawberry.type(description="A product carbon footprint (PACT v3), in its publisher's name.")
class Footprint(Entry, Node):
    tx_hash: Hash
    product_id: Hash
    document_hash: Hash
    document_cid: str
    pact_id: str = strawberry.field(description="The footprint's UUID.")
    version: Long = strawberry.field(description="A later one supersedes it.")
    kg: BigInt = strawberry.field(description="Kilograms CO2e.")

    @strawberry.field
    async def publisher(self, info: Info) -> Actor:
        return await actor_of(info, self.row.publisher)

    @strawberry.field(description="Certifiers who stated something about this very version.")
    async def verifiers(self, info: Info) -> list[Actor]:
        found = await info.context.load.verifiers.load(
            (self.row.product_id, self.row.publisher, self.row.version)
        )
        return [await actor_of(info, verifier) for verifier in found]


def footprint_node(row: FootprintRow) -> Footprint:
    """A version of a footprint."""
    return Footprint(
        id=global_id("Footprint", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        product_id=Hash(row.product_id),
        document_hash=Hash(row.document_hash),
        document_cid=cid_v1_raw(row.document_hash),
        pact_id=str(uuid.UUID(bytes=row.pact_id)),
        version=Long(row.version),
        kg=BigInt(row.kg),
    )
