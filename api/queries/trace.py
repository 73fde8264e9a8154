"""Where a product came from: back through transformations, and what it was packed in.

An edge counts only if the chain holds it: the document must have been recorded for the product it
explains, by whoever held that product. A document may name any product; naming is not recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from api.queries import rows
from api.queries.snapshot import Snapshot
from core.db.chain_tables import DocumentProduct, Event

MAX_DEPTH = 32
MAX_PRODUCTS = 200

_SOURCES = (("output", "input"), ("child", "parent"))


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` went into `product`, or carried it, as told by one recorded document."""

    product_id: bytes
    source_id: bytes
    source_uri: str
    relation: str
    """`input` (became part of it) or `parent` (it was packed in it)."""
    data_hash: bytes
    quantity: str | None
    uom: str | None
    depth: int
    place: tuple[int, int]
    """Where in the chain the product's holder recorded the document: (block, log index)."""
    confirmed: bool = False
    """Whether the chain holds the document in the source's own history too."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All edges found, nearest first."""

    edges: tuple[Edge, ...]
    truncated: bool

    def product_ids(self) -> list[bytes]:
        """Every product behind the start, nearest first."""
        return list(dict.fromkeys(edge.source_id for edge in self.edges))


async def trace(snapshot: Snapshot, product_id: bytes, depth: int = MAX_DEPTH) -> Trace:
    """Walks back breadth first, at most `depth` steps and 200 products."""
    edges: list[Edge] = []
    seen, frontier = {product_id}, [product_id]
    for step in range(1, depth + 1):
        found = await _step(snapshot, frontier, step)
        edges += found
        frontier = list(dict.fromkeys(e.source_id for e in found if e.source_id not in seen))
        seen.update(frontier)
        if not frontier:
            return Trace(tuple(edges), truncated=False)
        if len(seen) > MAX_PRODUCTS:
            break
    return Trace(tuple(edges), truncated=True)


async def _step(snapshot: Snapshot, products: Sequence[bytes], depth: int) -> list[Edge]:
    found = [
        edge
        for target, source in _SOURCES
        for edge in await _edges(snapshot, products, target, source, depth)
    ]
    pairs = [(edge.data_hash, edge.source_id) for edge in found]
    held = await rows.recorded_pairs(snapshot, pairs)
    return [replace(edge, confirmed=(edge.data_hash, edge.source_id) in held) for edge in found]


async def _edges(
    snapshot: Snapshot, products: Sequence[bytes], target: str, source: str, depth: int
) -> list[Edge]:
    made, other = aliased(DocumentProduct), aliased(DocumentProduct)
    statement = (
        select(made.product_id, other, Event.block_number, Event.log_index)
        .join(other, col(other.data_hash) == col(made.data_hash))
        .join(
            Event,
            (col(Event.data_hash) == col(made.data_hash))
            & (col(Event.product_id) == col(made.product_id)),
        )
        .where(col(made.product_id).in_(products), made.role == target, other.role == source)
        .order_by(col(Event.block_number), col(Event.log_index), col(other.position))
    )
    edges: dict[tuple[bytes, bytes, int], Edge] = {}
    for product, row, block, index in await snapshot.all(statement):
        edges[product, row.data_hash, row.position] = Edge(
            product_id=product,
            source_id=row.product_id,
            source_uri=row.uri,
            relation=source,
            data_hash=row.data_hash,
            quantity=row.quantity,
            uom=row.uom,
            depth=depth,
            place=(block, index),
        )
    return list(edges.values())
