"""What a value may have to be, beyond a word of a list or a pattern."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from core.document.lexical import LexicalValue, Number
from core.epcis import identifiers
from core.epcis.digital_link import DigitalLink
from core.epcis.timestamps import to_millis
from core.epcis.units import GRAMS
from core.errors import InvalidIdentifier

_COUNTRY: Final = re.compile(r"[A-Z]{2}|\d{3}")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def is_a(kind: str, value: LexicalValue) -> bool:
    """Whether a value is of a kind."""
    return KINDS[kind][0](value)


def described(kind: str) -> str:
    """A kind in words."""
    return KINDS[kind][1]


def _gs1(text: LexicalValue) -> DigitalLink | None:
    try:
        return identifiers.parse(text) if isinstance(text, str) else None
    except InvalidIdentifier:
        return None


def _is_class(value: LexicalValue) -> bool:
    link = _gs1(value)
    return link is not None and link.key == "01" and link.qualifier("21") is None


def _is_lot(value: LexicalValue) -> bool:
    link = _gs1(value)
    return link is not None and link.key == "01" and link.qualifier("10") is not None


def _is_serial(value: LexicalValue) -> bool:
    link = _gs1(value)
    return link is not None and link.key in ("01", "8006") and link.qualifier("21") is not None


def _is_sscc(value: LexicalValue) -> bool:
    link = _gs1(value)
    return link is not None and link.key == "00"


def _is_location(value: LexicalValue) -> bool:
    link = _gs1(value)
    return link is not None and link.key in ("414", "417")


def _is_package(value: LexicalValue) -> bool:
    return _is_serial(value) or _is_sscc(value)


def _is_positive(value: LexicalValue) -> bool:
    text = value.lexeme if isinstance(value, Number) else value
    try:
        return isinstance(text, str) and Decimal(text) > 0
    except InvalidOperation:
        return False


def _is_date(value: LexicalValue) -> bool:
    try:
        if isinstance(value, str) and date.fromisoformat(value):
            return True
    except ValueError:
        pass
    return _is_time(value)


def _is_time(value: LexicalValue) -> bool:
    try:
        return isinstance(value, str) and to_millis(value) is not None
    except InvalidIdentifier:
        return False


def _matches(pattern: re.Pattern[str]) -> Callable[[LexicalValue], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


KINDS: Final[Mapping[str, tuple[Callable[[LexicalValue], bool], str]]] = {
    "class": (_is_class, "a GTIN, with or without a lot"),
    "lot": (_is_lot, "a GTIN with a lot"),
    "serial": (_is_serial, "a GTIN with a serial number"),
    "sscc": (_is_sscc, "an SSCC"),
    "package": (_is_package, "a GTIN with a serial number, or an SSCC"),
    "location": (_is_location, "a GLN"),
    "positive": (_is_positive, "a number above 0"),
    "mass": (lambda value: value in GRAMS, "a unit of weight (UN/ECE Rec. 20)"),
    "date": (_is_date, "a date"),
    "time": (_is_time, "a date with time and offset"),
    "country": (_matches(_COUNTRY), "an ISO 3166-1 country code"),
    "uri": (_matches(_URI), "a URI"),
    "text": (lambda value: isinstance(value, str) and bool(value.strip()), "text"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
}
"""Name -> the test, and what it asks in words."""
