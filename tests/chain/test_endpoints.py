"""Several endpoints as one, against servers that fail in every way a provider does.

given one endpoint of two that fails (down, silent, 429, 5xx, a limit, cut JSON, a lie)
├── the other answers, in under five seconds
├── the failing one rests, longer after each failure, and at least as long as it asks
└── it comes back when a probe finds it well
given one endpoint on another chain -> it is left out; given all on another chain -> BadConfig
given a refusal that is no failure of the node -> it is raised at once
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from core.chain import endpoints as module
from core.chain.client import Rpc, RpcLimited
from core.chain.endpoints import Endpoints
from core.errors import BadConfig, ContractReverted, RpcUnavailable, SourceLied
from scripts.anvil import free_port

CHAIN = 31337


@dataclass
class Node:
    """An endpoint that answers each call with its own name, or fails as a test tells it to."""

    name: str
    fails: Callable[[web.Request], Any] | None = None
    chain: int = CHAIN
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = orjson.loads(await request.read())
        self.asked.append(call["method"])
        if self.fails:
            answer = self.fails(request)
            return await answer if asyncio.iscoroutine(answer) else answer
        result = hex(self.chain) if call["method"] == "eth_chainId" else self.name
        return web.json_response({"id": call["id"], "result": result})


@pytest_asyncio.fixture
async def nodes() -> AsyncIterator[list[Node]]:
    found = [Node("first"), Node("second")]
    servers = []
    for node in found:
        app = web.Application()
        app.router.add_post("/s3cret", node.handle)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        node.url = str(servers[-1].make_url("/s3cret"))
    yield found
    for server in servers:
        await server.close()


def _pool(nodes: list[Node]) -> Endpoints:
    return Endpoints([Rpc(node.url) for node in nodes])


async def _silent(_request: web.Request) -> web.Response:
    await asyncio.sleep(8)
    return web.Response()


def _json(body: Any) -> Callable[[web.Request], web.Response]:
    return lambda _: web.json_response(body)


FAILURES = {
    "silent": lambda request: _silent(request),
    "429": lambda _: web.Response(status=429),
    "429 with a JSON body": lambda _: web.json_response({"error": {"code": 1}}, status=429),
    "500": lambda _: web.Response(status=500),
    "502 with a page": lambda _: web.Response(status=502, text="<html>"),
    "a limit": _json({"id": 1, "error": {"code": -32005, "message": "limit exceeded"}}),
    "cut JSON": lambda _: web.Response(body=b'{"jsonrpc":"2.0","id":1,"resu'),
    "no JSON-RPC": _json(["x"]),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_the_next_endpoint_answers(nodes: list[Node], failure) -> None:
    async with _pool(nodes) as pool:
        await pool.open(CHAIN)
        nodes[0].fails = failure
        pool.health[0].latency_s = 0.0  # it is asked first
        began = time.monotonic()
        assert await pool.call("eth_x") == "second"
        assert time.monotonic() - began < 5
        assert nodes[0].asked[-1] == "eth_x"
        assert [endpoint.well for endpoint in pool.health] == [False, True]
        assert await pool.call("eth_y") == "second"
        assert "eth_y" not in nodes[0].asked


async def test_an_endpoint_that_is_down_at_the_start(nodes: list[Node]) -> None:
    nodes[0].url = f"http://127.0.0.1:{free_port()}"
    async with _pool(nodes) as pool:
        await pool.open(CHAIN)
        assert await pool.call("eth_x") == "second"


async def test_a_lie_is_an_alarm_and_rests_longest(nodes: list[Node]) -> None:
    async def work(rpc: Rpc) -> str:
        answer = await rpc.call("eth_x")
        if answer == "first":
            raise SourceLied("it lied")
        return answer

    async with _pool(nodes) as pool:
        await pool.open(CHAIN)
        pool.health[0].latency_s = 0.0
        with capture_logs() as logs:
            assert await pool.ask(work) == "second"
        assert pool.health[0].rests_until - time.monotonic() > 50
    (alarm,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert alarm["code"] == "source_lied"
    assert "s3cret" not in str(logs)


async def test_a_lie_weighs_more_than_a_failure(nodes: list[Node]) -> None:
    async def work(rpc: Rpc) -> str:
        if rpc.url == nodes[0].url:
            raise SourceLied("it lied")
        return await rpc.call("eth_x")

    nodes[1].fails = lambda _: web.Response(status=500)
    async with _pool(nodes) as pool:
        with pytest.raises(SourceLied):
            await pool.ask(work)


async def test_none_answers(nodes: list[Node]) -> None:
    nodes[0].fails = nodes[1].fails = lambda _: web.Response(status=500)
    async with _pool(nodes) as pool:
        with pytest.raises(RpcUnavailable):
            await pool.call("eth_x")
        nodes[1].fails = None
        assert await pool.call("eth_x") == "second"  # resting ones are asked where all rest


async def test_it_rests_longer_each_time_and_as_long_as_it_asks(nodes: list[Node]) -> None:
    nodes[0].fails = lambda _: web.Response(status=429, headers={"Retry-After": "7"})
    pool = _pool(nodes)
    endpoint = pool.health[0]
    rests = []
    for _ in range(5):
        endpoint.failed(RpcUnavailable("down"))
        rests.append(round(endpoint.rests_until - time.monotonic()))
    assert rests == [1, 2, 4, 8, 16]
    async with pool:
        with pytest.raises(RpcLimited) as caught:
            await endpoint.rpc.call("eth_x")
    endpoint.answered(0.1)
    endpoint.failed(caught.value)
    assert 6 < endpoint.rests_until - time.monotonic() <= 7


async def test_it_comes_back(nodes: list[Node], monkeypatch) -> None:
    monkeypatch.setattr(module, "FIRST_REST_S", 0.05)
    async with _pool(nodes) as pool:
        await pool.open(CHAIN)
        pool.health[0].latency_s = 0.0
        nodes[0].fails = lambda _: web.Response(status=500)
        assert await pool.call("eth_x") == "second"
        await asyncio.sleep(0.2)
        assert not pool.health[0].well
        nodes[0].fails = None
        async with asyncio.timeout(5):
            while not pool.health[0].well:
                await asyncio.sleep(0.01)
        pool.health[0].latency_s = 0.0
        assert await pool.call("eth_x") == "first"


async def test_one_on_another_chain_is_left_out(nodes: list[Node]) -> None:
    nodes[0].chain = 5
    async with _pool(nodes) as pool:
        with capture_logs() as logs:
            await pool.open(CHAIN)
        assert "chain 5" in str(logs)
        assert await pool.call("eth_x") == "second"
        assert nodes[0].asked == ["eth_chainId"]


async def test_all_on_another_chain_is_an_operators_error(nodes: list[Node]) -> None:
    nodes[0].chain = nodes[1].chain = 5
    async with _pool(nodes) as pool:
        with pytest.raises(BadConfig, match="chain 5"):
            await pool.open(CHAIN)


async def test_a_revert_is_an_answer(nodes: list[Node]) -> None:
    reverted = {"id": 1, "error": {"code": 3, "message": "execution reverted: no"}}
    nodes[0].fails = _json(reverted)
    async with _pool(nodes) as pool:
        with pytest.raises(ContractReverted):
            await pool.call("eth_call")
        assert pool.health[0].well
        assert nodes[1].asked == []
