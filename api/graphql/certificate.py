"""Certificates: what a registered certifier vouches for, and until when."""

import strawberry

from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.entry import Entry
from api.graphql.enums import CertificateState
from api.graphql.node import Node, global_id
from api.graphql.scalars import Hash, Long
from api.queries import certificates
from core.crypto import cid_v1_raw
from core.db.chain_tables import Certificate as CertificateRow


@strawberry.type(description="A certifier vouches for a product, a party or a place.")
class Certificate(Entry, Node):
    tx_hash: Hash
    certificate_id: Hash
    subject: Hash = strawberry.field(description="keccak256 of its URI; of a product, its id.")
    scheme: Hash
    document_hash: Hash
    document_cid: str
    valid_from: Long = strawberry.field(description="Unix seconds; both ends belong to it.")
    valid_to: Long

    @strawberry.field
    async def certifier(self, info: Info) -> Actor:
        return await actor_of(info, self.row.certifier)

    @strawberry.field(description="How it stands at the block of this answer.")
    async def validity(self, info: Info) -> CertificateState:
        revoked = await info.context.load.revocation.load(self.certificate_id)
        now = await info.context.snapshot.time()
        return CertificateState(certificates.state_of(self.row, revoked, now))

    @strawberry.field(description="Who ended it, if somebody did.")
    async def revoked_by(self, info: Info) -> Actor | None:
        revoked = await info.context.load.revocation.load(self.certificate_id)
        return await actor_of(info, revoked.revoker) if revoked else None


def certificate_node(row: CertificateRow) -> Certificate:
    """A certificate."""
    return Certificate(
        id=global_id("Certificate", row.block_number, row.log_index),
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        certificate_id=Hash(row.certificate_id),
        subject=Hash(row.subject),
        scheme=Hash(row.scheme),
        document_hash=Hash(row.document_hash),
        document_cid=cid_v1_raw(row.document_hash),
        valid_from=Long(row.valid_from),
        valid_to=Long(row.valid_to),
    )
