"""Time from a block's announcement to its row in SQL, with every block proven.

`python benchmarks/indexer/latency.py [blocks]` starts anvil, deploys, runs the indexer in this
process and mines one record per block. The clock starts when anvil has answered `evm_mine` and
stops when another connection reads the row, polling every millisecond.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from core.chain.bindings.supply_chain import encode_record
from core.chain.client import Rpc
from core.chain.keys import account, deployer
from core.config import ChainSettings, DbSettings, IndexerSettings, Settings
from core.crypto import address_of, keccak256, to_hex
from core.db import Database, Writes, open_database
from indexer.main import run
from scripts.anvil import free_port, start_anvil
from scripts.deploy import deploy_to


async def main(blocks: int, url: str) -> None:
    anvil = await start_anvil(free_port())
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        deployment = await deploy_to(anvil.url, deployer(Settings()), state / "deployments")
        settings = Settings(
            state_dir=state,
            chain=ChainSettings(rpc_url=anvil.url),
            db=DbSettings(url=url),
            indexer=IndexerSettings(port=0),
        )
        database = open_database(settings, Writes.NOTHING)
        indexer = asyncio.create_task(run(settings))
        async with Rpc(anvil.url) as rpc:
            times = await measure(rpc, database, to_hex(deployment.supply_chain), blocks)
        indexer.cancel()
        await asyncio.gather(indexer, return_exceptions=True)
        database.close()
    await anvil.stop()
    report("sqlite" if database.is_sqlite else "postgresql", times)


async def measure(rpc: Rpc, database: Database, contract: str, blocks: int) -> list[float]:
    sender = to_hex(address_of(account(Settings(), 1)))
    await rpc.call("evm_setAutomine", False)
    await rpc.call("anvil_impersonateAccount", sender)
    times = []
    for i in range(blocks):
        data = encode_record(keccak256(b"%d" % i), keccak256(b"d%d" % i), 1_776_000_000_000, 1)
        call = {"from": sender, "to": contract, "data": to_hex(data), "gas": hex(200_000)}
        await rpc.call("eth_sendTransaction", call)
        await rpc.call("evm_mine")
        started = time.perf_counter()
        while await events(database) <= i:
            await asyncio.sleep(0.001)
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.03)
    return times


async def events(database: Database) -> int:
    query = "SELECT count(*) FROM chain.event"
    return await database.read(lambda s: int(s.connection().exec_driver_sql(query).scalar_one()))


def report(name: str, times: list[float]) -> None:
    ordered = sorted(times[3:])  # the first ones wait for the indexer's start
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"{name}: block to row, {len(ordered)} blocks: "
        f"p50 {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms"
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    asyncio.run(main(count, sys.argv[2] if len(sys.argv) > 2 else ""))
