"""Disk work in a thread, its pieces sent as they come."""

from collections.abc import Iterator, Mapping

from aiohttp import web

from core.ipfs.requests import REPO


async def stream(
    request: web.Request, pieces: Iterator[bytes], headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answers with the pieces; an error before the first one becomes an error answer.

    A later error cuts the connection, so a client never takes half a file for a whole one.
    """
    work = request.app[REPO].work
    first = await work(next, pieces, None)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    piece = None if request.method == "HEAD" else first
    while piece is not None:
        await response.write(piece)
        piece = await work(next, pieces, None)
    await response.write_eof()
    return response
