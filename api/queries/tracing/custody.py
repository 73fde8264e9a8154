"""Who held products at a moment: their own last handover, or that of what they were packed in."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import Cut, Place
from core.db.chain_tables import CustodyTransfer, Packing, Product


async def holders(snapshot: Snapshot, products: Iterable[bytes], cut: Cut) -> dict[bytes, bytes]:
    """The custodian of each product that had one as of the cut."""
    wanted = set(products)
    if cut.block is None and cut.event_time is None:
        rows = await read.gathered(snapshot, wanted, lambda batch: _among(Product, batch))
        return {row.product_id: row.custodian for row in rows}
    parents, own = await _before(snapshot, wanted, cut)
    return {
        product: own[outer] for product in wanted if (outer := _outermost(product, parents)) in own
    }


async def _before(
    snapshot: Snapshot, products: set[bytes], cut: Cut
) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    """Container and own custodian of these products and of all that held them."""
    parents: dict[bytes, bytes] = {}
    own: dict[bytes, bytes] = {}
    unread = set(products)
    seen: set[bytes] = set()
    while unread:
        seen |= unread
        events = await _history(snapshot, unread, cut)
        for _, product, parent, actor in sorted(events, key=lambda event: event[0]):
            if parent is None:
                parents.pop(product, None)
                own[product] = actor
            else:
                parents[product] = parent
        unread = set(parents.values()) - seen
    return parents, own


Change = tuple[Place, bytes, bytes | None, bytes]
"""Place, product, what it was packed into (None: it was handed over or taken out), by whom."""


async def _history(snapshot: Snapshot, products: set[bytes], cut: Cut) -> list[Change]:
    changes: list[Change] = []
    for model in (CustodyTransfer, Packing):
        rows = await read.gathered(
            snapshot,
            products,
            lambda batch, model=model: read.within(_among(model, batch), model, cut),
        )
        changes += [
            _change(row)
            for row in rows
            if cut.event_time is None or row.occurred_at <= cut.event_time
        ]
    return changes


def _change(row: Any) -> Change:
    place = row.block_number, row.log_index
    if isinstance(row, CustodyTransfer):
        return place, row.product_id, None, row.to_actor
    return place, row.product_id, row.parent_id if row.packed else None, row.actor


def _among(model: Any, products: Any) -> Any:
    return select(model).where(col(model.product_id).in_(products))


def _outermost(product: bytes, parents: dict[bytes, bytes]) -> bytes:
    seen = set()
    while product in parents and product not in seen:
        seen.add(product)
        product = parents[product]
    return product
