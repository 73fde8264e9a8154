"""Faults on real parts: the mirror ends equal to one that met none.

├── the indexer is killed with SIGKILL again and again in mid-backfill
├── the node drops a log, alters a log, invents one: refused, nothing wrong written
├── the node is down, then back
└── a second indexer waits and takes over
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from core.crypto import keccak256
from core.db import Writes, open_database
from scripts.anvil import free_port

INDEXER = "import asyncio; from core.config import Settings; from indexer.main import run; "


@pytest.mark.slow
async def test_killed_in_mid_backfill(chain, settings, other_settings, start_mirror) -> None:
    for i in range(40):
        await chain.record_batch([keccak256(b"%d" % (i % 7)), keccak256(b"x%d" % i)])
    heights = [await _run_and_kill(settings, blocks) for blocks in (1, 7, 13, 5)]
    assert heights == sorted(heights)
    async with start_mirror(other_settings) as other, start_mirror(settings) as mirror:
        await other.reaches(chain)
        await mirror.reaches(chain)
        assert await mirror.tables() == await other.tables()


async def _run_and_kill(settings, blocks: int) -> int:
    """Kill an indexer process once it has written some blocks; the height it left."""
    database = open_database(settings, Writes.NOTHING)
    before = await _height(database)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INDEXER + "asyncio.run(run(Settings()))", env=_environment(settings)
    )
    while await _height(database) < before + blocks:
        assert process.returncode is None
        await asyncio.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    height = await _height(database)
    database.close()
    return height


async def _height(database) -> int:
    query = "SELECT coalesce(max(block_number), 0) FROM chain.checkpoint"
    return await database.read(lambda s: s.connection().exec_driver_sql(query).scalar())


def _environment(settings) -> dict[str, str]:
    return {
        **os.environ,
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_CHAIN__RPC_URL": settings.chain.rpc_url,
        "SR360_CHAIN__LOG_RANGE": "1",
        "SR360_INDEXER__PORT": "0",
        "SR360_DB__URL": settings.db.url.get_secret_value(),
    }


@dataclass
class LyingNode:
    """A proxy before the real node that may change what it says."""

    url: str
    lie: Callable[[str, Any], Any] | None = None
    told: int = 0
    up: bool = True
    runner: Any = field(default=None)

    def answer(self, method: str, result: Any) -> Any:
        changed = self.lie(method, result) if self.lie else result
        self.told += changed != result
        return changed


@pytest_asyncio.fixture
async def liar(chain) -> AsyncIterator[LyingNode]:
    node = LyingNode(f"http://127.0.0.1:{free_port()}")
    async with ClientSession() as session:

        async def handle(request: web.Request) -> web.Response:
            if not node.up:
                raise web.HTTPServiceUnavailable
            asked = orjson.loads(await request.read())
            async with session.post(chain.url, json=asked) as response:
                answers = orjson.loads(await response.read())
            calls = asked if isinstance(asked, list) else [asked]
            replies = answers if isinstance(answers, list) else [answers]
            for call, reply in zip(calls, replies, strict=True):
                reply["result"] = node.answer(call["method"], reply.get("result"))
            return web.json_response(answers)

        app = web.Application()
        app.router.add_post("/", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(node.url.rsplit(":", 1)[1])).start()
        yield node
        await runner.cleanup()


def _with_node(settings, url: str):
    chain = settings.chain.model_copy(update={"rpc_url": url})
    return settings.model_copy(update={"chain": chain})


def _drop_log(method: str, result: Any) -> Any:
    return _edited(method, result, lambda logs: logs[:-1])


def _alter_log(method: str, result: Any) -> Any:
    return _edited(
        method, result, lambda logs: [*logs[:-1], {**logs[-1], "data": "0x" + "07" * 96}]
    )


def _add_log(method: str, result: Any) -> Any:
    return _edited(method, result, lambda logs: [*logs, logs[-1]])


def _empty_block(method: str, result: Any) -> Any:
    return [] if method == "eth_getBlockReceipts" else result


def _hide_by_bloom(method: str, result: Any) -> Any:
    if method != "eth_getBlockByNumber" or result is None:
        return result
    return {**result, "logsBloom": "0x" + "00" * 256}


def _edited(method: str, result: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    if method != "eth_getBlockReceipts":
        return result
    return [{**r, "logs": change(r["logs"]) if r["logs"] else []} for r in result]


@pytest.mark.parametrize("lie", [_drop_log, _alter_log, _add_log, _empty_block, _hide_by_bloom])
async def test_a_lying_node_is_refused(chain, settings, liar, start_mirror, lie) -> None:
    await chain.record(keccak256(b"before"))
    async with start_mirror(_with_node(settings, liar.url)) as mirror:
        await mirror.reaches(chain)
        honest = await mirror.tables()
        with capture_logs() as logs:
            liar.lie = lie
            await chain.record_batch([keccak256(b"a"), keccak256(b"b")])

            async def refused() -> bool:
                return any(entry.get("code") == "source_lied" for entry in logs)

            await mirror.until(refused, "the refusal")
        assert liar.told > 0
        assert await mirror.tables() == honest
        liar.lie = None
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 3


async def test_a_node_that_is_down_is_waited_for(chain, settings, liar, start_mirror) -> None:
    liar.up = False
    with capture_logs() as logs:
        async with start_mirror(_with_node(settings, liar.url)) as mirror:

            async def waiting() -> bool:
                return any(entry.get("code") == "rpc_unavailable" for entry in logs)

            await mirror.until(waiting, "the warning")
            liar.up = True
            await chain.record(keccak256(b"product"))
            await mirror.reaches(chain)
            liar.up = False
            logs.clear()
            await mirror.until(waiting, "the second warning")
            liar.up = True
            await chain.record(keccak256(b"product"))
            await mirror.reaches(chain)
            assert await mirror.scalar("SELECT count(*) FROM chain.event") == 2
    assert any("SR360_CHAIN__RPC_URL" in str(entry.get("hint")) for entry in logs)


async def test_a_second_indexer_waits_and_takes_over(chain, settings, start_mirror) -> None:
    async with start_mirror(settings) as first:
        await chain.record(keccak256(b"product"))
        await first.reaches(chain)
        with capture_logs() as logs:
            second = start_mirror(settings)
            mirror = await second.__aenter__()

            async def standing_by() -> bool:
                return any("standing by" in str(entry.get("event")) for entry in logs)

            await mirror.until(standing_by, "the standby")
    try:
        await chain.record(keccak256(b"product"))
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.event") == 2
    finally:
        await second.__aexit__(None, None, None)
