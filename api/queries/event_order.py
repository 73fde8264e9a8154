"""Events in the order of an extension, whose type nobody declares: its values say what it is.

It is a number if all its values are, in whatever spelling; a time if all are times; else text, by
the bytes of its UTF-8 (EPCIS 2.0 section 8.2.7.1). Which of them it was at the first page stands in
the token of the next, so pages stay in one order. An event with several values stands where its
first stands in that order; events without the extension come last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import EventIndex, EventValue
from core.epcis.query.terms import IS_MOMENT, IS_TEXT, KIND, MOMENT, TEXT, word
from core.epcis.query.values import refused

_SUFFIXES: Final = ("", MOMENT, TEXT)
"""Numbers, times, text: how `terms` marks the rows of each."""
_NUMBER, _MOMENT, _TEXT = range(3)


@dataclass(frozen=True, slots=True)
class ByExtension:
    """One extension as an order."""

    name: str
    kind: int
    descending: bool

    @classmethod
    async def of(
        cls, snapshot: Snapshot, name: str, after: Sequence[Any] | None, *, descending: bool
    ) -> "ByExtension":
        """As it is now, or as it was where a token is from. Raises QueryParameterInvalid."""
        if after is None:
            return cls(name, await _kind(snapshot, name), descending)
        match after:
            case (int(kind), int(), bytes(), bytes()) if kind in range(len(_SUFFIXES)):
                return cls(name, kind, descending)
        raise refused("nextPageToken", "is no token of ours", "Follow the Link header.")

    def pages(
        self, matching: Sequence[ColumnElement[bool]], after: Sequence[Any] | None
    ) -> Iterator[Any]:
        """Keys of the events with the extension, then of those without, behind a place."""
        _, has, value, data_hash = after or (0, 1, None, None)
        if has:
            yield self._having(matching, value, data_hash)
        yield self._lacking(matching, None if has else data_hash)

    @property
    def _field(self) -> str:
        return word(f"{self.name}{_SUFFIXES[self.kind]}", "")

    def _having(
        self,
        matching: Sequence[ColumnElement[bool]],
        value: bytes | None,
        data_hash: bytes | None,
    ) -> Any:
        own, other = col(EventValue.value), aliased(EventValue)
        better = other.value > own if self.descending else other.value < own
        first = ~(
            select(other.data_hash)
            .where(other.data_hash == EventValue.data_hash, other.field == self._field, better)
            .exists()
        )
        place = (own, col(EventValue.data_hash))
        keys: Any = (
            select(
                own.label("key"),
                EventIndex.data_hash,
                EventIndex.first_block,
                literal(1).label("has"),
            )
            .join(EventIndex, col(EventIndex.data_hash) == col(EventValue.data_hash))
            .where(col(EventValue.field) == self._field, first, *matching)
        )
        if value is not None:
            at, behind = tuple_(*place), tuple_(value, data_hash)
            keys = keys.where(at < behind if self.descending else at > behind)
        return keys.order_by(*(one.desc() if self.descending else one.asc() for one in place))

    def _lacking(self, matching: Sequence[ColumnElement[bool]], data_hash: bytes | None) -> Any:
        own = col(EventIndex.data_hash)
        found = select(EventValue.data_hash).where(
            EventValue.data_hash == own, EventValue.field == self._field
        )
        keys: Any = select(
            literal(b"").label("key"), EventIndex.data_hash, EventIndex.first_block,
            literal(0).label("has"),
        ).where(~found.exists(), *matching)  # fmt: skip
        if data_hash is not None:
            keys = keys.where(own < data_hash if self.descending else own > data_hash)
        return keys.order_by(own.desc() if self.descending else own.asc())


async def _kind(snapshot: Snapshot, name: str) -> int:
    kinds = {mark: await _there(snapshot, f"{name}{KIND}", mark) for mark in (IS_TEXT, IS_MOMENT)}
    if kinds[IS_TEXT]:
        return _TEXT
    if not kinds[IS_MOMENT]:
        return _NUMBER
    return _TEXT if await _there(snapshot, name) else _MOMENT


async def _there(snapshot: Snapshot, field: str, value: bytes | None = None) -> bool:
    wanted = select(EventValue).where(EventValue.field == word(field, ""))
    if value is not None:
        wanted = wanted.where(EventValue.value == value)
    return await snapshot.first(wanted) is not None
