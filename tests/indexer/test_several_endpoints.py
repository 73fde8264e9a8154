"""Real nodes behind relays that cut, lie and stand on other forks.

given two endpoints
├── one lies -> alarm, the other is asked, nothing wrong is written, under five seconds
├── the connection to one is cut -> the other is asked, under five seconds
└── a quorum of two, one on a fork -> the fork is not followed; it goes on once they agree
given one endpoint whose connections were cut -> what was missed is read, without a gap
given a live subscription -> at most two calls a block
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from core.chain.client import Rpc, to_int
from core.chain.proof.header import encode_header
from core.crypto import keccak256, to_hash
from indexer.fetch import Fetcher
from indexer.model import Block, Tip
from indexer.registry import registry_of
from indexer.source import Source
from indexer.wake import Wake
from scripts.anvil import free_port


class Relay:
    """A TCP relay before a node, for HTTP and WebSocket alike, that can be cut."""

    def __init__(self, url: str) -> None:
        self._target = url.rsplit("/", 1)[1].split(":")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def cut(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._target
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self._writers -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest_asyncio.fixture
async def relay(chain) -> AsyncIterator[Relay]:
    relay = Relay(chain.url)
    await relay.open()
    yield relay
    await relay.cut()


class Liar:
    """An HTTP endpoint that changes what the node says while `lie` is set."""

    def __init__(self, url: str) -> None:
        self._target = url
        self.url = f"http://127.0.0.1:{free_port()}"
        self.lie: Callable[[str, Any], Any] | None = None
        self.told = 0
        self.delay_s = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        await asyncio.sleep(self.delay_s)
        async with ClientSession() as session, session.post(self._target, json=asked) as response:
            answers = orjson.loads(await response.read())
        pairs = zip(asked, answers, strict=True) if isinstance(asked, list) else [(asked, answers)]
        for call, reply in pairs:
            if self.lie:
                result = self.lie(call["method"], reply.get("result"))
                self.told += result != reply.get("result")
                reply["result"] = result
        return web.json_response(answers)


@contextlib.asynccontextmanager
async def _served(url: str) -> AsyncIterator[Liar]:
    node = Liar(url)
    app = web.Application()
    app.router.add_post("/", node.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(node.url.rsplit(":", 1)[1])).start()
    yield node
    await runner.cleanup()


@pytest_asyncio.fixture
async def liar(chain) -> AsyncIterator[Liar]:
    async with _served(chain.url) as node:
        yield node


@pytest_asyncio.fixture
async def slow(chain) -> AsyncIterator[Liar]:
    """An honest endpoint that is asked second."""
    async with _served(chain.url) as node:
        node.delay_s = 0.1
        yield node


@pytest.fixture
def database_url() -> str:
    """SQLite: where the blocks come from is the same for every database."""
    return ""


def _endpoints(settings, *urls: str, **more: Any):
    changed = {"rpc_url": urls[0], "rpc_urls": urls[1:], **more}
    return settings.model_copy(update={"chain": settings.chain.model_copy(update=changed)})


def _without_last_log(method: str, result: Any) -> Any:
    if method != "eth_getBlockReceipts":
        return result
    return [{**receipt, "logs": receipt["logs"][:-1]} for receipt in result]


async def test_a_lie_is_answered_by_the_other(chain, settings, liar, slow, start_mirror) -> None:
    async with start_mirror(_endpoints(settings, liar.url, slow.url)) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        liar.lie = _without_last_log
        with capture_logs() as logs:
            began = time.monotonic()
            await chain.record_batch([keccak256(b"a"), keccak256(b"b")])
            await mirror.reaches(chain)
            assert time.monotonic() - began < 5
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 3
    assert liar.told > 0
    (alarm,) = [entry for entry in logs if entry.get("code") == "source_lied"]
    assert alarm["log_level"] == "error"
    assert alarm["endpoint"] == liar.url


async def test_a_history_of_lies_is_read_from_the_other(
    chain, settings, liar, slow, start_mirror
) -> None:
    for i in range(40):
        await chain.record_batch([keccak256(b"%d" % i), keccak256(b"x%d" % i)])
    liar.lie = _without_last_log
    async with start_mirror(_endpoints(settings, liar.url, slow.url)) as mirror:
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 80
    assert liar.told > 0


async def test_a_cut_connection_is_answered_by_the_other(
    chain, settings, relay, start_mirror
) -> None:
    async with start_mirror(_endpoints(settings, relay.url, chain.url)) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        await relay.cut()
        began = time.monotonic()
        await chain.record(keccak256(b"after"))
        await mirror.reaches(chain)
        assert time.monotonic() - began < 5


async def test_what_a_cut_hid_is_read_afterwards(chain, settings, relay, start_mirror) -> None:
    async with start_mirror(_endpoints(settings, relay.url)) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        for _ in range(3):
            await relay.cut()
            for i in range(4):
                await chain.record(keccak256(b"%d" % i))
            await relay.open()
            await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 13
        head = await chain.height()
        first = await mirror.scalar("SELECT min(number) FROM chain.block")
        assert await mirror.scalar("SELECT count(*) FROM chain.block") == head - first + 1


async def test_a_fork_of_one_is_not_followed_by_a_quorum_of_two(
    chain, settings, liar, start_mirror
) -> None:
    """The liar invents a block that hashes to itself: only a second opinion tells."""
    two = _endpoints(settings, liar.url, chain.url, quorum=2)
    async with start_mirror(two) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        height = await chain.height()
        liar.lie = lambda _, result: _forked(result, height + 1)
        with capture_logs() as logs:
            await chain.record(keccak256(b"after"))

            async def told() -> bool:
                return any(entry.get("code") == "endpoints_disagree" for entry in logs)

            await mirror.until(told, "the disagreement")
        assert await mirror.scalar("SELECT block_number FROM chain.checkpoint") == height
        liar.lie = None
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 2


def _forked(result: Any, number: int) -> Any:
    is_block = isinstance(result, dict) and "parentHash" in result
    if not is_block or to_int(result["number"]) != number:
        return result
    return _resealed({**result, "extraData": "0xfa4e"})


def _resealed(block: dict[str, Any]) -> dict[str, Any]:
    return {**block, "hash": "0x" + keccak256(encode_header(block)).hex()}


class Counting(Rpc):
    """A connection that counts what it is asked."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: Counter[str] = Counter()

    async def call(self, method: str, *params: Any) -> Any:
        self.asked[method] += 1
        return await super().call(method, *params)

    async def batch(self, calls: Any) -> Any:
        self.asked.update(method for method, _ in calls)
        return await super().batch(calls)


