"""Each condition of an EPCIS query as a condition on the event index."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col, select

from core.db.chain_tables import EventIndex, EventValue
from core.epcis.query.model import Condition, Identifiers, Numbers, Span, Words
from core.epcis.query.terms import word

_COMPARE: Final = {"GT": "__gt__", "GE": "__ge__", "LT": "__lt__", "LE": "__le__"}


def having_words(conditions: Sequence[Words], *, sqlite: bool) -> list[ColumnElement[bool]]:
    """An event of the index has a word of each of these."""
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


def one_of(keys: Collection[bytes], *, sqlite: bool) -> ColumnElement[bool]:
    """An event of the index is one of these."""
    column = col(EventIndex.data_hash)
    if sqlite:
        return column.in_(keys)
    # one parameter: thousands of them take longer to write down than to look up
    return column == any_(bindparam(None, sorted(keys), ARRAY(LargeBinary)))


def in_range(condition: Condition, *, sqlite: bool) -> ColumnElement[bool]:
    """An event of the index has a number or an identifier in a range."""
    of_event = col(EventValue.data_hash) == col(EventIndex.data_hash)
    found = select(EventValue.data_hash).where(of_event, *ranges(condition)).exists()
    return or_(found, *exactly(condition, sqlite=sqlite))


def ranges(condition: Condition) -> list[ColumnElement[bool]]:
    """The same of a row of `chain.event_value`, without the words an identifier may be instead."""
    value = col(EventValue.value)
    match condition:
        case Numbers(field, "EQ", values):
            return [_fields([field]), value.in_(values)]
        case Numbers(field, operator, values):
            return [_fields([field]), getattr(value, _COMPARE[operator])(values[0])]
        case Identifiers(fields, prefixes, _):
            return [_fields(fields), or_(*(_begins(prefix.encode()) for prefix in prefixes))]
        case _:
            raise AssertionError(f"{condition} is resolved before")


def exactly(condition: Condition, *, sqlite: bool) -> list[ColumnElement[bool]]:
    """The words of which one will do as well."""
    exact = condition.exact if isinstance(condition, Identifiers) else ()
    found = [having_words([Words(field, (value,))], sqlite=sqlite) for field, value in exact]
    return [one for [one] in found]


def _fields(names: Sequence[str]) -> ColumnElement[bool]:
    return col(EventValue.field).in_([word(name, "") for name in names])


def _begins(prefix: bytes) -> ColumnElement[bool]:
    value = col(EventValue.value)
    return and_(value >= prefix, value < prefix + b"\xff")


def between(column: Any, span: Span) -> list[ColumnElement[bool]]:
    """A column's value is in a span."""
    found = []
    if span.start is not None:
        found.append(column >= span.start)
    if span.end is not None:
        found.append(column < span.end)
    return found
