"""Everything a passport tells, read in one snapshot with a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import col, select

from api.queries import carbon, rows
from api.queries.certificates import Held, held_by
from api.queries.names import names
from api.queries.snapshot import Meta, Snapshot
from api.queries.trace import Edge, Trace, trace
from api.words import Names
from core.crypto import keccak256
from core.db.chain_tables import (
    Attestation,
    CreditRetirement,
    Document,
    DocumentProduct,
    Event,
    Packing,
    Product,
    Recall,
)
from core.types import EventKind

Place = tuple[int, int]
_ALWAYS: Final[Place] = (2**62, 0)
MAX_EVENTS: Final = 400


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of one product and of everything it came from."""

    uri: str
    meta: Meta
    product: Product
    trace: Trace
    events: Sequence[Event]
    """In the order of the chain; of sources only what happened before they were used."""
    truncated: bool
    documents: Mapping[bytes, Document]
    things: Mapping[bytes, Sequence[DocumentProduct]]
    uris: Mapping[bytes, str]
    recalls: Sequence[Recall]
    packings: Mapping[Place, Packing]
    """By their place in the chain."""
    certificates: Sequence[Held]
    attestations: Sequence[Attestation]
    retirements: Sequence[CreditRetirement]
    names: Names

    def links_back(self) -> list[Edge]:
        """One edge for each pair of things, a confirmed one where several documents say it."""
        found: dict[tuple[bytes, bytes, str], Edge] = {}
        for edge in sorted(self.trace.edges, key=lambda edge: not edge.confirmed):
            found.setdefault((edge.product_id, edge.source_id, edge.relation), edge)
        return sorted(found.values(), key=lambda edge: (edge.depth, edge.place))


async def gather(snapshot: Snapshot, uri: str) -> Gathered | None:
    """None if nobody ever recorded this product."""
    product = await rows.product_by_id(snapshot, keccak256(uri.encode()))
    if product is None:
        return None
    found = await trace(snapshot, product.product_id)
    limits = _limits(product.product_id, found)
    events, truncated = await _events(snapshot, limits)
    recalls = await _of_products(snapshot, Recall, list(limits))
    attestations = [
        row
        for row in await _of_products(snapshot, Attestation, list(limits))
        if (row.block_number, row.log_index) <= limits[row.product_id]
    ]
    packings = await _of_products(snapshot, Packing, list(limits))
    held = await held_by(snapshot, [product.product_id])
    hashes = {event.data_hash for event in events}
    hashes |= {row.notice_hash for row in recalls} | {row.manifest_hash for row in attestations}
    return Gathered(
        uri=uri,
        meta=await snapshot.meta(),
        product=product,
        trace=found,
        events=events,
        truncated=truncated or found.truncated,
        documents=await rows.by_key(snapshot, Document, "data_hash", hashes),
        things=await rows.things_of(snapshot, list(hashes)),
        uris=await _uris(snapshot, product, packings)
        | {edge.source_id: edge.source_uri for edge in found.edges},
        recalls=recalls,
        packings={(row.block_number, row.log_index): row for row in packings},
        certificates=held,
        attestations=attestations,
        retirements=await carbon.retirements_of(snapshot, product.product_id),
        names=await names(
            snapshot,
            _addresses(product, events, recalls, attestations)
            | {one.certificate.certifier for one in held},
        ),
    )


async def _uris(
    snapshot: Snapshot, product: Product, packings: Sequence[Packing]
) -> dict[bytes, str]:
    """Names of the product and of what it was packed in, as far as a document told them."""
    wanted = {product.product_id} | {row.parent_id for row in packings}
    if product.parent_id is not None:
        wanted.add(product.parent_id)
    named = await rows.by_key(snapshot, Product, "product_id", wanted)
    return {key: row.uri for key, row in named.items() if row.uri is not None}


def _limits(product_id: bytes, found: Trace) -> dict[bytes, Place]:
    """Up to where each source's history belongs to this product's story.

    An ingredient's ends where it was used; a container's where its content's does.
    """
    limits = {product_id: _ALWAYS}
    for edge in found.edges:
        own = limits.get(edge.product_id, _ALWAYS)
        here = own if edge.relation == "parent" else min(own, edge.place)
        limits[edge.source_id] = max(limits.get(edge.source_id, (-1, 0)), here)
    return limits


async def _events(snapshot: Snapshot, limits: Mapping[bytes, Place]) -> tuple[list[Event], bool]:
    found = await _of_products(snapshot, Event, list(limits), MAX_EVENTS + 1)
    kept = [row for row in found if (row.block_number, row.log_index) <= limits[row.product_id]]
    # A batch logs one entry per product in one transaction; all of them belong to the step.
    using = {row.tx_hash for row in kept}
    with_batch = [row for row in found if row.tx_hash in using]
    return with_batch[:MAX_EVENTS], len(found) > MAX_EVENTS


async def _of_products(
    snapshot: Snapshot, model: Any, products: Sequence[bytes], limit: int = MAX_EVENTS
) -> list[Any]:
    mine = select(model).where(col(model.product_id).in_(products))
    ordered = mine.order_by(col(model.block_number), col(model.log_index)).limit(limit)
    return list(await snapshot.all(ordered))


def _addresses(
    product: Product,
    events: Sequence[Event],
    recalls: Sequence[Recall],
    attestations: Sequence[Attestation],
) -> set[bytes]:
    found = {product.custodian} | {event.actor for event in events}
    found |= {e.counterparty for e in events if e.kind == EventKind.HANDOVER}
    return found | {row.actor for row in recalls} | {row.device for row in attestations}
