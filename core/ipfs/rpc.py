"""The part of Kubo's RPC API (`/api/v0`) that ipfshttpclient needs for blocks, files and pins.

Source: Kubo RPC API v0 reference. Errors are Kubo's: status 500 and `{"Message", "Code", "Type"}`.
"""

import platform
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import orjson
from aiohttp import web

from core.errors import BadInput, SmartRetailError
from core.ipfs import rpc_read, rpc_write
from core.ipfs.cid import ParsedCid
from core.ipfs.pins import PinMode
from core.ipfs.repo import Repo
from core.ipfs.requests import REPO, cid_argument, cid_arguments, ndjson, option

AGENT: Final = "smartretail360-ipfs/0.1.0"
VERSION: Final = "0.7.0-smartretail360"
"""The RPC version spoken, in the range ipfshttpclient 0.7.0 accepts; the suffix says who we are."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_rpc(repo: Repo) -> web.Application:
    """The RPC application. It can store and remove, so it belongs on a private address."""
    app = web.Application(middlewares=[_guard, _kubo_errors])
    app[REPO] = repo
    for path, handler in _ROUTES.items():
        app.router.add_post(f"/api/v0/{path}", handler)
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A web page must not drive the node of the person who looks at it (Kubo refuses likewise)."""
    if "Origin" in request.headers or "Referer" in request.headers:
        return _error(403, "requests from web pages are refused")
    return await handler(request)


@web.middleware
async def _kubo_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BadInput as error:
        return _error(400, error.message)
    except SmartRetailError as error:
        return _error(500, error.message)
    except web.HTTPMethodNotAllowed:
        return _error(405, "use POST")
    except web.HTTPNotFound:
        return _error(404, f"{request.path} is not part of this node's RPC")
    except web.HTTPRequestEntityTooLarge:
        return _error(413, "the upload is too large")


def _error(status: int, message: str) -> web.Response:
    body = orjson.dumps({"Message": message, "Code": 0, "Type": "error"})
    return web.Response(status=status, body=body, content_type="application/json")


async def _version(_: web.Request) -> web.StreamResponse:
    return web.json_response(
        {
            "Version": VERSION,
            "Commit": "",
            "Repo": "11",
            "System": f"{platform.machine()}/{platform.system().lower()}",
            "Golang": "",
            "AgentVersion": AGENT,
        }
    )


async def _id(_: web.Request) -> web.StreamResponse:
    """No peer identity: this node talks to its clients only, never to other peers."""
    return web.json_response(
        {
            "ID": "",
            "PublicKey": "",
            "Addresses": [],
            "AgentVersion": AGENT,
            "ProtocolVersion": "",
            "Protocols": [],
        }
    )


async def _pin_add(request: web.Request) -> web.StreamResponse:
    mode = PinMode.RECURSIVE if option(request, "recursive", default=True) else PinMode.DIRECT
    cids = cid_arguments(request)
    for cid in cids:
        await request.app[REPO].work(request.app[REPO].pins.add, cid, mode)
    return web.json_response({"Pins": [cid.text() for cid in cids]})


async def _pin_rm(request: web.Request) -> web.StreamResponse:
    cids = cid_arguments(request)
    for cid in cids:
        await request.app[REPO].work(request.app[REPO].pins.remove, cid)
    return web.json_response({"Pins": [cid.text() for cid in cids]})


async def _pin_ls(request: web.Request) -> web.StreamResponse:
    wanted = request.query.get("type", "all")
    if wanted not in ("all", *PinMode):
        raise BadInput(f"pin type {wanted!r} is unknown", hint="Use all, recursive or direct.")
    pins = await request.app[REPO].work(request.app[REPO].pins.all)
    if "arg" in request.query:
        pins = {cid.multihash: _pinned(pins, cid) for cid in cid_arguments(request)}
    keys = {
        cid.text(): {"Type": str(mode)} for cid, mode in pins.values() if wanted in ("all", mode)
    }
    return web.json_response({"Keys": keys})


def _pinned(
    pins: dict[bytes, tuple[ParsedCid, PinMode]], cid: ParsedCid
) -> tuple[ParsedCid, PinMode]:
    if cid.multihash not in pins:
        raise BadInput(f"path '{cid.text()}' is not pinned")
    return pins[cid.multihash]


async def _repo_stat(request: web.Request) -> web.StreamResponse:
    repo = request.app[REPO]
    count, size = await request.app[REPO].work(repo.blocks.usage)
    return web.json_response(
        {
            "RepoSize": size,
            "StorageMax": 0,
            "NumObjects": count,
            "RepoPath": str(repo.root),
            "Version": "fs-repo@11",
        }
    )


async def _refs_local(request: web.Request) -> web.StreamResponse:
    cids = await request.app[REPO].work(lambda: list(request.app[REPO].blocks.cids()))
    return ndjson({"Ref": cid.text(), "Err": ""} for cid in cids)


async def _block_rm(request: web.Request) -> web.StreamResponse:
    repo = request.app[REPO]
    force = option(request, "force", default=False)
    pins = await request.app[REPO].work(repo.pins.all)
    lines: list[dict[str, Any]] = []
    for cid in cid_arguments(request):
        lines.append(await request.app[REPO].work(_remove, repo, cid, pins, force))
    return ndjson(lines)


def _remove(repo: Repo, cid: ParsedCid, pinned: Iterable[bytes], force: bool) -> dict[str, Any]:
    if cid.multihash in pinned:
        return {"Hash": cid.text(), "Error": f"pinned: {cid.text()}"}
    try:
        repo.blocks.remove(cid)
    except SmartRetailError as error:
        return {"Hash": cid.text(), "Error": "" if force else error.message}
    return {"Hash": cid.text()}


async def _block_stat(request: web.Request) -> web.StreamResponse:
    cid = cid_argument(request)
    size = await request.app[REPO].work(request.app[REPO].blocks.size, cid)
    return web.json_response({"Key": cid.text(), "Size": size})


_ROUTES: Final[dict[str, Handler]] = {
    "version": _version,
    "id": _id,
    "add": rpc_write.add,
    "block/put": rpc_write.block_put,
    "block/get": rpc_read.block_get,
    "block/stat": _block_stat,
    "block/rm": _block_rm,
    "cat": rpc_read.cat,
    "get": rpc_read.get,
    "ls": rpc_read.ls,
    "dag/get": rpc_read.dag_get,
    "dag/export": rpc_read.dag_export,
    "refs": rpc_read.refs,
    "refs/local": _refs_local,
    "pin/add": _pin_add,
    "pin/rm": _pin_rm,
    "pin/ls": _pin_ls,
    "repo/stat": _repo_stat,
}
