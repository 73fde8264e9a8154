"""When to look at the chain again: a new head by subscription, or at the latest a poll later.

The subscription is only a bell. What it says is not read, so it need not be proven, and a node
without WebSocket costs latency, not truth.
"""

import asyncio
import contextlib
from typing import Final

import aiohttp
import orjson

RECONNECT_S: Final = 5.0


class Wake:
    """Rings when the node announces a head."""

    def __init__(self, rpc_url: str) -> None:
        self._url = rpc_url.replace("http", "ws", 1)
        self._bell = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return at the next announcement, at once if one was missed, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        self._bell.clear()

    async def listen(self) -> None:
        """Keep a subscription open until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                    await self._subscribe(session)
                await asyncio.sleep(RECONNECT_S)

    async def _subscribe(self, session: aiohttp.ClientSession) -> None:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
        async with session.ws_connect(self._url, heartbeat=20) as socket:
            await socket.send_bytes(orjson.dumps(request))
            async for _message in socket:
                self._bell.set()
