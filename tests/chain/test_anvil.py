"""The embedded chain loses nothing final to kill -9."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.chain.client import Rpc, to_int
from core.errors import MissingTool, PortTaken, RpcUnavailable
from scripts.anvil import command, free_port, start_anvil
from scripts.tools import tool_path


@contextlib.asynccontextmanager
async def _chain(port: int, state: Path) -> AsyncIterator[tuple[Any, Rpc]]:
    words = command(port=port, state_file=state)
    process = await asyncio.create_subprocess_exec(*words)
    try:
        async with Rpc(f"http://127.0.0.1:{port}") as rpc:
            await _until(lambda: rpc.call("eth_chainId"))
            yield process, rpc
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until(ask: Any) -> Any:
    """The first true answer."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RpcUnavailable):
                if answer := await ask():
                    return answer
            await asyncio.sleep(0.02)


async def _send(rpc: Rpc) -> str:
    sender, receiver, *_ = await rpc.call("eth_accounts")
    call = {"from": sender, "to": receiver, "value": "0x1"}
    return str(await rpc.call("eth_sendTransaction", call))


async def _is_final(rpc: Rpc, tx_hash: str) -> bool:
    receipt = await rpc.call("eth_getTransactionReceipt", tx_hash)
    final = await rpc.call("eth_getBlockByNumber", "finalized", False)
    return receipt is not None and to_int(receipt["blockNumber"]) <= to_int(final["number"])


@pytest.mark.slow
async def test_what_was_final_survives_kill_9(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with _chain(free_port(), state) as (process, rpc):
        sent = [await _send(rpc) for _ in range(3)]
        for tx_hash in sent:
            await _until(lambda tx_hash=tx_hash: _is_final(rpc, tx_hash))
        before = [await rpc.call("eth_getTransactionReceipt", tx_hash) for tx_hash in sent]
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with _chain(free_port(), state) as (_, rpc):
        after = [await rpc.call("eth_getTransactionReceipt", tx_hash) for tx_hash in sent]
        assert after == before
        account = (await rpc.call("eth_accounts"))[0]
        proof = ("eth_getProof", account, [], "finalized")
        await _until(lambda: rpc.call(*proof))


@pytest.mark.slow
async def test_the_genesis_stays_through_many_starts(tmp_path: Path) -> None:
    seen = set()
    for _ in range(4):
        async with _chain(free_port(), tmp_path / "state.json") as (_, rpc):
            seen.add((await rpc.call("eth_getBlockByNumber", "0x0", False))["hash"])
            tx_hash = await _send(rpc)
            await _until(lambda tx_hash=tx_hash, rpc=rpc: _is_final(rpc, tx_hash))
        await asyncio.sleep(1)  # a genesis has its start's second in it
    assert len(seen) == 1


async def test_an_idle_chain_does_not_grow(tmp_path: Path) -> None:
    async with _chain(free_port(), tmp_path / "state.json") as (_, rpc):
        tx_hash = await _send(rpc)
        await _until(lambda: _is_final(rpc, tx_hash))
        head = await rpc.call("eth_blockNumber")
        await asyncio.sleep(1)
        assert await rpc.call("eth_blockNumber") == head


async def test_anvil_dies_with_its_keeper(tmp_path: Path) -> None:
    port = free_port()
    async with _chain(port, tmp_path / "state.json") as (process, _):
        process.send_signal(signal.SIGKILL)
        await process.wait()
        chain = await _until(lambda: _started(port))
        await chain.stop()


async def _started(port: int) -> Any:
    with contextlib.suppress(PortTaken):
        return await start_anvil(port)


async def test_a_taken_port_is_told() -> None:
    port = free_port()
    chain = await start_anvil(port)
    try:
        process = await asyncio.create_subprocess_exec(
            *command(port=port), stderr=asyncio.subprocess.PIPE
        )
        _, error = await process.communicate()
        assert process.returncode == 1
        assert f"port {port} is in use" in error.decode()
    finally:
        await chain.stop()


def test_a_missing_tool_is_named() -> None:
    with pytest.raises(MissingTool, match="no-such-tool") as caught:
        tool_path("no-such-tool")
    assert "./sr360 setup" in caught.value.hint
