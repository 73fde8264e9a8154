"""RFC 3339 times with an offset, exact to the millisecond, never through float."""

import calendar
import re
from typing import Final

from core.epcis.gs1 import refuse
from core.types import Millis

_TIME: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt](?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<zh>\d\d):(?P<zm>\d\d))"
)


def to_millis(text: str) -> Millis:
    """Unix milliseconds of an RFC 3339 time; digits after the third fraction digit are cut.

    A leap second counts as the second after it. Raises InvalidIdentifier with rule
    `epcis.time` for other text.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        hint = "Write it like 2026-04-17T09:26:42.000-04:00."
        raise refuse("epcis.time", f"{text!r} is not an RFC 3339 time", hint)
    year, month, day = (int(part) for part in match["date"].split("-"))
    clock = (int(match["h"]), int(match["m"]), int(match["s"]))
    seconds = calendar.timegm((year, month, day, *clock)) - _offset_s(match)
    return Millis(seconds * 1000 + int((match["fraction"] or "").ljust(3, "0")[:3]))


def _offset_s(match: re.Match[str]) -> int:
    if match["sign"] is None:
        return 0
    offset = int(match["zh"]) * 3600 + int(match["zm"]) * 60
    return -offset if match["sign"] == "-" else offset
