"""Packing, corrections, offers and mass: what the chain says of products beside their entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import tuple_
from sqlmodel import col, select

from api.queries.rows import Place, by_parent
from api.queries.snapshot import Snapshot
from core.db.chain_tables import (
    CustodyTransfer,
    Event,
    HandoverOffer,
    MassDeclaration,
    OfferEnd,
    Packing,
    Product,
    Transformation,
)
from core.types import EventKind

EntryKey = tuple[bytes, int]
"""Product and seq."""


@dataclass(frozen=True, slots=True)
class Mass:
    """Grams of a product: what there was, and what transformations have left of it."""

    made: int
    left: int


async def packings_at(snapshot: Snapshot, places: Sequence[Place]) -> dict[Place, Packing]:
    """The packing of each place in the chain that has one."""
    here = tuple_(col(Packing.block_number), col(Packing.log_index)).in_(list(places))
    found = await snapshot.rows(select(Packing).where(here))
    return {(row.block_number, row.log_index): row for row in found}


async def corrections_of(snapshot: Snapshot, entries: Sequence[EntryKey]) -> dict[EntryKey, Event]:
    """The latest correction of each entry that has one."""
    wanted = [(product, seq.to_bytes(20, "big")) for product, seq in entries]
    named = tuple_(col(Event.product_id), col(Event.counterparty)).in_(wanted)
    statement = select(Event).where(named, Event.kind == EventKind.CORRECTION)
    found = await snapshot.rows(statement.order_by(col(Event.seq)))
    return {(row.product_id, int.from_bytes(row.counterparty, "big")): row for row in found}


async def masses(snapshot: Snapshot, products: Sequence[bytes]) -> dict[bytes, Mass]:
    """The mass of each product that has one."""
    declared = await by_parent(snapshot, MassDeclaration, "product_id", products)
    parts = await by_parent(snapshot, Transformation, "product_id", products)
    found = {}
    for product in products:
        weighed = [row for row in parts.get(product, []) if row.grams is not None]
        made = [int(row.grams) for row in declared.get(product, [])]
        made += [int(row.grams or 0) for row in weighed if row.role == "output"]
        used = sum(int(row.grams or 0) for row in weighed if row.role == "input")
        if made or weighed:
            found[product] = Mass(sum(made), sum(made) - used)
    return found


async def offer_states(snapshot: Snapshot, offers: Sequence[HandoverOffer]) -> dict[Place, str]:
    """How each offer stands: `pending`, `accepted`, `rejected`, `cancelled`, `expired`,
    `replaced` by a later offer, or `stale` since the product moved on."""
    products = list({offer.product_id for offer in offers})
    order = (col(HandoverOffer.block_number), col(HandoverOffer.log_index))
    offered = await by_parent(snapshot, HandoverOffer, "product_id", products, *order)
    ends_in_order = (col(OfferEnd.block_number), col(OfferEnd.log_index))
    ended = await by_parent(snapshot, OfferEnd, "product_id", products, *ends_in_order)
    moved = await by_parent(snapshot, CustodyTransfer, "product_id", products)
    current = await by_parent(snapshot, Product, "product_id", products)
    now = await snapshot.time()
    return {
        place(offer): _state(
            offer,
            [other for other in offered[offer.product_id] if place(other) > place(offer)],
            [end for end in ended[offer.product_id] if place(end) > place(offer)],
            [made for made in moved[offer.product_id] if place(made) > place(offer)],
            current[offer.product_id],
            now,
        )
        for offer in offers
    }


def place(row: HandoverOffer | OfferEnd | CustodyTransfer) -> Place:
    """Where a row stands in the chain."""
    return row.block_number, row.log_index


def _state(
    offer: HandoverOffer,
    later: Sequence[HandoverOffer],
    ends: Sequence[OfferEnd],
    moves: Sequence[CustodyTransfer],
    products: Sequence[Product],
    now: int,
) -> str:
    seq = int.from_bytes(offer.prev_head[:8], "big") + 1
    if any(
        m.seq == seq and m.to_actor == offer.to_actor and m.data_hash == offer.data_hash
        for m in moves
    ):
        return "accepted"
    until = min((place(other) for other in later), default=None)
    if ends and (until is None or place(ends[0]) < until):
        return ends[0].outcome
    if until is not None:
        return "replaced"
    if any(product.head != offer.prev_head for product in products):
        return "stale"
    return "expired" if offer.deadline < now else "pending"
