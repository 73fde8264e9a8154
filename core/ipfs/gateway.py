"""A trustless gateway: anyone may read, and check what they read against the CID.

Source: Trustless Gateway specification and Path Gateway specification (IPFS Standards).
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from aiohttp import web

from core.errors import BadInput, BlockMissing, Retryable, SmartRetailError
from core.ipfs import car
from core.ipfs.cid import ParsedCid, parse_cid
from core.ipfs.dag import file_size, read_file, walk
from core.ipfs.repo import Repo
from core.ipfs.requests import REPO
from core.ipfs.streaming import stream

IMMUTABLE: Final = "public, max-age=29030400, immutable"
RAW_TYPE: Final = "application/vnd.ipld.raw"
CAR_TYPE: Final = "application/vnd.ipld.car"
_SNIFF_BYTES: Final = 512
_MAGIC: Final = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"{": "application/json",
    b"[": "application/json",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_gateway(repo: Repo) -> web.Application:
    """The gateway application: read only, safe to publish."""
    app = web.Application(middlewares=[_typed_errors])
    app[REPO] = repo
    app.router.add_get("/ipfs/{cid}", _serve)
    app.router.add_get("/health", _health)
    app.router.add_route("OPTIONS", "/ipfs/{cid}", _preflight)
    return app


@web.middleware
async def _typed_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BadInput as error:
        return _problem(400, error)
    except BlockMissing as error:
        return _problem(404, error)
    except Retryable as error:
        return _problem(503, error)
    except SmartRetailError as error:
        return _problem(500, error)


def _problem(status: int, error: SmartRetailError) -> web.Response:
    body = {"code": error.code, "message": error.message, "hint": error.hint}
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return web.json_response(body, status=status, headers=headers)


async def _health(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


async def _preflight(_: web.Request) -> web.StreamResponse:
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
        },
    )


async def _serve(request: web.Request) -> web.StreamResponse:
    cid = parse_cid(request.match_info["cid"])
    form = _form(request)
    headers = _headers(cid, form)
    if headers["ETag"] in _etags(request):
        return web.Response(status=304, headers=headers)
    return await _FORMS[form](request, cid, headers)


async def _raw(request: web.Request, cid: ParsedCid, headers: dict[str, str]) -> web.StreamResponse:
    block = await request.app[REPO].work(request.app[REPO].blocks.get, cid)
    return web.Response(body=block, headers=headers | {"Content-Type": RAW_TYPE})


async def _car(request: web.Request, cid: ParsedCid, headers: dict[str, str]) -> web.StreamResponse:
    """The whole tree, or its first block with `dag-scope=block`."""
    blocks = walk(request.app[REPO].blocks, cid)
    if request.query.get("dag-scope") == "block":
        blocks = _first(blocks)
    return await stream(request, car.car(cid, blocks), headers | {"Content-Type": car.CONTENT_TYPE})


async def _file(
    request: web.Request, cid: ParsedCid, headers: dict[str, str]
) -> web.StreamResponse:
    """The file's content, for people; a script asks for `raw` and verifies."""
    store = request.app[REPO].blocks
    size = await request.app[REPO].work(lambda: file_size(cid, store.get(cid)))
    head = await request.app[REPO].work(lambda: b"".join(read_file(store, cid, 0, _SNIFF_BYTES)))
    headers |= {"Content-Type": _media_type(head), "Content-Length": str(size)}
    if request.method == "HEAD":
        return web.Response(headers=headers)
    return await stream(request, read_file(store, cid), headers)


def _first(blocks: Iterator[tuple[ParsedCid, bytes]]) -> Iterator[tuple[ParsedCid, bytes]]:
    yield next(blocks)


_FORMS: Final = {"raw": _raw, "car": _car, "": _file}


def _form(request: web.Request) -> str:
    """`format` wins over Accept, so that a link says what it gives."""
    asked = request.query.get("format")
    if asked is None:
        accept = request.headers.get("Accept", "")
        asked = "raw" if RAW_TYPE in accept else "car" if CAR_TYPE in accept else ""
    if asked not in _FORMS:
        raise BadInput(f"format {asked[:40]!r} is unknown", hint="Use format=raw or format=car.")
    return asked


def _headers(cid: ParsedCid, form: str) -> dict[str, str]:
    text = cid.text()
    etag = {"raw": f'"{text}.raw"', "car": f'W/"{text}.car"', "": f'"{text}"'}[form]
    extension = {"raw": ".bin", "car": ".car", "": ""}[form]
    disposition = f'attachment; filename="{text}{extension}"' if extension else "inline"
    return {
        "ETag": etag,
        "Cache-Control": IMMUTABLE,
        "X-Ipfs-Path": f"/ipfs/{text}",
        "X-Ipfs-Roots": text,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": disposition,
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Content-Length, ETag, X-Ipfs-Path, X-Ipfs-Roots",
        "Vary": "Accept",
    }


def _etags(request: web.Request) -> set[str]:
    return {tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")}


def _media_type(head: bytes) -> str:
    """Only harmless kinds are named: what anyone uploads never runs as a page here."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    printable = all(byte >= 0x20 or byte in b"\t\n\r" for byte in head)
    return "text/plain; charset=utf-8" if head and printable else "application/octet-stream"
