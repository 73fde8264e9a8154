"""An EPCIS query as SQL over the event index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, false, func, literal_column, or_, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import Block, Document, Event, EventIndex, EventValue
from core.epcis.query.errors import QueryTooLarge
from core.epcis.query.model import Condition, EventQuery, Identifiers, Numbers, Span, Words
from core.epcis.query.terms import word
from core.types import RECALL_BASE

Key = tuple[int, bytes]
"""Where an event stands in the order asked for."""

_KEYS: Final = {"recordTime": "first_block", "eventTime": "event_time"}
_COMPARE: Final = {"GT": "__gt__", "GE": "__ge__", "LT": "__lt__", "LE": "__le__"}


@dataclass(frozen=True, slots=True)
class Hit:
    """An event that was found."""

    key: Key
    json: str
    record_time: int
    """Unix milliseconds of the block that recorded it first."""


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
    key = getattr(EventIndex, _KEYS[query.order_by])
    place = (key, col(EventIndex.data_hash))
    statement = (
        select(*place, Document.event_json, Block.timestamp)
        .select_from(EventIndex)
        .join(Document, col(Document.data_hash) == col(EventIndex.data_hash))
        .join(Block, col(Block.number) == col(EventIndex.first_block))
        .where(*matching)
        .order_by(*((one.desc() if query.descending else one.asc()) for one in place))
        .limit(size)
    )
    if after is not None:
        behind = tuple_(*place) < tuple_(*after) if query.descending else None
        statement = statement.where(behind if behind is not None else tuple_(*place) > after)
    found = await snapshot.all(statement)
    return [Hit((number, data), text, 1000 * time) for number, data, text, time in found]


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
    words = [one for one in query.conditions if isinstance(one, Words)]
    return [
        recorded.exists(),
        *_words(words, sqlite=snapshot.is_sqlite),
        *(
            _ranged(one, sqlite=snapshot.is_sqlite)
            for one in query.conditions
            if not isinstance(one, Words)
        ),
        *_between(col(EventIndex.event_time), query.event_time),
        *_between(col(EventIndex.first_block), await _blocks(snapshot, query.record_time)),
    ]


def _words(conditions: Sequence[Words], *, sqlite: bool) -> list[ColumnElement[bool]]:
    lists = [[word(one.field, value) for value in one.values] for one in conditions]
    if sqlite:
        return [_any_inside(listed) for listed in lists]
    # single words together: one look into the index instead of one each
    together = [listed[0] for listed in lists if len(listed) == 1]
    rest = [_overlaps(listed) for listed in lists if len(listed) != 1]
    return ([_indexed().op("@>")(_array(together))] if together else []) + rest


def _any_inside(listed: Sequence[str]) -> ColumnElement[bool]:
    found = [func.instr(EventIndex.words, one) > 0 for one in listed]
    return or_(*found) if found else false()


def _overlaps(listed: Sequence[str]) -> ColumnElement[bool]:
    return _indexed().op("&&")(_array(listed)) if listed else false()


def _indexed() -> Any:
    """The expression that PostgreSQL's index is over."""
    return func.string_to_array(EventIndex.words, literal_column("' '"))


def _array(listed: Sequence[str]) -> Any:
    return cast(array(listed), ARRAY(Text))


def _ranged(condition: Condition, *, sqlite: bool) -> ColumnElement[bool]:
    match condition:
        case Numbers(field, operator, values):
            value = col(EventValue.value)
            compared = (
                value.in_(values)
                if operator == "EQ"
                else getattr(value, _COMPARE[operator])(values[0])
            )
            return _has_value([field], compared)
        case Identifiers(fields, prefixes, exact):
            begins = [_begins(prefix.encode()) for prefix in prefixes]
            words = [_words([Words(*one_word)], sqlite=sqlite) for one_word in _single(exact)]
            return or_(_has_value(fields, or_(*begins)), *(one for [one] in words))
        case _:
            raise AssertionError(f"{condition} is resolved before")


def _single(exact: Sequence[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    return [(field, (value,)) for field, value in exact]


def _has_value(fields: Sequence[str], compared: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(EventValue.data_hash).where(
        col(EventValue.data_hash) == col(EventIndex.data_hash),
        col(EventValue.field).in_([word(field, "") for field in fields]),
        compared,
    )
    return found.exists()


def _begins(prefix: bytes) -> ColumnElement[bool]:
    value = col(EventValue.value)
    return and_(value >= prefix, value < prefix + b"\xff")


def _between(column: Any, span: Span) -> list[ColumnElement[bool]]:
    found = []
    if span.start is not None:
        found.append(column >= span.start)
    if span.end is not None:
        found.append(column < span.end)
    return found


async def _blocks(snapshot: Snapshot, span: Span) -> Span:
    """A span of time as a span of block numbers."""
    start = None if span.start is None else await _first_block_at(snapshot, span.start)
    end = None if span.end is None else await _first_block_at(snapshot, span.end)
    return Span(start, end)


async def _first_block_at(snapshot: Snapshot, millis: int) -> int:
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
