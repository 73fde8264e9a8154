"""RFC 3339 times with an offset, exact to the millisecond, never through float."""

from functools import lru_cache

from core.document.event_time import event_time_ms
from core.gs1.refusal import refuse
from core.types import Millis


@lru_cache(4_096)
def to_millis(text: str) -> Millis:
    """Unix milliseconds of an RFC 3339 time, read as a verifier of the document reads it.

    Raises InvalidIdentifier with rule `epcis.time` for other text.
    """
    millis = event_time_ms(text)
    if millis is None:
        hint = "Write it like 2026-04-17T09:26:42.000-04:00."
        raise refuse("epcis.time", f"{text[:80]!r} is not an RFC 3339 time", hint)
    return millis
