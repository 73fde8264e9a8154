"""A proxy before a real node that alters what it says: the lies an auditor must not swallow."""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from scripts.anvil import free_port

Lie = Callable[[str, list[Any], Any], Any]
"""Method, parameters and the node's true result; gives what is told instead."""


@asynccontextmanager
async def lying_node(url: str, lie: Lie) -> AsyncIterator[str]:
    """The address of a node that passes everything on, its results through `lie`."""
    async with aiohttp.ClientSession() as session:

        async def answer(request: web.Request) -> web.Response:
            asked = orjson.loads(await request.read())
            async with session.post(url, json=asked) as response:
                told = orjson.loads(await response.read())
            calls = asked if isinstance(asked, list) else [asked]
            answers = {item["id"]: item for item in (told if isinstance(told, list) else [told])}
            for call in calls:
                item = answers[call["id"]]
                if "result" in item:
                    item["result"] = lie(
                        call["method"], call["params"], copy.deepcopy(item["result"])
                    )
            return web.json_response(told)

        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await runner.cleanup()


def drops_a_log(method: str, _params: list[Any], result: Any) -> Any:
    """The last log of each block, and with it the blooms, are gone."""
    if method == "eth_getBlockReceipts" and result:
        full = [receipt for receipt in result if receipt["logs"]]
        if full:
            full[-1]["logs"].pop()
    return result


def alters_a_log(method: str, _params: list[Any], result: Any) -> Any:
    """One byte of the data of each log is another."""
    if method == "eth_getBlockReceipts":
        for log in (log for receipt in result or () for log in receipt["logs"]):
            log["data"] = log["data"][:-1] + ("0" if log["data"][-1] != "0" else "1")
    return result


def forges_headers(method: str, _params: list[Any], result: Any) -> Any:
    """Blocks carry another state root, and the hash of the true one."""
    if method == "eth_getBlockByNumber" and isinstance(result, dict):
        result["stateRoot"] = "0x" + "11" * 32
    return result


def hides_heads(behind: int) -> Lie:
    """The node's view is `behind` blocks old."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_blockNumber":
            return hex(max(0, int(result, 16) - behind))
        if method == "eth_getBlockByNumber" and params[0] == "finalized" and result:
            return result | {"number": hex(max(0, int(result["number"], 16) - behind))}
        return result

    return lie
