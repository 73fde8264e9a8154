"""Files as Merkle trees, with the same CIDs Kubo gives them.

Defaults of `ipfs add`: chunks of 262,144 bytes, balanced layout, at most 174 links a node.
Source: UnixFS specification; boxo `ipld/unixfs/importer/balanced`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from core.errors import Malformed
from core.ipfs.cid import DAG_PB, RAW, ParsedCid, sha256_cid
from core.ipfs.dagpb import Link, encode_file

DEFAULT_CHUNK: Final = 262_144
MAX_CHUNK: Final = 1_048_576
LINKS_PER_NODE: Final = 174

Sink = Callable[[ParsedCid, bytes], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """The options of `ipfs add` that change the CID."""

    cid_version: int = 0
    raw_leaves: bool = False
    chunk_size: int = DEFAULT_CHUNK


@dataclass(frozen=True, slots=True)
class Part:
    """A finished subtree."""

    cid: ParsedCid
    filesize: int
    tsize: int


@dataclass(slots=True)
class FileImporter:
    """Takes a file's chunks one by one, hands out each block once, ends with the root.

    Holds at most one unfinished node a level, so memory does not grow with the file.
    """

    sink: Sink
    layout: Layout = Layout()
    _levels: list[list[Part]] = field(default_factory=list)

    def add_chunk(self, chunk: bytes) -> None:
        """The next `chunk_size` bytes; only the last chunk may be shorter."""
        self._push(0, self._leaf(chunk))

    def finish(self) -> Part:
        """The root; an empty file is one empty leaf."""
        if not self._levels:
            self.add_chunk(b"")
        level = 0
        while not self._is_root(level):
            if self._levels[level]:
                self._close(level)
            level += 1
        return self._levels[level][0]

    def _is_root(self, level: int) -> bool:
        return level == len(self._levels) - 1 and len(self._levels[level]) == 1

    def _push(self, level: int, part: Part) -> None:
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append(part)
        if len(self._levels[level]) == LINKS_PER_NODE:
            self._close(level)

    def _close(self, level: int) -> None:
        """Joins a level's parts, even a single one: all leaves stay at the same depth."""
        parts, self._levels[level] = self._levels[level], []
        sizes = [part.filesize for part in parts]
        links = [Link(part.cid, "", part.tsize) for part in parts]
        block = encode_file(links, b"", sum(sizes), sizes)
        below = sum(part.tsize for part in parts)
        self._push(level + 1, self._emit(block, DAG_PB, sum(sizes), below))

    def _leaf(self, chunk: bytes) -> Part:
        if self.layout.raw_leaves:
            return self._emit(chunk, RAW, len(chunk), 0)
        return self._emit(encode_file([], chunk, len(chunk), []), DAG_PB, len(chunk), 0)

    def _emit(self, block: bytes, codec: int, filesize: int, below: int) -> Part:
        version = 1 if codec == RAW else self.layout.cid_version
        cid = sha256_cid(block, codec, version)
        self.sink(cid, block)
        return Part(cid, filesize, len(block) + below)


def import_file(data: bytes, sink: Sink, layout: Layout | None = None) -> Part:
    """Imports a whole file held in memory."""
    importer = FileImporter(sink, layout or Layout())
    for chunk in chunks([data], importer.layout.chunk_size):
        importer.add_chunk(chunk)
    return importer.finish()


def chunks(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cuts a stream of pieces of any size into chunks of one size."""
    chunker = Chunker(size)
    for piece in pieces:
        yield from chunker.feed(piece)
    yield from chunker.rest()


@dataclass(slots=True)
class Chunker:
    """`size-N`: the only chunker here; content-defined ones give other CIDs."""

    size: int
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._buffer += piece
        full = len(self._buffer) // self.size * self.size
        ready = bytes(self._buffer[:full])
        del self._buffer[:full]
        for start in range(0, full, self.size):
            yield ready[start : start + self.size]

    def rest(self) -> Iterator[bytes]:
        if self._buffer:
            yield bytes(self._buffer)


def chunk_size(chunker: str) -> int:
    """Reads Kubo's `--chunker`; raises Malformed for all but `size-N` up to 1 MiB."""
    name, _, number = chunker.partition("-")
    if chunker in ("", "default"):
        return DEFAULT_CHUNK
    if name != "size" or not number.isascii() or not number.isdigit():
        hint = "Use size-262144, the default, or another size-N."
        raise Malformed(f"chunker {chunker!r} is not supported", hint=hint)
    if not 1 <= int(number) <= MAX_CHUNK:
        raise Malformed(f"a chunk has 1 to {MAX_CHUNK} bytes, not {number}")
    return int(number)
