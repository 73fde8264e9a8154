"""A proxy before a node that counts JSON-RPC calls by method; WebSockets pass through uncounted."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from scripts.anvil import free_port

MAX_BODY: int = 2**26


@dataclass
class Counted:
    """A running proxy."""

    url: str
    calls: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    """HTTP requests: a batch is one, whatever it asks."""


@contextlib.asynccontextmanager
async def counting(node_url: str) -> AsyncIterator[Counted]:
    """A proxy until the block ends."""
    port = free_port()
    counted = Counted(f"http://127.0.0.1:{port}")
    async with aiohttp.ClientSession() as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            if request.headers.get("upgrade", "").lower() == "websocket":
                return await pass_socket(session, node_url, request)
            body = await request.read()
            asked = orjson.loads(body)
            counted.requests += 1
            counted.calls.update(call["method"] for call in _listed(asked))
            async with session.post(node_url, data=body, headers=_JSON) as answer:
                return web.Response(body=await answer.read(), content_type="application/json")

        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield counted
        finally:
            await runner.cleanup()


_JSON = {"content-type": "application/json"}


def _listed(asked: Any) -> list[dict[str, str]]:
    return asked if isinstance(asked, list) else [asked]


async def pass_socket(
    session: aiohttp.ClientSession, node_url: str, request: web.Request
) -> web.WebSocketResponse:
    """What both ends of a WebSocket say, to each other, until one of them leaves."""
    ours = web.WebSocketResponse()
    await ours.prepare(request)
    async with session.ws_connect(node_url.replace("http", "ws", 1)) as theirs:
        tasks = [asyncio.create_task(_pass(a, b)) for a, b in ((ours, theirs), (theirs, ours))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return ours


async def _pass(
    source: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
    target: aiohttp.ClientWebSocketResponse | web.WebSocketResponse,
) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await target.send_bytes(message.data)
