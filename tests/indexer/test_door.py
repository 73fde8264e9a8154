"""The indexer's door.

├── caught up on a chain that mines on demand, it is ready at once; the page tells what it did
├── behind, it says by how many blocks; a refused source and a dead node are named
├── a second indexer is a standby: alive, not ready; it takes over when the first goes
├── a taken port names its setting
└── endpoints are shown without their secrets
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from core.chain.client import Rpc, shown
from core.config import IndexerSettings
from core.crypto import keccak256
from core.errors import PortTaken, RpcUnavailable
from indexer.door import open_door
from indexer.main import run
from indexer.metrics import Metrics
from scripts.anvil import free_port

LOT, OTHER = keccak256(b"lot"), keccak256(b"other")


async def ask(settings, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{settings.indexer.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def page(settings) -> dict[str, float]:
    """Sample with labels -> value."""
    _, text = await ask(settings, "/metrics")
    lines = re.findall(r"^([a-z]\S*?(?:\{.*\})?) (\S+)$", text, re.M)
    return {name: float(value) for name, value in lines}


async def until_ready(settings, status: int = 200, reason: str = "") -> str:
    for _ in range(600):
        with contextlib.suppress(aiohttp.ClientError):
            got, text = await ask(settings, "/ready")
            if got == status and reason in text:
                return text
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {status} {reason}, last: {got} {text}")


@asynccontextmanager
async def indexer(settings) -> AsyncIterator[None]:
    task = asyncio.create_task(run(settings))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def watched(settings):
    return settings.model_copy(update={"indexer": IndexerSettings(port=free_port())})


async def test_ready_at_the_head_and_the_page_tells(chain, watched) -> None:
    await chain.record(LOT)
    async with indexer(watched):
        text = await until_ready(watched, 200, f'"head":{await chain.height()}')
        assert '"ready":true' in text
        assert (await ask(watched, "/health"))[0] == 200
        seen = await page(watched)
        height = await chain.height()
        first = chain.deployment.start_block
        assert seen["sr360_indexer_head_block"] == seen["sr360_indexer_checkpoint_block"] == height
        assert seen["sr360_indexer_head_lag_blocks"] == seen["sr360_indexer_head_lag_seconds"] == 0
        assert seen["sr360_indexer_blocks_total"] == height - first + 1
        assert seen["sr360_indexer_rows_total"] > seen["sr360_indexer_logs_total"] > 0
        assert seen["sr360_indexer_standby"] == 0
        assert seen['sr360_indexer_documents{status="pending"}'] == 1
        calls = f'method="eth_getBlockByNumber",endpoint="{chain.url}"'
        assert seen[f"sr360_rpc_calls_total{{{_sorted(calls)}}}"] > 0
        assert seen["process_resident_memory_bytes"] > 1_000_000
        (digest,) = [name for name in seen if name.startswith("sr360_indexer_state_digest_info")]
        assert f'block="{height}"' in digest


def _sorted(labels: str) -> str:
    return ",".join(sorted(labels.split(",")))


async def test_a_reorganisation_is_counted(chain, watched) -> None:
    await chain.record(LOT)
    before = await chain.rpc.call("evm_snapshot")
    await chain.record(LOT)
    async with indexer(watched):
        await until_ready(watched, 200, f'"block":{await chain.height()}')
        await chain.rpc.call("evm_revert", before)
        await chain.record(OTHER, who=2)
        await chain.record(OTHER, who=2)
        await until_ready(watched, 200, f'"block":{await chain.height()}')
        seen = await page(watched)
        assert seen["sr360_indexer_reorgs_total"] == 1
        assert seen["sr360_indexer_reorg_depth_blocks_sum"] == 1


async def test_a_node_that_dies_is_named(chain, watched) -> None:
    async with indexer(watched):
        await until_ready(watched)
        await chain.anvil.stop()
        await until_ready(watched, 503, "did not answer")
        seen = await page(watched)
        failed = [v for n, v in seen.items() if n.startswith("sr360_rpc_errors_total")]
        assert sum(failed) > 0
        assert (await ask(watched, "/health"))[0] == 200


async def test_a_standby_is_alive_but_not_ready(chain, watched) -> None:
    second = watched.model_copy(update={"indexer": IndexerSettings(port=free_port())})
    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(indexer(watched))
        await until_ready(watched)
        async with indexer(second):
            await until_ready(second, 503, "standby")
            assert (await ask(second, "/health"))[0] == 200
            assert (await page(second))["sr360_indexer_standby"] == 1
            await first.aclose()
            await until_ready(second)
            assert (await page(second))["sr360_indexer_standby"] == 0


async def test_a_taken_port_names_its_setting(chain, watched) -> None:
    async with open_door(watched, Metrics()):
        with pytest.raises(PortTaken) as refused:
            await run(watched)
    assert "SR360_INDEXER__PORT" in refused.value.hint


async def test_endpoints_show_no_secret(watched) -> None:
    url = f"http://user:word@127.0.0.1:{free_port()}/v3/key?token=hidden"
    metrics = Metrics()
    async with Rpc(url, observe=metrics.observer(shown(url))) as rpc:
        with pytest.raises(RpcUnavailable):
            await rpc.call("eth_chainId")
    async with open_door(watched, metrics):
        _, text = await ask(watched, "/metrics")
    assert 'method="eth_chainId"' in text
    assert not re.search('word|key"|token|hidden|v3', text)
