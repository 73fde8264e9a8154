"""Whatever one node says, over real HTTP: the indexer lives, writes nothing wrong, and goes on.

given one endpoint that says something no honest node says
├── nothing wrong is written, an alarm names it, /ready says why
└── once it is honest again, the mirror catches up
given a second, honest endpoint
└── it is asked instead, under five seconds
given two endpoints of a quorum
├── one calls everything final -> only what both call final is
└── neither knows the tag -> a depth counts
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from core.chain.proof.header import encode_header
from core.config import Settings
from core.crypto import keccak256
from core.db import Writes, open_database
from core.errors import SourceLied
from core.types import BlockHash
from indexer.handlers.context import State
from indexer.model import Block
from indexer.store import Store
from indexer.wake import _head_of
from scripts.anvil import free_port
from tests.indexer.test_store import GENESIS, story
from tests.indexer.world import REGISTRY

Lie = Callable[[str, list[Any], dict[str, Any]], None]
"""Method, parameters, and the reply to spoil."""


class Node:
    """A proxy before the real node."""

    def __init__(self, url: str) -> None:
        self._target = url
        self.url = f"http://127.0.0.1:{free_port()}"
        self.lie: Lie | None = None
        self.delay_s = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        await asyncio.sleep(self.delay_s)
        async with ClientSession() as session, session.post(self._target, json=asked) as response:
            replies = orjson.loads(await response.read())
        calls = asked if isinstance(asked, list) else [asked]
        for call, reply in zip(calls, replies if calls is asked else [replies], strict=True):
            if self.lie:
                self.lie(call["method"], call["params"], reply)
        return web.json_response(replies)


@contextlib.asynccontextmanager
async def _served(url: str) -> AsyncIterator[Node]:
    node = Node(url)
    app = web.Application()
    app.router.add_post("/", node.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(node.url.rsplit(":", 1)[1])).start()
    yield node
    await runner.cleanup()


@pytest_asyncio.fixture
async def node(chain) -> AsyncIterator[Node]:
    async with _served(chain.url) as served:
        yield served


@pytest.fixture
def database_url() -> str:
    """SQLite: what a node says is the same for every database."""
    return ""


def _endpoints(settings: Settings, *urls: str, **more: Any) -> Settings:
    changed = {"rpc_url": urls[0], "rpc_urls": urls[1:], **more}
    return settings.model_copy(update={"chain": settings.chain.model_copy(update=changed)})


def _of_block(change: Callable[[dict[str, Any]], None], *, resealed: bool = False) -> Lie:
    def lie(method: str, params: list[Any], reply: dict[str, Any]) -> None:
        block = reply.get("result")
        if method.startswith("eth_getBlockBy") and isinstance(block, dict) and params[0] != "0x0":
            change(block)
            if resealed:
                block["hash"] = "0x" + keccak256(encode_header(block)).hex()

    return lie


def _of_receipts(change: Callable[[dict[str, Any]], None]) -> Lie:
    def lie(method: str, _params: list[Any], reply: dict[str, Any]) -> None:
        for receipt in reply.get("result") or () if method == "eth_getBlockReceipts" else ():
            change(receipt)

    return lie


def _a_new_fork(block: dict[str, Any]) -> None:
    block.update(beaconRootOfTomorrow="0x" + "11" * 32, stateRoot="0x" + "22" * 32)


def _calls_it_a_revert(method: str, _params: list[Any], reply: dict[str, Any]) -> None:
    if method.startswith("eth_getBlockBy"):
        reply.pop("result")
        reply["error"] = {"code": 3, "message": "execution reverted", "data": "0xzz"}


def _moves_to_another_chain(method: str, _params: list[Any], reply: dict[str, Any]) -> None:
    if method == "eth_chainId":
        reply["result"] = "0x539"
    elif method.startswith("eth_getBlockBy"):
        reply["result"] = {"hash": "0x"}  # so that it is asked for its chain again


def _invents_a_genesis(method: str, params: list[Any], reply: dict[str, Any]) -> None:
    if method == "eth_getBlockByNumber" and params[0] == "0x0":
        reply["result"]["extraData"] = "0xfa4e"
        reply["result"]["hash"] = "0x" + keccak256(encode_header(reply["result"])).hex()
    elif method.startswith("eth_getBlockBy"):
        reply["result"] = {"hash": "0x"}


def _tells_of_a_far_head(method: str, params: list[Any], reply: dict[str, Any]) -> None:
    if method == "eth_getBlockByNumber" and params[0] == "latest":
        reply["result"]["number"] = hex(int(reply["result"]["number"], 16) + 1000)
        reply["result"]["hash"] = "0x" + keccak256(encode_header(reply["result"])).hex()


LIES = {
    "unknown_header": _of_block(_a_new_fork),
    "unknown_receipt": _of_receipts(lambda receipt: receipt.update(type="0x99")),
    "unreadable_type": _of_receipts(lambda receipt: receipt.update(type="-0x1")),
    "time_beyond_sql": _of_block(lambda b: b.update(timestamp=hex(1 << 64)), resealed=True),
    "number_beyond_sql": _of_block(lambda b: b.update(number=hex(1 << 64)), resealed=True),
    "negative_number": _of_block(lambda b: b.update(number="-0x1")),
    "no_block": _of_block(lambda block: block.clear()),
    "a_revert": _calls_it_a_revert,
    "another_chain": _moves_to_another_chain,
    "another_genesis": _invents_a_genesis,
    "a_head_far_ahead": _tells_of_a_far_head,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_the_only_node_does_not_end_the_indexer(
    lie: Lie, chain, settings, node, start_mirror
) -> None:
    async with start_mirror(_endpoints(settings, node.url)) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        honest = await mirror.tables()
        node.lie = lie
        with capture_logs() as logs:
            await chain.record_batch([keccak256(b"a"), keccak256(b"b")])

            async def alarmed() -> bool:
                told = ("source refused, nothing written", "waiting")
                return any(entry["event"] in told for entry in logs)

            await mirror.until(alarmed, "the alarm")
        assert await mirror.tables() == honest
        node.lie = None
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 3


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_an_honest_second_is_asked_instead(
    lie: Lie, chain, settings, node, start_mirror
) -> None:
    """The liar answers faster: what it says is heard first."""
    async with _served(chain.url) as slow:
        slow.delay_s = 0.03
        async with start_mirror(_endpoints(settings, node.url, slow.url)) as mirror:
            await chain.record(keccak256(b"before"))
            await mirror.reaches(chain)
            node.lie = lie
            began = time.monotonic()
            await chain.record_batch([keccak256(b"a"), keccak256(b"b")])
            await mirror.reaches(chain)
            assert time.monotonic() - began < 5
            assert await mirror.scalar("SELECT count(*) FROM chain.event") == 3


async def test_ready_says_why_it_stands_still(chain, settings, node, start_mirror) -> None:
    import aiohttp

    port = free_port()
    own = settings.indexer.model_copy(update={"port": port})
    told = _endpoints(settings, node.url).model_copy(update={"indexer": own})
    async with start_mirror(told) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        node.lie = LIES["unknown_receipt"]
        await chain.record(keccak256(b"a"))

        async def says() -> bool:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{port}/ready") as response,
            ):
                text = await response.text()
            return response.status == 503 and "a transaction of type 0x99" in text

        await mirror.until(says, "the reason")


@pytest.mark.parametrize(("quorum", "wanted"), [(1, "nearly all"), (2, "five")])
async def test_a_quorum_agrees_on_what_is_final(
    quorum: int, wanted: str, chain, settings, node, start_mirror
) -> None:
    """anvil calls all but two blocks final, the other endpoint only the fifth."""
    fifth = await chain.rpc.call("eth_getBlockByNumber", "0x5", False)

    def careful(method: str, params: list[Any], reply: dict[str, Any]) -> None:
        if method == "eth_getBlockByNumber" and params[0] == "finalized":
            reply["result"] = fifth

    node.lie = careful
    urls = (chain.url, node.url)[:quorum]
    async with start_mirror(_endpoints(settings, *urls, quorum=quorum)) as mirror:
        await chain.record(keccak256(b"x"))
        await mirror.reaches(chain)
        height = await chain.height()

        async def settled() -> bool:
            final = await mirror.scalar("SELECT finalized_number FROM chain.checkpoint")
            return bool(final == 5 if wanted == "five" else final > height - 4)

        await mirror.until(settled, "what is final")
        await chain.record(keccak256(b"y"))
        await mirror.reaches(chain)
        assert await settled() or wanted == "nearly all"


async def test_a_tag_no_quorum_knows_becomes_a_depth(chain, settings, start_mirror) -> None:
    def unknown(method: str, params: list[Any], reply: dict[str, Any]) -> None:
        if method == "eth_getBlockByNumber" and params[0] == "finalized":
            reply.pop("result")
            reply["error"] = {"code": -32602, "message": "unknown block tag"}

    await chain.rpc.call("anvil_mine", hex(70))
    async with _served(chain.url) as one, _served(chain.url) as other:
        one.lie = other.lie = unknown
        two = _endpoints(settings, one.url, other.url, quorum=2)
        async with start_mirror(two) as mirror:
            await chain.record(keccak256(b"x"))
            await mirror.reaches(chain)
            wanted = await chain.height() - 64

            async def settled() -> bool:
                query = "SELECT finalized_number FROM chain.checkpoint"
                return bool(await mirror.scalar(query) == wanted)

            await mirror.until(settled, "the depth")


def test_what_contracts_take_once_comes_twice(tmp_path: Path) -> None:
    """Invented blocks may say so; the database's own rules are the last to refuse them."""
    database = open_database(Settings(state_dir=tmp_path), Writes.CHAIN)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    _, (_, block), _ = story([[("r", 0, 1)]])
    double = Block(1, block.hash, GENESIS.hash, 0, (block.logs[0], *block.logs))
    with pytest.raises(SourceLied, match="follows entry 1"):
        store.handle(tip, [double])
    again = Block(1, BlockHash(bytes(32)), GENESIS.hash, 0, ())
    with pytest.raises(SourceLied, match="take once"):
        store.handle(tip, [block, again])
    assert store.tip() == tip
    database.close()


def test_a_product_that_contains_itself_is_a_lie() -> None:
    state = State({}, {}, children={b"a": {b"b"}, b"b": {b"a"}})
    with pytest.raises(SourceLied, match="packed deeper"):
        state.inside(b"a")


@pytest.mark.parametrize("hash_", ["0x", "latest", 7, "0x" + "g" * 64, "0x" + "a" * 65])
def test_an_announced_hash_is_one(hash_: object) -> None:
    assert _head_of(orjson.dumps({"params": {"result": {"hash": hash_}}})) is None
