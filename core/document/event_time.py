"""An event's own time as whole milliseconds, the way the chain stores it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from core.document.lexical import LexicalValue
from core.types import Millis

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_USUAL: Final = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
"""What `datetime` reads the same; it takes an offset of 60 minutes."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def event_time_ms(value: LexicalValue) -> Millis | None:
    """Unix milliseconds of an RFC 3339 date-time, fractions cut after the third digit.

    None if the value is not one; `24:00:00` is not. A leap second counts as the second after it.
    """
    if not isinstance(value, str):
        return None
    if _USUAL.fullmatch(value):
        try:
            return Millis((datetime.fromisoformat(value) - _MOMENT) // _MILLISECOND)
        except ValueError:
            return None
    return _carefully(value)


def _carefully(text: str) -> Millis | None:
    """Of what `datetime` reads in another way or not at all: a leap second, lower case."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    clock, offset = (int(hour), int(minute)), (int(hours or 0), int(minutes or 0))
    if max(clock[0], offset[0]) > 23 or max(clock[1], offset[1]) > 59 or int(second) > 60:
        return None
    try:
        days = date.fromisoformat(day).toordinal() - _EPOCH
    except ValueError:
        return None
    local = days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + int(second)
    east = (offset[0] * 60 + offset[1]) * (-60 if sign == "-" else 60)
    return Millis((local - east) * 1000 + int((fraction or "").ljust(3, "0")[:3]))
