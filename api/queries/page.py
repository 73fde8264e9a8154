"""Keyset pages: stable under inserts, equally fast at any depth (Relay cursor connections)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import func, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from api.queries.snapshot import Snapshot
from core.crypto import from_hex, to_hex
from core.db.partitions import PARTITIONED
from core.errors import BadInput, Malformed

DEFAULT_SIZE = 20
MAX_SIZE = 100

RowT = TypeVar("RowT", bound=SQLModel)
Key = int | bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of an ordered list is wanted."""

    size: int = DEFAULT_SIZE
    cursor: tuple[Key, ...] | None = None
    backward: bool = False
    newest_first: bool = False

    @property
    def descending(self) -> bool:
        """Direction the rows are read in, before a backward page is turned around."""
        return self.newest_first != self.backward


@dataclass(frozen=True, slots=True)
class Slice(Generic[RowT]):
    """The rows of one page with their cursors, in list order."""

    rows: tuple[tuple[str, RowT], ...]
    has_next: bool
    has_previous: bool


def page(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    *,
    newest_first: bool = False,
) -> Page:
    """A Page from Relay's arguments. Raises BadInput: size not 0..100, or mixed directions."""
    backward = last is not None or before is not None
    if backward and (first is not None or after is not None):
        raise BadInput(
            "first/after and last/before cannot be mixed",
            pointer="last",
            hint="Walk forward with first and after, or backward with last and before.",
        )
    name, size = ("last", last) if backward else ("first", first)
    if size is None:
        size = DEFAULT_SIZE
    if not 0 <= size <= MAX_SIZE:
        raise BadInput(f"{name} must be 0 to {MAX_SIZE}, not {size}", pointer=name)
    text, pointer = (before, "before") if backward else (after, "after")
    return Page(size, decode(text, pointer) if text else None, backward, newest_first)


def encode(values: Sequence[Key]) -> str:
    """An opaque cursor for a row's key."""
    plain = [to_hex(value) if isinstance(value, bytes) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def decode(cursor: str, pointer: str = "after") -> tuple[Key, ...]:
    """The key inside a cursor. Raises BadInput for anything `encode` did not write."""
    try:
        plain = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_key(value) for value in plain)
    except (binascii.Error, ValueError, TypeError, Malformed) as error:
        raise BadInput(
            "not a cursor of this API",
            pointer=pointer,
            hint="Pass an endCursor or startCursor as it was given.",
        ) from error


def _key(value: Any) -> Key:
    if isinstance(value, str):
        return from_hex(value)
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    raise TypeError


async def slice_of(
    snapshot: Snapshot, statement: SelectOfScalar[RowT], keys: Sequence[str], wanted: Page
) -> Slice[RowT]:
    """One page of a statement ordered by the columns `keys`, which must be unique together."""
    entity = statement.column_descriptions[0]["entity"]
    statement = _after_cursor(statement, entity, keys, wanted)
    statement = statement.order_by(*_order(entity, keys, wanted)).limit(wanted.size + 1)
    return _sliced(list(await snapshot.all(statement)), keys, wanted)


async def slices_by_parent(
    snapshot: Snapshot,
    model: type[RowT],
    parent: str,
    parents: Sequence[bytes],
    keys: Sequence[str],
    wanted: Page,
) -> dict[bytes, Slice[RowT]]:
    """The same page of every parent's own list, in one statement."""
    column = getattr(model, parent)
    place = func.row_number().over(partition_by=column, order_by=_order(model, keys, wanted))
    inner = _after_cursor(select(model, place.label("place")), model, keys, wanted)
    numbered = inner.where(column.in_(parents)).subquery()
    entity = aliased(model, numbered)
    statement = select(entity).where(numbered.c.place <= wanted.size + 1)
    rows = await snapshot.all(statement.order_by(numbered.c.place))
    grouped: dict[bytes, list[RowT]] = {key: [] for key in parents}
    for row in rows:
        grouped[getattr(row, parent)].append(row)
    return {key: _sliced(found, keys, wanted) for key, found in grouped.items()}


def _after_cursor(statement: Any, entity: Any, keys: Sequence[str], wanted: Page) -> Any:
    if wanted.cursor is None:
        return statement
    columns = [getattr(entity, key) for key in keys]
    _check_cursor(wanted, columns)
    place, cursor = tuple_(*columns), tuple_(*wanted.cursor)
    statement = statement.where(place < cursor if wanted.descending else place > cursor)
    if columns[0].name != PARTITIONED.get(entity.__tablename__):
        return statement
    # said again by itself: PostgreSQL leaves out partitions by a column, not by a row comparison
    first, at = columns[0], wanted.cursor[0]
    return statement.where(first <= at if wanted.descending else first >= at)


def _check_cursor(wanted: Page, columns: Sequence[Any]) -> None:
    assert wanted.cursor is not None
    types = [column.type.python_type for column in columns]
    if len(types) != len(wanted.cursor) or not all(map(isinstance, wanted.cursor, types)):
        raise BadInput(
            "this cursor belongs to another list",
            pointer="before" if wanted.backward else "after",
            hint="Pass a cursor to the connection that gave it.",
        )


def _order(entity: Any, keys: Sequence[str], wanted: Page) -> list[Any]:
    columns = [getattr(entity, key) for key in keys]
    return [column.desc() if wanted.descending else column.asc() for column in columns]


def _sliced(rows: list[RowT], keys: Sequence[str], wanted: Page) -> Slice[RowT]:
    more, rows = len(rows) > wanted.size, rows[: wanted.size]
    if wanted.backward:
        rows.reverse()
    behind = wanted.cursor is not None
    return Slice(
        tuple((encode([getattr(row, key) for key in keys]), row) for row in rows),
        has_next=behind if wanted.backward else more,
        has_previous=more if wanted.backward else behind,
    )
