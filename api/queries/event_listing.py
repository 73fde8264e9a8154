"""Which values a field has among the events, each once and in order."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import EventIndex, EventValue
from core.epcis.query.terms import word

COLUMNS: Final = ("event_type", "biz_step", "disposition", "read_point", "biz_location")
EPC_FIELDS: Final = ("epc", "parentID", "inputEPC", "outputEPC")


async def distinct(snapshot: Snapshot, column: str, after: str | None, size: int) -> list[str]:
    """The next values of a column of the index, at most `size`.

    Looks up one value after the other: as fast for a million events as for ten.
    """
    values = getattr(EventIndex, column)
    start = select(func.min(values).label("value"))
    first = (start if after is None else start.where(values > after)).cte(recursive=True)
    following = select(func.min(values)).where(values > first.c.value).scalar_subquery()
    walk = first.union_all(select(following).where(first.c.value.is_not(None)))
    wanted = select(walk.c.value).where(walk.c.value.is_not(None)).limit(size)
    return list(await snapshot.all(wanted))


async def epcs(snapshot: Snapshot, after: str | None, size: int) -> list[str]:
    """The next identifiers of single things, at most `size`."""
    found: set[bytes] = set()
    for field in EPC_FIELDS:
        found |= set(await _things(snapshot, word(field, ""), after, size))
    return [uri.decode("utf-8", "replace") for uri in sorted(found)[:size]]


async def _things(snapshot: Snapshot, field: str, after: str | None, size: int) -> Sequence[Any]:
    start = _lowest(field, (after or "").encode()).subquery()
    first = select(start.c.value).cte(recursive=True)
    following = _lowest(field, first.c.value).scalar_subquery()
    walk = first.union_all(select(following).where(first.c.value.is_not(None)))
    wanted = select(walk.c.value).where(walk.c.value.is_not(None)).limit(size)
    return await snapshot.all(wanted)


def _lowest(field: str, after: Any) -> Any:
    """The first value behind another; PostgreSQL has no min() of bytes."""
    value = col(EventValue.value)
    found: Any = select(value.label("value")).where(col(EventValue.field) == field, value > after)
    return found.order_by(value).limit(1)
