"""Reading calls; every block is verified before a byte of it is sent."""

import base64
import tarfile
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from core.ipfs import car
from core.ipfs.blockstore import BlockStore
from core.ipfs.cid import RAW, ParsedCid
from core.ipfs.dag import file_size, links_of, read_file, walk
from core.ipfs.requests import REPO, cid_argument, cid_arguments, ndjson, number, option
from core.ipfs.streaming import stream

_OCTETS: Final = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}
_TAR_BLOCK: Final = 512


async def block_get(request: web.Request) -> web.StreamResponse:
    block = await request.app[REPO].work(request.app[REPO].blocks.get, cid_argument(request))
    return web.Response(body=block, headers=_OCTETS)


async def cat(request: web.Request) -> web.StreamResponse:
    """File content, or a range of it by `offset` and `length`."""
    offset, length = number(request, "offset") or 0, number(request, "length")
    store = request.app[REPO].blocks

    def pieces() -> Iterator[bytes]:
        for cid in cid_arguments(request):
            yield from read_file(store, cid, offset, length)

    return await stream(request, pieces(), {"Content-Type": "text/plain"})


async def get(request: web.Request) -> web.StreamResponse:
    """A file as a tar archive with one member named by its CID, as Kubo sends it."""
    pieces = _tar(request.app[REPO].blocks, cid_argument(request))
    return await stream(request, pieces, {"Content-Type": "application/x-tar"})


async def ls(request: web.Request) -> web.StreamResponse:
    """Named links of each object; a file's chunks have no names and are no entries."""
    store = request.app[REPO].blocks
    objects = [await request.app[REPO].work(_listing, store, cid) for cid in cid_arguments(request)]
    return web.json_response({"Objects": objects})


async def refs(request: web.Request) -> web.StreamResponse:
    """The CIDs an object links to; all below it with `recursive`."""
    store, root = request.app[REPO].blocks, cid_argument(request)
    recursive = option(request, "recursive", default=False)
    found = await request.app[REPO].work(_references, store, root, recursive)
    return ndjson({"Ref": cid.text(), "Err": ""} for cid in found)


async def dag_get(request: web.Request) -> web.StreamResponse:
    """A raw or dag-pb block as dag-json."""
    cid = cid_argument(request)
    block = await request.app[REPO].work(request.app[REPO].blocks.get, cid)
    return web.json_response(_dag_json(cid, block))


async def dag_export(request: web.Request) -> web.StreamResponse:
    """A whole tree as a CAR archive."""
    root = cid_argument(request)
    pieces = car.car(root, walk(request.app[REPO].blocks, root))
    return await stream(request, pieces, {"Content-Type": car.CONTENT_TYPE})


def _listing(store: BlockStore, cid: ParsedCid) -> dict[str, Any]:
    links = [
        {"Name": link.name, "Hash": link.cid.text(), "Size": link.tsize, "Type": 2, "Target": ""}
        for link in links_of(cid, store.get(cid)).links
        if link.name
    ]
    return {"Hash": cid.text(), "Links": links}


def _references(store: BlockStore, root: ParsedCid, recursive: bool) -> list[ParsedCid]:
    if recursive:
        return [cid for cid, _ in walk(store, root)][1:]
    return [link.cid for link in links_of(root, store.get(root)).links]


def _dag_json(cid: ParsedCid, block: bytes) -> Any:
    if cid.codec == RAW:
        return _bytes(block)
    node = links_of(cid, block)
    links = [
        {"Hash": {"/": link.cid.text()}, "Name": link.name, "Tsize": link.tsize}
        for link in node.links
    ]
    return {"Links": links} if node.data is None else {"Data": _bytes(node.data), "Links": links}


def _bytes(data: bytes) -> dict[str, dict[str, str]]:
    return {"/": {"bytes": base64.b64encode(data).decode().rstrip("=")}}


def _tar(store: BlockStore, root: ParsedCid) -> Iterator[bytes]:
    size = file_size(root, store.get(root))
    member = tarfile.TarInfo(root.text())
    member.size, member.mode = size, 0o644
    yield member.tobuf(tarfile.GNU_FORMAT)
    yield from read_file(store, root)
    yield bytes(-size % _TAR_BLOCK + 2 * _TAR_BLOCK)
