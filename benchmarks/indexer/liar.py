"""A proxy before a node that drops one log and alters another, whoever asks and however.

A log is recognised by its place in the chain, so `eth_getLogs`, `eth_getBlockReceipts` and
`eth_getTransactionReceipt` tell the same. Headers stay as they are: the lie does not fit their
blooms' and receipts' roots, and who checks those can see it.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from benchmarks.indexer.counter import MAX_BODY, pass_socket
from scripts.anvil import free_port

Place = tuple[int, int]
"""Block number and log index."""


@dataclass(frozen=True)
class Lie:
    """What is told instead of the truth."""

    dropped: Place
    altered: Place
    """Its last topic, of an `EventRecorded` the data hash, gets another last digit."""
    told: Counter[str] = field(default_factory=Counter)
    """How often each half was told: a tool that never asked was not lied to."""

    def about(self, value: Any) -> Any:
        """Any JSON a node answered, with the lie in it."""
        if isinstance(value, list):
            return [self.about(item) for item in value if not self._drops(item)]
        if not isinstance(value, dict):
            return value
        if _place(value) == self.altered:
            self.told["altered"] += 1
            return value | {"topics": [*value["topics"][:-1], _other(value["topics"][-1])]}
        return {key: self.about(item) for key, item in value.items()}

    def _drops(self, item: Any) -> bool:
        drops = isinstance(item, dict) and _place(item) == self.dropped
        self.told["dropped"] += drops
        return drops


def _place(item: dict[str, Any]) -> Place | None:
    """Where a log stands; None of what is no log."""
    if not {"topics", "blockNumber", "logIndex"} <= item.keys():
        return None
    return int(item["blockNumber"], 16), int(item["logIndex"], 16)


def _other(topic: str) -> str:
    return topic[:-1] + ("0" if topic[-1] != "0" else "1")


@contextlib.asynccontextmanager
async def lying(node_url: str, lie: Lie | None, delay_s: float = 0.0) -> AsyncIterator[str]:
    """The address of such a proxy, or of an honest one; it answers `delay_s` later than it could.

    WebSockets, which tell of heads only, pass through.
    """
    async with aiohttp.ClientSession() as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            if request.headers.get("upgrade", "").lower() == "websocket":
                return await pass_socket(session, node_url, request)
            headers = {"content-type": "application/json"}
            asked = await request.read()
            async with session.post(node_url, data=asked, headers=headers) as answer:
                told = orjson.loads(await answer.read())
            await asyncio.sleep(delay_s)
            told = lie.about(told) if lie else told
            return web.Response(body=orjson.dumps(told), content_type="application/json")

        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await runner.cleanup()
