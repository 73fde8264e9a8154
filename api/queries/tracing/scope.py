"""The scope of a recall: everything a contaminated product reached, and who holds it now."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.queries import rows
from api.queries.snapshot import Snapshot
from api.queries.tracing.facts import Cut, Link, TraceTooLarge
from api.queries.tracing.walk import MAX_DEPTH, Direction, Part, Traced, Visited, trace
from core.db.chain_tables import Actor, Product
from core.errors import UnknownEntity


@dataclass(frozen=True, slots=True)
class Affected:
    """One product in the scope of a recall."""

    visited: Visited
    uri: str | None
    product: Product | None
    """None if it has no history of its own: somebody only named it."""
    holder: Actor | None
    """None if nobody registered who holds it."""
    via: tuple[Link, ...]
    """The links by which it was reached."""

    @property
    def is_contaminated(self) -> bool:
        """It may hold matter of the start; otherwise matter only travelled in it."""
        return self.visited.part is Part.MATTER

    @property
    def is_confirmed(self) -> bool:
        """Both sides recorded at least one of the links that lead here."""
        return not self.via or any(link.by_source and link.by_target for link in self.via)


@dataclass(frozen=True, slots=True)
class Scope:
    """All of them, nearest first."""

    traced: Traced
    affected: tuple[Affected, ...]


async def scope(
    snapshot: Snapshot, product_id: bytes, cut: Cut | None = None, uri: str | None = None
) -> Scope:
    """`uri` finds the serials of a lot that has no history of its own.

    Raises UnknownEntity without a history, and TraceTooLarge: a recall is never cut short.
    """
    traced = await trace(snapshot, product_id, Direction.FORWARD, depth=MAX_DEPTH, cut=cut, uri=uri)
    if not traced.links and await rows.product_by_id(snapshot, product_id) is None:
        raise UnknownEntity("nothing was recorded for this product", pointer="uri")
    if traced.truncated:
        raise TraceTooLarge("the recall reaches further than a trace may go")
    return Scope(traced, await affected(snapshot, traced, traced.products))


async def affected(
    snapshot: Snapshot, traced: Traced, products: Sequence[Visited]
) -> tuple[Affected, ...]:
    """These products of a trace with their state and holder."""
    ids = [one.product_id for one in products]
    known = await rows.by_key(snapshot, Product, "product_id", ids)
    holders = {row.custodian for row in known.values()}
    actors = await rows.by_key(snapshot, Actor, "address", holders)
    via = _reached_by(traced)
    return tuple(_affected(one, traced, known, actors, via) for one in products)


def _affected(
    one: Visited,
    traced: Traced,
    known: dict[bytes, Product],
    actors: dict[bytes, Actor],
    via: dict[bytes, list[Link]],
) -> Affected:
    product = known.get(one.product_id)
    return Affected(
        visited=one,
        uri=traced.uris.get(one.product_id),
        product=product,
        holder=actors.get(product.custodian) if product else None,
        via=tuple(via.get(one.product_id, ())),
    )


def _reached_by(traced: Traced) -> dict[bytes, list[Link]]:
    """Links by the end that lies further from the start."""
    depth = {one.product_id: one.depth for one in traced.products}
    found: dict[bytes, list[Link]] = {}
    for link in traced.links:
        further = max((link.source, link.target), key=lambda end: depth[end])
        if not link.is_stay:
            further = link.target
        found.setdefault(further, []).append(link)
    return found
