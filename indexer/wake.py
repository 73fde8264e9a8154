"""When to look at the chain again: a new head by subscription, or at the latest a poll later.

The subscription is only a bell. The block hash it rings with is a hint what to ask for: the block
is proven as any other, and a node without WebSocket costs latency, not truth.
"""

import asyncio
import contextlib
import re
import time
from collections import deque
from typing import Any, Final

import aiohttp
import orjson

RECONNECT_S: Final = 1.0
LIVE_POLL_S: Final = 15.0
"""Between looks while a subscription is open: more than a block's time on every chain we know, so
a chain that announces its blocks is not polled as well."""
_INTERVALS: Final = 8
_HASH: Final = re.compile("0x[0-9a-f]{64}")


class Wake:
    """Rings when one of the nodes announces a head."""

    def __init__(self, *rpc_urls: str) -> None:
        self._urls = [url.replace("http", "ws", 1) for url in rpc_urls]
        self._bell = asyncio.Event()
        self._announced: str | None = None
        self._last: str | None = None
        self._open = 0
        self._rung_at = 0.0
        self._intervals: deque[float] = deque(maxlen=_INTERVALS)
        self._quiet = False

    async def wait(self, seconds: float) -> str | None:
        """Return at the next announcement, at once if one was missed, or after `seconds`.

        Gives the hash of the block announced last. While a subscription is open, silence is
        believed: the first wait after an announcement lasts twice a block's time, later ones
        LIVE_POLL_S.
        """
        try:
            async with asyncio.timeout(self._patience(seconds)):
                await self._bell.wait()
            self._quiet = False
        except TimeoutError:
            self._quiet = True
        self._bell.clear()
        announced, self._announced = self._announced, None
        return announced

    async def listen(self) -> None:
        """Keep subscriptions open until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            for url in self._urls:
                tasks.create_task(self._listen(session, url))

    def _patience(self, seconds: float) -> float:
        if not self._open or not self._intervals:
            return seconds
        if self._quiet:
            return max(seconds, LIVE_POLL_S)
        return max(seconds, min(2 * min(self._intervals), LIVE_POLL_S))

    async def _listen(self, session: aiohttp.ClientSession, url: str) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                await self._subscribe(session, url)
            await asyncio.sleep(RECONNECT_S)

    async def _subscribe(self, session: aiohttp.ClientSession, url: str) -> None:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
        async with session.ws_connect(url, heartbeat=20) as socket:
            await socket.send_bytes(orjson.dumps(request))
            self._ring(None)  # what was announced while the line was down is not announced again
            subscribed = False
            try:
                async for message in socket:
                    head = _head_of(message.data)
                    if head is not None and not subscribed:
                        self._open += 1
                        subscribed = True
                    self._ring(head)
            finally:
                self._open -= subscribed

    def _ring(self, announced: str | None) -> None:
        if announced is not None:
            if announced == self._last:
                return  # another endpoint announced it before
            now = time.monotonic()
            if self._last is not None:
                self._intervals.append(now - self._rung_at)
            self._last, self._rung_at = announced, now
        self._announced = announced
        self._bell.set()


def _head_of(data: Any) -> str | None:
    """The block hash in an `eth_subscription` message; None in any other."""
    try:
        found = orjson.loads(data)["params"]["result"]["hash"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) and _HASH.fullmatch(found) else None
