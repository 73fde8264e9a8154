"""An EPCIS query as SQL over the event index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, tuple_
from sqlmodel import col, select

from api.queries.event_conditions import between, having_words, in_range, one_of
from api.queries.event_few import Columns, few
from api.queries.event_order import ByExtension
from api.queries.snapshot import Snapshot
from core.db.chain_tables import Block, Document, Event, EventIndex
from core.epcis.query.errors import QueryTooLarge
from core.epcis.query.model import EventQuery, Span, Words
from core.epcis.query.values import refused
from core.types import RECALL_BASE

Key = tuple[int | bytes, ...]
"""Where an event stands in the order asked for; its document's hash comes last."""

_KEYS: Final = {"recordTime": "first_block", "eventTime": "event_time"}


@dataclass(frozen=True, slots=True)
class Hit:
    """An event that was found."""

    key: Key
    json: str
    record_time: int
    """Unix milliseconds of the block that recorded it first."""

    @property
    def data_hash(self) -> bytes:
        last = self.key[-1]
        assert isinstance(last, bytes), "so every key ends"
        return last


async def search(
    snapshot: Snapshot,
    query: EventQuery,
    size: int,
    after: Key | None,
    *also: ColumnElement[bool],
) -> list[Hit]:
    """The first `size` events behind `after`. Raises QueryTooLarge, DatabaseUnavailable."""
    matching = [*await _matching(snapshot, query), *also]
    if query.maximum is not None and after is None:
        await _check_count(snapshot, matching, query.maximum)
    if query.order_by not in _KEYS:
        return await _by_extension(snapshot, query, matching, size, after)
    if after is not None and len(after) != 2:
        raise refused("nextPageToken", "is no token of ours", "Follow the Link header.")
    found = await snapshot.all(_page(query, matching, size, after))
    return [Hit((number, data), text, 1000 * time) for number, data, text, time in found]


async def _by_extension(
    snapshot: Snapshot,
    query: EventQuery,
    matching: Sequence[ColumnElement[bool]],
    size: int,
    after: Key | None,
) -> list[Hit]:
    """Those with the extension by its value, then those without."""
    order = await ByExtension.of(snapshot, query.order_by, after, descending=query.descending)
    hits: list[Hit] = []
    for keys in order.pages(matching, after):
        page = keys.limit(size - len(hits)).subquery()
        way = page.c.key.desc() if query.descending else page.c.key.asc()
        hash_ = page.c.data_hash.desc() if query.descending else page.c.data_hash.asc()
        found = await snapshot.all(_documents(page, way, hash_))
        hits += [
            Hit((order.kind, int(has), value, data), text, 1000 * time)
            for value, data, text, time, has in found
        ]
        if len(hits) == size:
            break
    return hits


def _page(
    query: EventQuery, matching: Sequence[ColumnElement[bool]], size: int, after: Key | None
) -> Any:
    """Which events a page holds is decided over their keys alone, before any document is read."""
    key = getattr(EventIndex, _KEYS[query.order_by])
    place = (key, col(EventIndex.data_hash))
    keys = select(key.label("key"), EventIndex.data_hash, EventIndex.first_block).where(*matching)
    if after is not None:
        behind = tuple_(*place) < tuple_(*after) if query.descending else None
        keys = keys.where(behind if behind is not None else tuple_(*place) > after)
    page = keys.order_by(*_ordered(query, *place)).limit(size).subquery()
    return _documents(page, *_ordered(query, page.c.key, page.c.data_hash))


def _documents(page: Any, *order: ColumnElement[Any]) -> Any:
    more = [page.c.has] if "has" in page.c else []
    return (
        select(page.c.key, page.c.data_hash, Document.event_json, Block.timestamp, *more)
        .select_from(page)
        .join(Document, col(Document.data_hash) == page.c.data_hash)
        .join(Block, col(Block.number) == page.c.first_block)
        .order_by(*order)
    )


def _ordered(query: EventQuery, *columns: Any) -> list[ColumnElement[Any]]:
    return [one.desc() if query.descending else one.asc() for one in columns]


async def _check_count(snapshot: Snapshot, matching: Sequence[Any], maximum: int) -> None:
    some = select(EventIndex.data_hash).where(*matching).limit(maximum + 1).subquery()
    (count,) = await snapshot.all(select(func.count()).select_from(some))
    if count > maximum:
        raise QueryTooLarge(
            f"more than {maximum} events match", pointer="maxEventCount", details={"limit": maximum}
        )


async def _matching(snapshot: Snapshot, query: EventQuery) -> list[ColumnElement[bool]]:
    recorded = select(Event.data_hash).where(
        col(Event.data_hash) == col(EventIndex.data_hash), col(Event.kind) < RECALL_BASE
    )
    sqlite = snapshot.is_sqlite
    words = [one for one in query.conditions if isinstance(one, Words)]
    columns = Columns(
        (
            *having_words(words, sqlite=sqlite),
            *between(col(EventIndex.event_time), query.event_time),
            *between(col(EventIndex.first_block), await _blocks(snapshot, query.record_time)),
        )
    )
    ranged = [one for one in query.conditions if not isinstance(one, Words)]
    asked = [columns, *ranged] if words else ranged
    rare = await few(snapshot, asked)
    left = [one for place, one in enumerate(asked) if not rare or place not in rare.answered]
    return [
        *([] if rare is None else [one_of(rare.keys, sqlite=sqlite)]),
        recorded.exists(),
        *([] if words else columns.clauses),
        *(
            clause
            for one in left
            for clause in (
                one.clauses if isinstance(one, Columns) else [in_range(one, sqlite=sqlite)]
            )
        ),
    ]


async def _blocks(snapshot: Snapshot, span: Span) -> Span:
    """A span of time as a span of block numbers."""
    start = None if span.start is None else await first_block_at(snapshot, span.start)
    end = None if span.end is None else await first_block_at(snapshot, span.end)
    return Span(start, end)


async def first_block_at(snapshot: Snapshot, millis: int) -> int:
    """The lowest block number whose time is not before this; times grow with numbers."""
    [last] = await snapshot.all(select(func.max(Block.number)))
    low, high = 0, (last or 0) + 1
    while low < high:
        middle = (low + high) // 2
        block = await snapshot.first(
            select(Block).where(col(Block.number) >= middle).order_by(col(Block.number))
        )
        if block is not None and 1000 * block.timestamp < millis:
            low = block.number + 1
        else:
            high = middle
    return low
