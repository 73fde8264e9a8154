"""Unsigned variable-length integers of multiformats and protobuf."""

from core.errors import Malformed

_MAX_BYTES = 9


def write_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """The number at `start` and where it ends; raises Malformed when cut or over 63 bits."""
    number = 0
    for count, byte in enumerate(data[start : start + _MAX_BYTES]):
        number |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return number, start + count + 1
    raise Malformed("a variable-length integer is cut or too long")
