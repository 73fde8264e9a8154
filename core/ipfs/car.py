"""CAR version 1 archives: a root and the verified blocks it reaches.

Source: IPLD CARv1 specification; trustless gateway specification for order and duplicates.
"""

from collections.abc import Iterator
from itertools import chain

from core.ipfs.cid import ParsedCid
from core.ipfs.varint import write_varint

CONTENT_TYPE = "application/vnd.ipld.car; version=1; order=dfs; dups=n"


def car(root: ParsedCid, blocks: Iterator[tuple[ParsedCid, bytes]]) -> Iterator[bytes]:
    """The archive, piece by piece; a missing root fails before the first one."""
    first = next(blocks)
    header = _header(root)
    yield write_varint(len(header)) + header
    for cid, block in chain([first], blocks):
        name = cid.binary()
        yield write_varint(len(name) + len(block)) + name + block


def _header(root: ParsedCid) -> bytes:
    """DAG-CBOR of `{"roots": [root], "version": 1}`, which never varies but in the CID."""
    link = b"\x00" + root.binary()
    length = bytes([0x58, len(link)])
    return b"\xa2\x65roots\x81\xd8\x2a" + length + link + b"\x67version\x01"
