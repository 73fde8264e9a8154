"""How a contract's numbers read in a sentence."""

from typing import Final

from core.clock import iso

_YEAR_10000: Final = 253_402_300_800


def moment(seconds: int) -> str:
    """A date, or the bare number when it lies beyond what a calendar holds."""
    return iso(seconds * 1000) if seconds < _YEAR_10000 else f"second {seconds}"
