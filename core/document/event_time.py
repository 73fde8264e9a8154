"""An event's own time as whole milliseconds, the way the chain stores it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from core.document.lexical import LexicalValue
from core.types import Millis

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def event_time_ms(value: LexicalValue) -> Millis | None:
    """Unix milliseconds of an RFC 3339 date-time, fractions cut after the third digit.

    None if the value is not one; `24:00:00` and leap seconds are not (EPCIS 2.0, 7.4.1).
    """
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    if hours is not None and (int(hours) > 23 or int(minutes) > 59):
        return None
    try:
        local = datetime.strptime(f"{day}T{clock}+0000", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    seconds = (local - (offset if sign == "+" else -offset) - _EPOCH) // timedelta(seconds=1)
    return Millis(seconds * 1000 + int((fraction or "").ljust(3, "0")[:3]))
