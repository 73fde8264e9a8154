"""Anchors: thousands of events in one transaction, in their publisher's name."""

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.entry import Entry
from api.graphql.node import Node, global_id
from api.graphql.scalars import Hash, Long
from core.crypto import cid_v1_raw
from core.db.chain_tables import Anchor as AnchorRow


@strawberry.type(description="The root of a batch of events; it moves no custody.")
class Anchor(Entry, Node):
    tx_hash: Hash
    root: Hash
    count: Long
    index: Long = strawberry.field(description="Counts a publisher's anchors from 1.")
    tip: Hash = strawberry.field(description="Commitment to all of them up to this one.")
    manifest_hash: Hash | None = strawberry.field(description="The list of events, if published.")
    manifest_cid: str | None

    @strawberry.field
    async def publisher(self, info: Info) -> Actor:
        return await actor_of(info, self.row.publisher)


def anchor_node(row: AnchorRow) -> Anchor:
    """An anchor."""
    published = any(row.manifest_hash)
    return Anchor(
        id=global_id("Anchor", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        root=Hash(row.root),
        count=Long(row.count),
        index=Long(row.index),
        tip=Hash(row.tip),
        manifest_hash=Hash(row.manifest_hash) if published else None,
        manifest_cid=cid_v1_raw(row.manifest_hash) if published else None,
    )
