"""Recursive length prefix (Yellow Paper, appendix B), and the hex of JSON-RPC it is made from.

The readers here sit in the innermost loop: they raise what Python raises, and `unreadable` names
all of it, so that whoever reads a whole answer turns it into one typed error.
"""

from typing import Any, Final

UNREADABLE: Final = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What reading a JSON value of the wrong shape can raise."""


def string(data: bytes) -> bytes:
    """The encoding of a byte string."""
    if len(data) == 1 and data[0] < 0x80:
        return data
    return prefix(len(data), 0x80) + data


def sequence(body: bytes) -> bytes:
    """A list, given the joined encodings of its items."""
    return prefix(len(body), 0xC0) + body


def integer(value: int) -> bytes:
    """Big-endian without leading zeros: the only form an integer may have in RLP."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def prefix(length: int, base: int) -> bytes:
    """What stands before `length` bytes of a string (base 0x80) or a list (0xC0)."""
    if length < 56:
        return bytes((base + length,))
    if length < 256:
        return bytes((base + 56, length))
    size = integer(length)
    return bytes((base + 55 + len(size),)) + size


def unhex(text: Any) -> bytes:
    """JSON-RPC data such as `0x00ff`. Raises one of UNREADABLE."""
    data = bytes.fromhex(text[2:])
    if len(text) != 2 + 2 * len(data) or text[:2] != "0x":  # fromhex skips spaces
        raise ValueError("expected a 0x-prefixed hex string")
    return data


def word(text: Any) -> bytes:
    """32 bytes of JSON-RPC data. Raises one of UNREADABLE."""
    data = bytes.fromhex(text[2:])
    if len(data) != 32 or len(text) != 66 or text[:2] != "0x":
        raise ValueError("expected 32 bytes of 0x-hex")
    return data


def quantity(text: Any) -> bytes:
    """A JSON-RPC quantity such as `0x1b4` as an RLP integer. Raises one of UNREADABLE."""
    return integer(int(text, 16))
