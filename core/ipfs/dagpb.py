"""dag-pb and UnixFS nodes, byte for byte as Kubo writes them.

Hand-coded because canonical dag-pb puts links before data and keeps empty names, an order that
generated protobuf code does not promise. Source: IPLD dag-pb specification, UnixFS specification.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.errors import Malformed
from core.ipfs.cid import ParsedCid, parse_binary
from core.ipfs.varint import read_varint, write_varint

UNIXFS_RAW: Final = 0
UNIXFS_FILE: Final = 2
_BYTES: Final = 2
_VARINT: Final = 0
_FIXED: Final = {1: 8, 5: 4}


@dataclass(frozen=True, slots=True)
class Link:
    """A child: its CID, its name in a directory, the bytes of its whole tree."""

    cid: ParsedCid
    name: str
    tsize: int


@dataclass(frozen=True, slots=True)
class PbNode:
    links: tuple[Link, ...]
    data: bytes | None


@dataclass(frozen=True, slots=True)
class UnixFs:
    """What a dag-pb node means as part of a file."""

    type: int
    data: bytes
    filesize: int
    blocksizes: tuple[int, ...]


def encode_file(links: list[Link], data: bytes, filesize: int, blocksizes: list[int]) -> bytes:
    """A file node: a leaf (data, no links) or an inner node (links, no data)."""
    unixfs = _number(1, UNIXFS_FILE) + (_field(2, data) if data else b"") + _number(3, filesize)
    unixfs += b"".join(_number(4, size) for size in blocksizes)
    return b"".join(_field(2, _encode_link(link)) for link in links) + _field(1, unixfs)


def decode_node(block: bytes) -> PbNode:
    """Reads a dag-pb block; raises Malformed."""
    links: list[Link] = []
    data: bytes | None = None
    for number, value in _fields(block):
        if number == 2 and isinstance(value, bytes):
            links.append(_decode_link(value))
        elif number == 1 and isinstance(value, bytes):
            data = value
    return PbNode(tuple(links), data)


def decode_unixfs(data: bytes) -> UnixFs:
    """Reads the UnixFS part of a node; raises Malformed."""
    kind, content, filesize, sizes = -1, b"", None, []
    for number, value in _fields(data):
        match number, value:
            case 1, int():
                kind = value
            case 2, bytes():
                content = value
            case 3, int():
                filesize = value
            case 4, int():
                sizes.append(value)
            case 4, bytes():
                sizes += _packed(value)
    return UnixFs(kind, content, len(content) if filesize is None else filesize, tuple(sizes))


def _encode_link(link: Link) -> bytes:
    return _field(1, link.cid.binary()) + _field(2, link.name.encode()) + _number(3, link.tsize)


def _decode_link(data: bytes) -> Link:
    cid, name, tsize = None, "", 0
    for number, value in _fields(data):
        match number, value:
            case 1, bytes():
                cid = parse_binary(value)
            case 2, bytes():
                name = value.decode(errors="replace")
            case 3, int():
                tsize = value
    if cid is None:
        raise Malformed("a dag-pb link has no hash")
    return Link(cid, name, tsize)


def _field(number: int, data: bytes) -> bytes:
    return write_varint(number << 3 | _BYTES) + write_varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return write_varint(number << 3 | _VARINT) + write_varint(value)


def _packed(data: bytes) -> Iterator[int]:
    place = 0
    while place < len(data):
        value, place = read_varint(data, place)
        yield value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(data):
        tag, place = read_varint(data, place)
        wire = tag & 7
        if wire == _VARINT:
            value, place = read_varint(data, place)
            yield tag >> 3, value
            continue
        if wire == _BYTES:
            length, place = read_varint(data, place)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise Malformed(f"protobuf wire type {wire} is unknown")
        if place + length > len(data):
            raise Malformed("a protobuf field is cut")
        yield tag >> 3, data[place : place + length]
        place += length
