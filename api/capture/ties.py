"""What is known that ties the things of a large document together, however much of it there is.

A recall of a case holds for the pallet that it is on, so what is known of packing decides which
events must be judged together. Containers are followed upwards: from a thing to all it was ever
packed into, and on; whatever of them the document names is then tied to the thing.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlmodel import col, select

from api.capture.history import on_their_way
from api.queries.snapshot import Snapshot
from api.queries.tracing import lots
from core.crypto import keccak256
from core.db.chain_tables import DocumentProduct
from core.epcis.choreography.parts import Parts
from core.epcis.choreography.telling import Telling
from core.epcis.model import ProductRole

_THINGS: Final = 500
_DOCUMENTS: Final = 500
"""Looked up at once."""


async def tie(snapshot: Snapshot, parts: Parts) -> None:
    """Links what the mirror, and what is on its way there, says about wanted things."""
    for waiting in await on_their_way(snapshot):
        _, told = waiting.told()
        if isinstance(told, Telling):
            named = [one.uri for one in told.named]
            parts.link(named)
            for one in told.named:
                for lot in told.lots_of(one):
                    parts.belong(one.uri, lot)
            parts.want(one.uri for one in told.named if one.role is ProductRole.PARENT)
    while things := parts.unread(_THINGS):
        ids = {keccak256(uri.encode()): uri for uri in things}
        for serial, lot in await lots.named(snapshot, ids):
            parts.belong(serial, lot)
        await _tie_documents(snapshot, parts, ids)


async def _tie_documents(snapshot: Snapshot, parts: Parts, things: dict[bytes, str]) -> None:
    after = b""
    while hashes := await _hashes(snapshot, list(things), after):
        rows = await snapshot.all(
            select(DocumentProduct).where(col(DocumentProduct.data_hash).in_(hashes))
        )
        by_document: defaultdict[bytes, list[DocumentProduct]] = defaultdict(list)
        for row in rows:
            by_document[row.data_hash].append(row)
        for named in by_document.values():
            parts.link(row.uri for row in named)
            if any(row.role == ProductRole.CHILD and row.product_id in things for row in named):
                parts.want(row.uri for row in named if row.role == ProductRole.PARENT)
        after = hashes[-1]


async def _hashes(snapshot: Snapshot, things: Sequence[bytes], after: bytes) -> Sequence[bytes]:
    """The next documents that name any of these."""
    data_hash = col(DocumentProduct.data_hash)
    wanted = (
        select(DocumentProduct.data_hash)
        .where(col(DocumentProduct.product_id).in_(things), data_hash > after)
        .distinct()
        .order_by(data_hash)
        .limit(_DOCUMENTS)
    )
    return await snapshot.all(wanted)
