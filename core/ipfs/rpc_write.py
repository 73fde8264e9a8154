"""`add` and `block/put`: what is uploaded is durable before it is answered."""

from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, web

from core.errors import Malformed
from core.ipfs.blockstore import MAX_BLOCK
from core.ipfs.cid import CODECS, DAG_PB, ParsedCid, sha256_cid
from core.ipfs.pins import PinMode
from core.ipfs.repo import Repo
from core.ipfs.requests import REPO, ndjson, number, option
from core.ipfs.unixfs import Chunker, FileImporter, Layout, Part, chunk_size

MAX_UPLOAD: Final = 256 * 1024 * 1024
_PIECE: Final = 65_536
_UNSUPPORTED: Final = ("trickle", "nocopy", "fscache", "inline", "wrap-with-directory")
_LEGACY_FORMATS: Final = {"v0": "dag-pb", "protobuf": "dag-pb", "cbor": "dag-cbor"}


async def add(request: web.Request) -> web.StreamResponse:
    """Imports each uploaded file; one line of JSON a file, as Kubo streams them."""
    layout = _layout(request)
    keep = not option(request, "only-hash", default=False)
    pin = option(request, "pin", default=True)
    lines: list[dict[str, Any]] = []
    budget = MAX_UPLOAD
    async for part in _files(request):
        root = await _import(request.app[REPO], part, layout, keep, budget)
        budget -= root.filesize
        if keep and pin:
            pins = request.app[REPO].pins
            await request.app[REPO].work(pins.add, root.cid, PinMode.RECURSIVE)
        text = root.cid.text()
        lines.append({"Name": part.filename or text, "Hash": text, "Size": str(root.tsize)})
    if not lines:
        raise Malformed("file argument 'path' is required", hint="Upload a file as form data.")
    return ndjson(lines)


async def block_put(request: web.Request) -> web.StreamResponse:
    """Stores each uploaded part as one block under the codec asked for."""
    codec, version = _block_format(request)
    pin = option(request, "pin", default=False)
    lines: list[dict[str, Any]] = []
    async for part in _files(request):
        data = b"".join([piece async for piece in _pieces(part, MAX_BLOCK)])
        cid = sha256_cid(data, codec, version)
        await request.app[REPO].work(_keep, request.app[REPO], cid, data, pin)
        lines.append({"Key": cid.text(), "Size": len(data)})
    if not lines:
        raise Malformed("file argument 'data' is required", hint="Upload a block as form data.")
    return ndjson(lines)


def _keep(repo: Repo, cid: ParsedCid, data: bytes, pin: bool) -> None:
    repo.blocks.put(cid, data)
    if pin:
        repo.pins.add(cid, PinMode.RECURSIVE)


async def _import(
    repo: Repo, part: BodyPartReader, layout: Layout, keep: bool, budget: int
) -> Part:
    importer = FileImporter(repo.blocks.put if keep else _forget, layout)
    chunker = Chunker(layout.chunk_size)
    async for piece in _pieces(part, budget):
        for chunk in chunker.feed(piece):
            await repo.work(importer.add_chunk, chunk)
    for chunk in chunker.rest():
        await repo.work(importer.add_chunk, chunk)
    return await repo.work(importer.finish)


def _forget(_: ParsedCid, __: bytes) -> None:
    """only-hash: the caller wants the CID, not the storage."""


def _layout(request: web.Request) -> Layout:
    """Kubo's rule: CIDv1 has raw leaves unless the caller says otherwise."""
    asked = [name for name in _UNSUPPORTED if option(request, name, default=False)]
    if asked:
        hint = "This node adds single files in balanced layout; use Kubo for the rest."
        raise Malformed(f"option {asked[0]} is not supported", hint=hint)
    if request.query.get("hash", "sha2-256") != "sha2-256":
        raise Malformed("only hash=sha2-256 is supported")
    version = number(request, "cid-version") or 0
    if version > 1:
        raise Malformed(f"CID version {version} is unknown", hint="Use cid-version 0 or 1.")
    raw_leaves = option(request, "raw-leaves", default=version == 1)
    return Layout(version, raw_leaves, chunk_size(request.query.get("chunker", "")))


def _block_format(request: web.Request) -> tuple[int, int]:
    """Codec and CID version, by today's `cid-codec` or the older `format`."""
    legacy = request.query.get("format", "")
    name = _LEGACY_FORMATS.get(legacy, legacy) or request.query.get("cid-codec") or "raw"
    if name not in CODECS:
        raise Malformed(f"codec {name!r} is unknown", hint=f"Use {', '.join(CODECS)}.")
    if request.query.get("mhtype", "sha2-256") != "sha2-256":
        raise Malformed("only mhtype=sha2-256 is supported")
    if request.query.get("mhlen", "-1") not in ("-1", "32"):
        raise Malformed("a SHA-256 multihash is not shortened", hint="Leave mhlen out.")
    codec = CODECS[name]
    return codec, 0 if legacy == "v0" and codec == DAG_PB else 1


async def _files(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The uploaded files; raises Malformed for other bodies and for folders."""
    if not request.content_type.startswith("multipart/"):
        raise Malformed("the body is not multipart form data")
    try:
        async for part in await request.multipart():
            if isinstance(part, MultipartReader) or part is None:
                raise Malformed("nested form data is not supported")
            if part.headers.get("Content-Type") == "application/x-directory":
                hint = "Add files one by one; this node keeps no folders."
                raise Malformed("folders are not supported", hint=hint)
            yield part
    except ValueError as error:
        raise Malformed(f"the form data is broken: {error}") from error


async def _pieces(part: BodyPartReader, limit: int) -> AsyncIterator[bytes]:
    """The upload's bytes, refused as soon as they pass the limit."""
    total = 0
    while piece := await part.read_chunk(_PIECE):
        total += len(piece)
        if total > limit:
            raise Malformed(f"the upload has more than {limit} bytes")
        yield bytes(piece)