async def test_at_most_two_calls_a_block_at_the_head(chain, settings) -> None:
    blocks = 64
    await chain.record(keccak256(b"start"))
    head = await chain.rpc.call("eth_getBlockByNumber", "latest", False)
    tip = Tip(to_int(head["number"]), to_hash(head["hash"]), 0)
    held = {tip.number: tip.hash}

    async def hash_at(number: int) -> Any:
        return held.get(number)

    wake = Wake(chain.url)
    listening = asyncio.create_task(wake.listen())
    async with Counting(chain.url) as rpc:
        fetcher = Fetcher(rpc, registry_of(chain.deployment).addresses)
        source = Source(fetcher, settings.chain, hash_at)
        mining = asyncio.create_task(_mine_slowly(chain, blocks))
        try:
            async for chunk in source.stream(tip, wake.wait):
                held |= {event.number: event.hash for event in chunk if isinstance(event, Block)}
                if len(held) == blocks // 4:
                    rpc.asked.clear()  # the subscription is open and the pace of the chain known
                if len(held) > blocks:
                    break
        finally:
            listening.cancel()
            await asyncio.gather(listening, mining, return_exceptions=True)
    counted = blocks + 1 - blocks // 4
    assert sum(rpc.asked.values()) <= 2.1 * counted


async def _mine_slowly(chain, blocks: int) -> None:
    for i in range(blocks):
        await chain.record(keccak256(b"%d" % i))
        await asyncio.sleep(0.1)
