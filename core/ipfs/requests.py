"""Arguments and answers in Kubo's manner."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from aiohttp import web

from core.errors import Malformed
from core.ipfs.cid import ParsedCid, parse_cid
from core.ipfs.repo import Repo

REPO: Final = web.AppKey("repo", Repo)
_TRUE: Final = ("true", "1", "t")
_FALSE: Final = ("false", "0", "f")


def cid_argument(request: web.Request) -> ParsedCid:
    """The one CID a call is about; raises Malformed."""
    [cid] = cid_arguments(request)[:1]
    return cid


def cid_arguments(request: web.Request) -> list[ParsedCid]:
    """All `arg`s as CIDs, given bare or as `/ipfs/{cid}`; raises Malformed."""
    texts = request.query.getall("arg", [])
    if not texts:
        raise Malformed('argument "ipfs-path" is required', hint="Give a CID as ?arg=.")
    return [parse_cid(text.removeprefix("/ipfs/")) for text in texts]


def option(request: web.Request, name: str, *, default: bool) -> bool:
    """A boolean option; raises Malformed."""
    text = request.query.get(name, "").lower()
    if text == "":
        return True if name in request.query else default
    if text not in _TRUE + _FALSE:
        raise Malformed(f"option {name}={text!r} is not true or false")
    return text in _TRUE


def number(request: web.Request, name: str) -> int | None:
    """A non-negative integer option; raises Malformed."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Malformed(f"option {name}={text[:40]!r} is not a non-negative integer")
    return int(text)


def ndjson(lines: Iterable[dict[str, Any]]) -> web.Response:
    body = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    return web.Response(body=body, content_type="application/json")
