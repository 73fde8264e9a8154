"""New events of a query: each once, in the order of recording, whenever its document arrives.

A document may be read long after its block, so "behind the last one told" would miss it.
Everything above a floor is looked at, and what was told is left out; the floor follows what can no
longer change.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from api.queries.event_search import Hit, search
from api.queries.master_data import resolved
from api.queries.snapshot import Snapshot
from core.db.app_tables import ToldEvent
from core.db.chain_tables import Document, EventIndex
from core.epcis.query.model import EventQuery, Span


async def fresh(
    snapshot: Snapshot,
    query: EventQuery,
    since: int,
    floor_block: int,
    size: int,
    *also: ColumnElement[bool],
) -> list[Hit]:
    """At most `size` events recorded from `since` (Unix milliseconds) on."""
    start = max(since, query.record_time.start or 0)
    wanted = replace(
        await resolved(snapshot, query),
        record_time=Span(start, query.record_time.end),
        order_by="recordTime",
        descending=False,
        maximum=None,
    )
    return await search(
        snapshot, wanted, size, None, col(EventIndex.first_block) >= floor_block, *also
    )


def not_told(subscription_id: str) -> ColumnElement[bool]:
    """Leaves out what a subscription knows."""
    told = select(ToldEvent.data_hash).where(
        ToldEvent.subscription_id == subscription_id,
        col(ToldEvent.data_hash) == col(EventIndex.data_hash),
    )
    return ~told.exists()


def not_among(hashes: Sequence[bytes]) -> ColumnElement[bool]:
    """Leaves out what a connection was sent."""
    return col(EventIndex.data_hash).not_in(hashes)


async def settled_block(snapshot: Snapshot) -> int:
    """The first block that may still change: not final, or with a document still to be read."""
    open_documents = or_(
        col(Document.status) == "pending",
        (col(Document.status) == "quarantined") & (col(Document.next_attempt_at) > 0),
    )
    [lowest] = await snapshot.all(select(func.min(Document.first_block)).where(open_documents))
    finalized = (await snapshot.meta()).finalized + 1
    return finalized if lowest is None else min(finalized, lowest)
