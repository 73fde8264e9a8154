"""kill -9 at any moment, a chain that reorganises and an RPC that is gone: each call once."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.chain import keys
from core.chain.client import Rpc
from core.chain.outbox import LEASE, TX
from core.chain.sender import Sender
from core.config import Settings
from core.db.engine import Database, open_database
from core.errors import RpcUnavailable

WORKER = """
import asyncio, sys
from core.chain import keys
from core.chain.client import Rpc
from core.chain.sender import Sender
from core.config import Settings
from core.db.engine import open_database

async def main():
    settings = Settings()
    async with Rpc(settings.chain.rpc_url) as rpc:
        sender = Sender(rpc, open_database(settings), keys.relayer(settings),
                        chain_id=31337, poll_interval_s=0.02)
        print("up", flush=True)
        await sender.run()

asyncio.run(main())
"""
CALLS = 60


def start(settings: Settings) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_DB__URL": settings.db.url.get_secret_value(),
        "SR360_CHAIN__RPC_URL": settings.chain.rpc_url,
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"up\n"
    return worker


@pytest.mark.slow
async def test_killed_again_and_again(
    settings: Settings, chain: Any, database: Database, another: Callable[..., Sender]
) -> None:
    dice = random.Random(360)
    writer = another()
    await chain.rpc.call("evm_setIntervalMining", 1)
    for n in range(CALLS):
        await writer.enqueue(f"k{n}", chain.contract, chain.record(n))
    for round_ in range(4):
        worker = await asyncio.to_thread(start, settings)
        await asyncio.sleep(dice.uniform(0.05, 0.7))
        worker.kill()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()
        await expire_lease(writer)
        if round_ == 2:
            await chain.rpc.call("anvil_reorg", 1, [])
    await chain.rpc.call("evm_setIntervalMining", 0)
    await chain.rpc.call("evm_setAutomine", True)
    await finish(writer, chain, database)
    assert await chain.events() == [1] * CALLS


async def expire_lease(sender: Sender) -> None:
    """The killed worker's lease ends after five seconds; the test does not wait for that."""
    await sender._outbox._write(update(LEASE).values(expires_at=0))


async def finish(sender: Sender, chain: Any, database: Database) -> None:
    unfinished = select(func.count()).select_from(TX).where(TX.c.state != "final")
    for _ in range(400):
        await sender.tick()
        await chain.mine()
        if not await database.read(lambda s: s.connection().execute(unfinished).scalar_one()):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("some calls never became final")


async def test_a_chain_that_is_down_loses_nothing(
    sqlite_settings: Settings, open_chain: Any
) -> None:
    database = open_database(sqlite_settings)
    async with Rpc(sqlite_settings.chain.rpc_url) as rpc:
        sender = Sender(rpc, database, keys.relayer(sqlite_settings), chain_id=31337)
        async with open_chain(sqlite_settings) as chain:
            contract, call = chain.contract, chain.record(1)
        await sender.enqueue("a", contract, call)
        with pytest.raises(RpcUnavailable):
            await sender.tick()
        async with open_chain(sqlite_settings) as chain:  # a new chain, same contract address
            assert chain.contract == contract
            for _ in range(3):
                await sender.tick()
            assert await chain.events() == [1]
    database.close()
