"""Decimal numbers as bytes that sort like the numbers, for exact ranges in any SQL."""

from decimal import Decimal
from typing import Final

_BIAS: Final = 5 * 10**19
_MAX_DIGITS: Final = 400
"""A B-tree key of PostgreSQL ends at 2,700 bytes; digits behind these are not compared."""
_COMPLEMENT: Final = bytes.maketrans(b"0123456789", b"9876543210")


def encode(number: Decimal) -> bytes:
    """`encode(a) < encode(b)` exactly when `a < b`; equal numbers of any spelling are equal."""
    if number.is_zero():
        return b"1"
    _, digits, _ = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0").rstrip("0")[:_MAX_DIGITS]
    magnitude = f"{number.adjusted() + _BIAS:020}{text}".encode()
    if number < 0:
        return b"0" + magnitude.translate(_COMPLEMENT) + b"~"
    return b"2" + magnitude
