"""The events that a rare condition leaves, found through that condition's own index.

A database plans by what it guesses. Where it takes a rare word for a common one, it walks through a
million events in the order asked for and looks at each; so rareness is asked first, up to a bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ClauseElement, ColumnElement, Executable, func
from sqlalchemy.ext.compiler import compiles
from sqlmodel import select

from api.queries.event_conditions import exactly, ranges
from api.queries.snapshot import Snapshot
from core.db.chain_tables import EventIndex, EventValue
from core.epcis.query.model import Condition

MOST: Final = 4_000
"""Looking each up costs about what walking past 31 * 1,000,000 / 4,000 others does."""
_SURELY_MORE: Final = 4 * MOST


@dataclass(frozen=True, slots=True)
class Columns:
    """Conditions on the columns of `chain.event_index`, to be met together."""

    clauses: tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Few:
    """All that rare conditions leave."""

    keys: frozenset[bytes]
    answered: frozenset[int]
    """Which of the conditions that were, so that nobody needs to ask about them any more."""


async def few(snapshot: Snapshot, conditions: Sequence[Condition | Columns]) -> Few | None:
    """The events that meet every rare condition; None where each leaves more than `MOST`."""
    found = {place: await _keys(snapshot, one) for place, one in enumerate(conditions)}
    rare = {place: set(keys) for place, keys in found.items() if keys is not None}
    if not rare:
        return None
    return Few(frozenset.intersection(*map(frozenset, rare.values())), frozenset(rare))


async def _keys(snapshot: Snapshot, condition: Condition | Columns) -> list[bytes] | None:
    if not isinstance(condition, Columns):
        return await _by_values(snapshot, condition)
    if snapshot.is_sqlite or not condition.clauses:  # SQLite has no index of words
        return None
    return await _by_words(snapshot, condition.clauses)


async def _by_words(
    snapshot: Snapshot, conditions: Sequence[ColumnElement[bool]]
) -> list[bytes] | None:
    wanted = select(EventIndex.data_hash).where(*conditions)
    if await _guess(snapshot, wanted) > _SURELY_MORE:
        return None
    return await _up_to_most(snapshot, wanted)


async def _by_values(snapshot: Snapshot, condition: Condition) -> list[bytes] | None:
    words = exactly(condition, sqlite=snapshot.is_sqlite)
    if words and snapshot.is_sqlite:
        return None
    wanted = select(EventValue.data_hash).where(*ranges(condition))
    parts = [await _up_to_most(snapshot, wanted)]
    parts += [await _by_words(snapshot, [one]) for one in words]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return list({key for part in known for key in part})


async def _up_to_most(snapshot: Snapshot, wanted: Any) -> list[bytes] | None:
    await _walk_indexes_only(snapshot, True)
    found = await snapshot.all(wanted.limit(MOST + 1))
    await _walk_indexes_only(snapshot, False)
    return list(dict.fromkeys(found)) if len(found) <= MOST else None


async def _guess(snapshot: Snapshot, wanted: Any) -> int:
    """How many rows PostgreSQL expects: right for common words, of which it keeps a list."""
    [row] = await snapshot.all(_Explained(wanted))
    return int(row[0][0]["Plan"]["Plan Rows"])


class _Explained(Executable, ClauseElement):
    """What PostgreSQL would do."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(_Explained, "postgresql")
def _explain(element: _Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


async def _walk_indexes_only(snapshot: Snapshot, only: bool) -> None:
    """PostgreSQL would read the table from its start, hoping to meet enough rows soon."""
    if not snapshot.is_sqlite:
        value = "off" if only else "on"
        await snapshot.all(select(func.set_config("enable_seqscan", value, True)))
