"""Sensor attestations: k of n oracle workers signed a batch of readings."""

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.device import Device, registered_device
from api.graphql.document import Document, document_of
from api.graphql.entry import Entry
from api.graphql.node import Node, global_id
from api.graphql.scalars import BigInt, Hash, Long
from core.crypto import cid_v1_raw
from core.db.chain_tables import Attestation as AttestationRow


@strawberry.type(description="A batch of readings; temperatures in milli-degrees Celsius.")
class Attestation(Entry, Node):
    batch_id: Hash
    product_id: Hash
    tx_hash: Hash
    root: Hash = strawberry.field(description="Merkle root over the readings.")
    manifest_hash: Hash
    manifest_cid: str
    median: Long
    minimum: Long
    maximum: Long
    lower_bound: Long
    upper_bound: Long
    count: Long
    excursions: Long = strawberry.field(description="Readings outside the bounds.")
    from_time: Long = strawberry.field(description="Unix milliseconds.")
    to_time: Long
    epoch: Long
    signer_bitmap: BigInt

    @strawberry.field(description="The device whose key signed every reading.")
    async def device(self, info: Info) -> Actor:
        return await actor_of(info, self.row.device)

    @strawberry.field(description="What DeviceRegistry says of that device today.")
    async def registration(self, info: Info) -> Device | None:
        return await registered_device(info, self.row.device)

    @strawberry.field(description="All readings with their signatures.")
    async def manifest(self, info: Info) -> Document | None:
        return await document_of(info, self.manifest_hash)


def attestation_node(row: AttestationRow) -> Attestation:
    """An attested batch."""
    return Attestation(
        id=global_id("Attestation", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        batch_id=Hash(row.batch_id),
        product_id=Hash(row.product_id),
        tx_hash=Hash(row.tx_hash),
        root=Hash(row.root),
        manifest_hash=Hash(row.manifest_hash),
        manifest_cid=cid_v1_raw(row.manifest_hash),
        median=Long(row.median),
        minimum=Long(row.minimum),
        maximum=Long(row.maximum),
        lower_bound=Long(row.lower_bound),
        upper_bound=Long(row.upper_bound),
        count=Long(row.count),
        excursions=Long(row.excursions),
        from_time=Long(row.from_time),
        to_time=Long(row.to_time),
        epoch=Long(row.epoch),
        signer_bitmap=BigInt(row.signer_bitmap),
    )
