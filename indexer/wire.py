"""A row's bytes, once for two uses: what PostgreSQL's binary COPY takes and what digests hash.

PostgreSQL manual, "COPY, Binary Format": a tuple is its field count (16 bits), then each field as
length (32 bits, -1 for NULL) and content. With the columns' types known these bytes are
unambiguous, so no second encoding is needed for a hash.
"""

import struct
from typing import Any, Final

COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END: Final = b"\xff\xff"

_NULL: Final = b"\xff\xff\xff\xff"
_INT8: Final = struct.Struct(">iq").pack
_LENGTH: Final = struct.Struct(">i").pack
_SHORT: Final = tuple(_LENGTH(length) for length in range(256))
_TRUE: Final = _LENGTH(1) + b"\1"
_FALSE: Final = _LENGTH(1) + b"\0"


def encode(row: tuple[Any, ...]) -> bytes:
    """The binary COPY tuple of int8, bytea, text and bool columns. Raises TypeError for others."""
    parts = [len(row).to_bytes(2, "big")]
    add = parts.append
    for value in row:
        kind = type(value)
        if kind is bytes:
            add(_SHORT[len(value)] if len(value) < 256 else _LENGTH(len(value)))
            add(value)
        elif kind is int:
            add(_INT8(8, value))
        else:
            add(_other(value))
    return b"".join(parts)


def _other(value: object) -> bytes:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, str):
        content = value.encode()
        return _LENGTH(len(content)) + content
    if isinstance(value, int):  # an IntEnum
        return _INT8(8, value)
    raise TypeError(f"{type(value).__name__} has no place in a row")
