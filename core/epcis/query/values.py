"""The values of parameters, read and refused one kind at a time."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from core.document.event_time import event_time_ms
from core.document.lexical import Number
from core.epcis import identifiers, vocab
from core.epcis.model import EVENT_KINDS
from core.epcis.query import ordered
from core.epcis.query.errors import QueryParameterInvalid
from core.epcis.query.terms import as_number, sensor_type
from core.errors import InvalidIdentifier

Value = str | Number | bool
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_ACTIONS: Final = ("ADD", "OBSERVE", "DELETE")
_LARGEST: Final = 2**31 - 1


def refused(name: str, message: str, hint: str = "") -> QueryParameterInvalid:
    """The error about one parameter."""
    return QueryParameterInvalid(f"{name}: {message}", pointer=name, hint=hint)


def texts(name: str, values: Sequence[Value]) -> list[str]:
    """Every value as text."""
    for value in values:
        if not isinstance(value, str) or not value or "\0" in value:
            raise refused(name, "needs text, and no part of it may be empty", "Join values by |.")
    return [str(value) for value in values]


def uris(name: str, values: Sequence[Value]) -> list[str]:
    found = texts(name, values)
    for value in found:
        if not _URI.fullmatch(value):
            raise refused(name, f"{value[:80]!r} is not a URI", "Write a Digital Link or URN.")
    return found


def canonical(name: str, values: Sequence[Value]) -> list[str]:
    """Identifiers in the one form that events are found by."""
    return [canonical_one(name, value) for value in uris(name, values)]


def canonical_one(name: str, value: str) -> str:
    try:
        return identifiers.normalize(value)
    except InvalidIdentifier as error:
        raise refused(name, error.message, error.hint) from error


def vocabulary(kind: str, name: str, values: Sequence[Value]) -> list[str]:
    """Bare words of the standard, or URIs of one's own."""
    found = [str(vocab.bare(kind, value)) for value in texts(name, values)]
    for value in found:
        if value not in vocab.words(kind) and not _URI.fullmatch(value):
            hint = "Use a word of CBV 2.0 such as shipping, or a URI of your own."
            raise refused(name, f"{value[:80]!r} is neither a CBV word nor a URI", hint)
    return found


def measurements(name: str, values: Sequence[Value]) -> list[str]:
    return [sensor_type(value) for value in texts(name, values)]


def event_types(name: str, values: Sequence[Value]) -> list[str]:
    found = texts(name, values)
    for value in found:
        if value not in EVENT_KINDS and not _URI.fullmatch(value):
            raise refused(
                name, f"{value[:80]!r} is no event type", f"Use {', '.join(EVENT_KINDS)}."
            )
    return found


def actions(name: str, values: Sequence[Value]) -> list[str]:
    found = texts(name, values)
    for value in found:
        if value not in _ACTIONS:
            raise refused(name, f"{value[:80]!r} is no action", f"Use {', '.join(_ACTIONS)}.")
    return found


def truth(name: str, values: Sequence[Value]) -> bool:
    value = _single(name, values)
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise refused(name, "is true or false", "Write true or false.")


def moment(name: str, values: Sequence[Value]) -> int:
    """Unix milliseconds."""
    value = _single(name, values)
    millis = event_time_ms(value) if isinstance(value, str) else None
    if millis is None:
        hint = "Write it like 2026-04-17T09:26:42.000-04:00; in a URL, + is %2B."
        raise refused(name, f"{str(value)[:80]!r} is not an RFC 3339 time", hint)
    return millis


def count(name: str, values: Sequence[Value]) -> int:
    value = _single(name, values)
    text = value.lexeme if isinstance(value, Number) else value
    if not isinstance(text, str) or not re.fullmatch(r"[1-9][0-9]{0,9}", text):
        raise refused(name, f"{str(text)[:80]!r} is not a number from 1 on")
    return min(int(text), _LARGEST)


def numbers(name: str, values: Sequence[Value]) -> tuple[bytes, ...]:
    return tuple(ordered.encode(_number(name, value)) for value in values)


def number_or_moment(name: str, values: Sequence[Value]) -> tuple[bytes, bool]:
    """What a bound compares with, and whether that is a time."""
    value = _single(name, values)
    millis = event_time_ms(value) if isinstance(value, str) else None
    if millis is not None:
        return ordered.encode(Decimal(millis)), True
    return ordered.encode(_number(name, value)), False


def _number(name: str, value: Value) -> Decimal:
    found = None if isinstance(value, bool) else as_number(value)
    if found is None:
        raise refused(name, f"{str(value)[:80]!r} is not a number", "Write a decimal, e.g. 26.5.")
    return found


def _single(name: str, values: Sequence[Value]) -> Value:
    if len(values) != 1:
        raise refused(name, "takes one value", "Give it once, without |.")
    return values[0]
