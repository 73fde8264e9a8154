"""The wire form of bytes: lowercase 0x-hex, checked where it enters."""

import re
from typing import Final

from core.errors import Malformed
from core.types import Address

_HEX: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def to_hex(data: bytes) -> str:
    """Lowercase hex with the 0x prefix."""
    return "0x" + data.hex()


def from_hex(text: object, *, length: int | None = None, pointer: str = "") -> bytes:
    """Bytes of a 0x-hex string.

    Raises:
        Malformed: not a string, odd digits, or not `length` bytes long.
    """
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise Malformed("expected a 0x-prefixed hex string", pointer=pointer)
    data = bytes.fromhex(text[2:])
    if length is not None and len(data) != length:
        raise Malformed(f"expected {length} bytes, got {len(data)}", pointer=pointer)
    return data


def to_hash(text: object, *, pointer: str = "") -> bytes:
    """A 32-byte word from hex. Raises Malformed."""
    return from_hex(text, length=32, pointer=pointer)


def to_address(text: object, *, pointer: str = "") -> Address:
    """A 20-byte address from hex of any case. Raises Malformed."""
    return Address(from_hex(text, length=20, pointer=pointer))
