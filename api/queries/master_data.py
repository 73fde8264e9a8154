"""What the master data says about places and things, put into a query before it becomes SQL."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.app_tables import MasterDataFact
from core.epcis.query.model import Condition, EventQuery, MasterData, Words

CHILD: Final = "child"
ATTRIBUTE: Final = "attribute"
MOST: Final = 5_000
"""Places under one, at most; more than any company has in a query."""


async def resolved(snapshot: Snapshot, query: EventQuery) -> EventQuery:
    """The same query with words instead of questions to the master data."""
    conditions = [await _resolved(snapshot, one) for one in query.conditions]
    return replace(query, conditions=tuple(conditions))


async def _resolved(snapshot: Snapshot, condition: Condition) -> Condition:
    if not isinstance(condition, MasterData):
        return condition
    if condition.below:
        return Words(condition.field, await _with_descendants(snapshot, condition.below))
    return Words(condition.field, await _having(snapshot, condition))


async def _with_descendants(snapshot: Snapshot, start: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(start)
    layer = list(found)
    while layer and len(found) < MOST:
        children = select(MasterDataFact.value).where(
            MasterDataFact.kind == CHILD, col(MasterDataFact.subject).in_(layer)
        )
        layer = [one for one in await snapshot.all(children) if one not in found]
        found |= dict.fromkeys(layer)
    return tuple(found)


async def _having(snapshot: Snapshot, condition: MasterData) -> tuple[str, ...]:
    facts = select(MasterDataFact.subject).where(
        MasterDataFact.kind == ATTRIBUTE, col(MasterDataFact.name).in_(condition.attributes)
    )
    if condition.values:
        facts = facts.where(col(MasterDataFact.value).in_(condition.values))
    return tuple(dict.fromkeys(await snapshot.all(facts.limit(MOST))))
