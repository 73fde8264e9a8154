"""A capture's body: counted while it comes, unpacked, and put on the disk, not into memory."""

import os
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO, Final

from starlette.requests import Request

from api.errors import TooLarge
from core.epcis.query.errors import UnsupportedMedia
from core.errors import Malformed

_PIECE: Final = 1 << 16
_GZIP: Final = 16 + zlib.MAX_WBITS


async def spooled(request: Request, most: int) -> BinaryIO:
    """The body in a file without a name, read from its start.

    Raises TooLarge over `most` bytes as they are once unpacked, Malformed for what is no gzip,
    UnsupportedMedia for another encoding.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        async for piece in _unpacked(request):
            file.write(piece)
            if file.tell() > most:
                raise TooLarge(f"the document is larger than {most} bytes")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def bounded(request: Request, most: int) -> bytes:
    """A body that is small enough to be held. Raises as `spooled`."""
    with await spooled(request, most) as file:
        return file.read()


def size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


async def _unpacked(request: Request) -> AsyncIterator[bytes]:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMedia(f"{encoding[:40]!r} is not read here", pointer="Content-Encoding")
    unpacker = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    async for piece in request.stream():
        if unpacker is None:
            yield piece
            continue
        for part in _pieces(unpacker, piece):
            yield part
    if unpacker is not None and not unpacker.eof:
        raise Malformed("the gzip stream ends too early")


def _pieces(unpacker: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """A little at a time: a few bytes may unpack to gigabytes."""
    try:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
    except zlib.error as error:
        raise Malformed(f"not gzip: {error}") from error
    if unpacker.unused_data or (packed and unpacker.eof):
        raise Malformed("something stands behind the gzip stream")
