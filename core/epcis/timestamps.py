"""RFC 3339 times with an offset, exact to the millisecond, never through float."""

import re
from functools import lru_cache
from typing import Final

from core.clock import iso
from core.document.event_time import event_time_ms
from core.gs1.refusal import refuse
from core.types import Millis

_REMEMBERED: Final = 4_096
_LONGEST: Final = 64
"""Characters of a time that is remembered: RFC 3339 does not bound its fraction."""
_DAY_S: Final = 86_400
_ROUNDED_UP: Final = re.compile(r"\.\d{3}[5-9]", re.ASCII)
_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z", re.ASCII)


def to_millis(text: str) -> Millis:
    """Unix milliseconds of an RFC 3339 time, read as a verifier of the document reads it.

    Raises InvalidIdentifier with rule `epcis.time` for other text.
    """
    return _remembered(text) if len(text) <= _LONGEST else _to_millis(text)


def _to_millis(text: str) -> Millis:
    millis = event_time_ms(text)
    if millis is None:
        hint = "Write it like 2026-04-17T09:26:42.000-04:00."
        raise refuse("epcis.time", f"{text[:80]!r} is not an RFC 3339 time", hint)
    return millis


_remembered: Final = lru_cache(_REMEMBERED)(_to_millis)


def is_date_time(text: str) -> bool:
    """Whether JSON Schema's format `date-time` holds: RFC 3339, leap seconds where they may be."""
    millis = event_time_ms(text)
    return millis is not None and (text[17:19] != "60" or millis // 1000 % _DAY_S == 0)


def in_utc(text: str) -> str:
    """The time as `core.clock.iso` writes it: in UTC, rounded to the millisecond.

    An event's own time is cut there (`to_millis`), which its hash is not (CBV 2.0 section 8.9).
    Raises InvalidIdentifier as `to_millis`, ValueError or OverflowError outside the calendar.
    """
    millis = to_millis(text)
    if _UTC.fullmatch(text):
        return text
    return iso(millis + bool(_ROUNDED_UP.search(text)))
