"""The only place that asks what time it is. All times are UTC."""

import time
from datetime import UTC, datetime

from core.types import Millis


def now_ms() -> Millis:
    """Unix time in milliseconds."""
    return Millis(time.time_ns() // 1_000_000)


def now_s() -> int:
    """Unix time in seconds."""
    return time.time_ns() // 1_000_000_000


def utc(milliseconds: int) -> datetime:
    """An aware datetime, exact to the millisecond."""
    seconds, millis = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=millis * 1000)


def iso(milliseconds: int) -> str:
    """RFC 3339 text in UTC, e.g. `2026-04-17T13:26:42.000Z`."""
    return utc(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
