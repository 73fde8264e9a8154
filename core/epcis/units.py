"""Amounts that can be compared: weights in grams, everything else in its own unit, exactly.

Units: UN/ECE Recommendation 20.
"""

import re
from fractions import Fraction
from typing import Final, NamedTuple

GRAMS: Final = {
    "MGM": Fraction("0.001"), "GRM": Fraction(1), "HGM": Fraction(100), "KGM": Fraction(1_000),
    "DTN": Fraction(100_000), "TNE": Fraction(1_000_000), "ONZ": Fraction("28.349523125"),
    "LBR": Fraction("453.59237"), "STN": Fraction("907184.74"), "LTN": Fraction("1016046.9088"),
}  # fmt: skip
_PLAIN: Final = re.compile(r"-?\d{1,32}(?:\.\d{1,32})?(?:[eE][+-]?\d{1,2})?")
"""What is on chain may come from anybody: 1e999999999 would fill the memory."""
WEIGHT: Final = "weight"
PIECES: Final = "pieces"


class Measure(NamedTuple):
    """So much of something; only measures of one dimension can be compared."""

    dimension: str
    """`weight` (in grams), `pieces`, or a unit of which nothing else is known."""
    value: Fraction


def measure(number: str, uom: str | None) -> Measure | None:
    """The amount in its dimension's base unit; None for text that is no number of sane size."""
    if not _PLAIN.fullmatch(number):
        return None
    value = Fraction(number)
    if uom in GRAMS:
        return Measure(WEIGHT, value * GRAMS[uom])
    return Measure(uom or PIECES, value)
