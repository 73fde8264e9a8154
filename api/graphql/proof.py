"""Proofs in answers: where to get one, and the bundle itself on request."""

import strawberry

from api import links
from api.graphql.context import Info
from api.graphql.scalars import Hash, Long
from core.db.chain_tables import Event as EventRow
from core.db.chain_tables import Product as ProductRow


@strawberry.type(description="What a checker needs; `bundle` is one JSON file that holds it all.")
class Proof:
    uri: strawberry.Private[str]
    product_id: Hash
    seq: Long = strawberry.field(description="Length of the history up to this point.")
    head: Hash = strawberry.field(description="What the contract stored after that entry.")
    url: str = strawberry.field(description="The proof bundle of the whole product.")

    @strawberry.field(description="The bundle as JSON text: check it with any RPC endpoint.")
    async def bundle(self, info: Info) -> str:
        found = await info.context.services.proofs.bundle(info.context.snapshot, self.uri)
        return found.decode()


def product_proof(info: Info, row: ProductRow) -> Proof | None:
    """The proof of a product's whole history; None while its URI is unknown."""
    if row.uri is None:
        return None
    url = links.proof(info.context.services.settings.public_url, row.uri)
    return Proof(
        uri=row.uri,
        product_id=Hash(row.product_id),
        seq=Long(row.seq),
        head=Hash(row.head),
        url=url,
    )


async def event_proof(info: Info, row: EventRow) -> Proof | None:
    """The proof of the history up to one entry."""
    product = await info.context.load.product.load(row.product_id)
    whole = product_proof(info, product) if product else None
    if whole is None:
        return None
    return Proof(
        uri=whole.uri,
        product_id=whole.product_id,
        seq=Long(row.seq),
        head=Hash(row.head),
        url=whole.url,
    )
