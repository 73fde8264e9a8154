"""Walking Merkle trees whose every block is verified on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from core.errors import Malformed
from core.ipfs.cid import DAG_PB, RAW, ParsedCid
from core.ipfs.dagpb import UNIXFS_FILE, UNIXFS_RAW, PbNode, UnixFs, decode_node, decode_unixfs

MAX_DEPTH: Final = 32
"""A balanced tree of 32 levels would hold more bytes than exist; deeper ones are hostile."""


class BlockSource(Protocol):
    def get(self, cid: ParsedCid) -> bytes: ...


def links_of(cid: ParsedCid, block: bytes) -> PbNode:
    """A block's children; a raw block has none. Raises Malformed for codecs not read here."""
    if cid.codec == RAW:
        return PbNode((), block)
    if cid.codec == DAG_PB:
        return decode_node(block)
    raise Malformed(f"{cid.text()}: codec 0x{cid.codec:x} is stored but not followed")


def walk(
    store: BlockSource, root: ParsedCid, *, repeat: bool = False
) -> Iterator[tuple[ParsedCid, bytes]]:
    """A tree's blocks in depth-first order, each once unless `repeat`.

    Raises BlockMissing, BlockAltered, Malformed.
    """
    seen: set[bytes] = set()
    stack = [root]
    while stack:
        cid = stack.pop()
        if cid.multihash in seen and not repeat:
            continue
        seen.add(cid.multihash)
        block = store.get(cid)
        yield cid, block
        if cid.codec in (RAW, DAG_PB):
            stack += (link.cid for link in reversed(links_of(cid, block).links))


def file_size(cid: ParsedCid, block: bytes) -> int:
    """Content bytes of the file this block is the root of; raises Malformed for a directory."""
    node = links_of(cid, block)
    return len(block) if cid.codec == RAW else _file_part(cid, node).filesize


def read_file(
    store: BlockSource, root: ParsedCid, offset: int = 0, length: int | None = None
) -> Iterator[bytes]:
    """A file's content from `offset`, in order, skipping subtrees outside the range.

    Raises BlockMissing, BlockAltered, Malformed (not a file, or sizes that do not add up).
    """
    size = file_size(root, store.get(root))
    end = size if length is None else min(size, offset + length)
    yield from _read(store, Span(root, 0, size), (offset, end), MAX_DEPTH)


@dataclass(frozen=True, slots=True)
class Span:
    """A subtree and the bytes of the file its parent says it holds."""

    cid: ParsedCid
    start: int
    size: int


def _read(store: BlockSource, span: Span, window: tuple[int, int], depth: int) -> Iterator[bytes]:
    if depth == 0:
        raise Malformed(f"{span.cid.text()} is nested deeper than {MAX_DEPTH} levels")
    block = store.get(span.cid)
    node = links_of(span.cid, block)
    part = _raw_part(block) if span.cid.codec == RAW else _file_part(span.cid, node)
    if part.filesize != span.size:
        raise Malformed(f"{span.cid.text()} has {part.filesize} bytes, not {span.size}")
    low, high = (max(edge - span.start, 0) for edge in window)
    if part.data and low < high:
        yield part.data[low:high]
    start = span.start + len(part.data)
    for link, size in zip(node.links, part.blocksizes, strict=True):
        if start < window[1] and start + size > window[0]:
            yield from _read(store, Span(link.cid, start, size), window, depth - 1)
        start += size


def _raw_part(block: bytes) -> UnixFs:
    return UnixFs(UNIXFS_RAW, block, len(block), ())


def _file_part(cid: ParsedCid, node: PbNode) -> UnixFs:
    part = decode_unixfs(node.data or b"")
    if part.type not in (UNIXFS_FILE, UNIXFS_RAW):
        raise Malformed(f"{cid.text()} is not a file")
    if len(part.blocksizes) != len(node.links):
        raise Malformed(f"{cid.text()} states sizes for other links than it has")
    if len(part.data) + sum(part.blocksizes) != part.filesize:
        raise Malformed(f"{cid.text()} states a size that does not add up")
    return part
