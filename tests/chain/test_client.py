"""Rpc answers or raises one of three typed errors."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.chain.client import Rpc, RpcFailed, to_bytes, to_int
from core.errors import ContractReverted, Malformed, RpcUnavailable
from scripts.anvil import free_port


class Node:
    """An endpoint that answers whatever a test tells it to."""

    def __init__(self) -> None:
        self.body: Any = b""
        self.status = 200

    async def handle(self, request: web.Request) -> web.Response:
        asked = orjson.loads(await request.read())
        body = self.body(asked) if callable(self.body) else self.body
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return web.Response(body=content, status=self.status)


@pytest.fixture
def node() -> Node:
    return Node()


@pytest_asyncio.fixture
async def told(node: Node) -> AsyncIterator[Rpc]:
    """A connection to `node`."""
    app = web.Application()
    app.router.add_post("/", node.handle)
    async with TestServer(app) as server, Rpc(str(server.make_url("/"))) as rpc:
        yield rpc


async def test_a_call(rpc: Rpc) -> None:
    assert to_int(await rpc.call("eth_chainId")) == 31337


async def test_a_batch_keeps_the_order_of_its_calls(node: Node, told: Rpc) -> None:
    node.body = lambda asked: [{"id": a["id"], "result": a["method"]} for a in reversed(asked)]
    assert await told.batch([("a", ()), ("b", ()), ("c", ())]) == ["a", "b", "c"]


async def test_an_empty_batch_asks_nothing() -> None:
    async with Rpc(f"http://127.0.0.1:{free_port()}") as nowhere:
        assert await nowhere.batch([]) == []


async def test_a_missing_answer_in_a_batch(node: Node, told: Rpc) -> None:
    node.body = lambda asked: [{"id": a["id"], "result": 1} for a in asked[:-1]]
    with pytest.raises(RpcUnavailable):
        await told.batch([("a", ()), ("b", ())])


async def test_no_node() -> None:
    async with Rpc(f"http://127.0.0.1:{free_port()}") as nowhere:
        with pytest.raises(RpcUnavailable, match="did not answer") as caught:
            await nowhere.call("eth_chainId")
    assert caught.value.hint


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", [], "text", {"id": 1}, {"error": "x"}])
async def test_an_answer_that_is_no_json_rpc(node: Node, told: Rpc, body: Any) -> None:
    node.body, node.status = body, 502
    with pytest.raises(RpcUnavailable):
        await told.call("eth_chainId")
    with pytest.raises(RpcUnavailable):
        await told.batch([("eth_chainId", ())])


async def test_a_refusal_carries_the_nodes_reason(rpc: Rpc) -> None:
    with pytest.raises(RpcFailed, match="eth_nonsense") as caught:
        await rpc.call("eth_nonsense")
    assert caught.value.details["code"] == -32601


async def test_a_revert_without_data(node: Node, told: Rpc) -> None:
    node.body = {"error": {"code": 3, "message": "execution reverted: out of salad"}}
    with pytest.raises(ContractReverted, match="out of salad"):
        await told.call("eth_call")


@pytest.mark.parametrize("value", ["", "0x", "zz", None, 5, []])
def test_what_is_no_quantity_is_refused(value: Any) -> None:
    with pytest.raises(Malformed):
        to_int(value)


@pytest.mark.parametrize("value", ["00", "0x0", "0xzz", None, 5])
def test_what_is_no_data_is_refused(value: Any) -> None:
    with pytest.raises(Malformed):
        to_bytes(value)
