"""One ABI word (32 bytes) as a value, refused when it is not canonical, as eth_abi refuses it.

A library's decoder costs 50 us an event, these a few; `tests/indexer/test_decode.py` compares the
auditor's values with the generated decoders', and refusals with eth_abi's.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from core.errors import Malformed

WORD: Final = 32
_SIZED: Final = re.compile(r"(uint|int|bytes)(\d+)")

WordReader = Callable[[bytes], Any]


def reader_of(kind: str) -> WordReader | None:
    """The reader of a static atomic type; None for any other type."""
    if kind == "address":
        return _address
    if kind == "bool":
        return _bool
    match = _SIZED.fullmatch(kind)
    if match is None:
        return None
    return {"uint": _uint, "int": _int, "bytes": _fixed}[match[1]](int(match[2]))


def _address(word: bytes) -> bytes:
    if any(word[:12]):
        raise Malformed("not the event's data: an address has 20 bytes")
    return word[12:]


def _bool(word: bytes) -> bool:
    number = int.from_bytes(word, "big")
    if number > 1:
        raise Malformed("not the event's data: a bool is 0 or 1")
    return number == 1


def _uint(bits: int) -> WordReader:
    def read(word: bytes) -> int:
        number = int.from_bytes(word, "big")
        if number >> bits:
            raise Malformed(f"not the event's data: {number} does not fit {bits} bits")
        return number

    return read


def _int(bits: int) -> WordReader:
    half = 1 << bits - 1

    def read(word: bytes) -> int:
        number = int.from_bytes(word, "big", signed=True)
        if not -half <= number < half:
            raise Malformed(f"not the event's data: {number} does not fit {bits} bits")
        return number

    return read


def _fixed(size: int) -> WordReader:
    if size == WORD:
        return bytes

    def read(word: bytes) -> bytes:
        if any(word[size:]):
            raise Malformed(f"not the event's data: more than {size} bytes")
        return word[:size]

    return read
