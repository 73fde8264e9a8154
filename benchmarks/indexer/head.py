"""At the head: from a block to its row readable through our GraphQL, and back out of a reorg.

    python -m benchmarks.indexer.head [--blocks 200] [--sqlite]

Starts anvil, the indexer and the API as processes of their own on a fresh PostgreSQL (or SQLite),
mines one record a block and asks GraphQL for it every millisecond. The clock starts when anvil has
answered `evm_mine`. Then the same with a proxy between indexer and anvil that counts its calls, and
at last `anvil_reorg` of 64 blocks: the clock stops when the mirror's head is the new one and the
rows of the old blocks are gone.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from benchmarks.indexer.arguments import count
from benchmarks.indexer.counter import counting
from benchmarks.indexer.postgres import cluster
from benchmarks.indexer.processes import Program
from core.chain.bindings.supply_chain import encode_record
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.chain.keys import account, deployer
from core.config import ApiSettings, ChainSettings, DbSettings, Settings
from core.crypto import address_of, keccak256, to_hex
from core.db import Database, Writes
from core.db.engine import connect
from scripts.anvil import free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.tools import ROOT

DEPTH: Final = 64
WARM_UP: Final = 5
"""Blocks that wait for first imports and plans; not counted."""
COUNTED: Final = 50
PAUSE_S: Final = 0.03
LIMIT_S: Final = 60.0
QUERY: Final = "query($hash: Hash!) { events(dataHash: $hash, first: 1) { edges { cursor } } }"
COUNT: Final = "SELECT count(*) FROM chain.event"
HEAD: Final = "SELECT block_hash FROM chain.checkpoint"


@dataclass
class Bench:
    """A chain of its own, and who sends to it."""

    rpc: Rpc
    deployment: Deployment
    sender: str
    sent: int = 0

    async def mine_record(self) -> str:
        """Mine a block with one record; its data hash."""
        data_hash = keccak256(b"head %d" % self.sent)
        product = keccak256(b"product %d" % self.sent)
        data = encode_record(product, data_hash, 1_767_225_600_000, 1)
        to = to_hex(self.deployment.supply_chain)
        call = {"from": self.sender, "to": to, "data": to_hex(data), "gas": hex(200_000)}
        await self.rpc.call("eth_sendTransaction", call)
        await self.rpc.call("evm_mine")
        self.sent += 1
        return to_hex(data_hash)


async def latencies(bench: Bench, api_url: str, blocks: int) -> list[float]:
    """Milliseconds from block to answer, the warm-up left out."""
    times = []
    async with aiohttp.ClientSession() as session:
        for _ in range(blocks + WARM_UP):
            wanted = await bench.mine_record()
            began = time.perf_counter()
            async with asyncio.timeout(LIMIT_S):
                while not await _readable(session, api_url, wanted):
                    await asyncio.sleep(0.001)
            times.append((time.perf_counter() - began) * 1_000)
            await asyncio.sleep(PAUSE_S)
    return times[WARM_UP:]


async def _readable(session: aiohttp.ClientSession, api_url: str, data_hash: str) -> bool:
    asked = {"query": QUERY, "variables": {"hash": data_hash}}
    try:
        async with session.post(f"{api_url}/graphql", json=asked) as answer:
            found = await answer.json()
    except aiohttp.ClientConnectorError:
        return False  # the API is still starting
    return bool(found["data"]["events"]["edges"])


async def reorganise(bench: Bench, database: Database) -> float:
    """Seconds until the mirror follows a reorganisation that leaves DEPTH events behind."""
    before = await _scalar(database, COUNT)
    began = time.perf_counter()
    await bench.rpc.call("anvil_reorg", DEPTH, [])
    head = await bench.rpc.call("eth_getBlockByNumber", "latest", False)
    asked = time.perf_counter() - began
    async with asyncio.timeout(LIMIT_S):
        while await _scalar(database, HEAD) != to_bytes(head["hash"]):
            await asyncio.sleep(0.001)
    took = time.perf_counter() - began
    left = await _scalar(database, COUNT)
    if left != before - DEPTH:
        raise RuntimeError(f"{before} events became {left} by a reorg of {DEPTH} blocks")
    print(f"  (anvil itself took {asked:.2f} s to reorganise)")
    return took


async def _scalar(database: Database, query: str) -> Any:
    return await database.read(lambda s: s.connection().exec_driver_sql(query).scalar())


@contextlib.contextmanager
def services(settings: Settings, indexer_rpc_url: str = "") -> Iterator[None]:
    """The indexer and the API, as `sr360 run` starts them; the indexer may see another endpoint."""
    env = {
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_CHAIN__RPC_URL": settings.chain.rpc_url,
        "SR360_DB__URL": settings.db.url.get_secret_value(),
        "SR360_API__PORT": str(settings.api.port),
        "SR360_INDEXER__PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    with contextlib.ExitStack() as running:
        for name in ("indexer", "api"):
            command = [sys.executable, "-m", "scripts.service", name]
            log = settings.state_dir / f"{name}.log"
            if name == "indexer" and indexer_rpc_url:
                own = {**env, "SR360_CHAIN__RPC_URL": indexer_rpc_url}
            else:
                own = env
            running.callback(Program(command, cwd=ROOT, env=own, log=log).stop)
        yield


@contextlib.asynccontextmanager
async def chain(folder: Path) -> AsyncIterator[Bench]:
    # Epochs this long keep what is reorganised from being final.
    anvil = await start_anvil(free_port(), epoch_slots=DEPTH)
    try:
        deployment = await deploy_to(anvil.url, deployer(Settings()), folder / "deployments")
        async with Rpc(anvil.url, timeout_s=30) as rpc:
            await rpc.call("evm_setAutomine", False)
            yield Bench(rpc, deployment, to_hex(address_of(account(Settings(), 1))))
    finally:
        await anvil.stop()


async def measure(folder: Path, database_url: str, blocks: int) -> None:
    async with chain(folder) as bench, counting(bench.rpc.url) as counted:
        settings = Settings(
            state_dir=folder,
            chain=ChainSettings(rpc_url=bench.rpc.url),
            db=DbSettings(url=database_url),
            api=ApiSettings(port=free_port()),
        )
        with services(settings):
            report(await latencies(bench, settings.public_url, blocks))
        with services(settings, counted.url):
            await latencies(bench, settings.public_url, 1)
            counted.calls.clear()
            counted.requests = 0
            await latencies(bench, settings.public_url, COUNTED)
            seen = COUNTED + WARM_UP
            calls = ", ".join(f"{n / seen:.2f} {name}" for name, n in counted.calls.most_common())
            each = counted.calls.total() / seen
            print(
                f"RPC a block: {each:.2f} calls in {counted.requests / seen:.2f} requests: {calls}"
            )
        with services(settings):
            await latencies(bench, settings.public_url, DEPTH)
            database = connect(settings, Writes.NOTHING)
            took = await reorganise(bench, database)
            database.close()
            print(f"reorg of {DEPTH} blocks: consistent after {took:.2f} s")


def report(times: list[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(
        f"block to GraphQL, {len(ordered)} blocks: median {statistics.median(ordered):.0f} ms, "
        f"p95 {p95:.0f} ms, worst {ordered[-1]:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=count, default=200)
    parser.add_argument("--sqlite", action="store_true", help="instead of PostgreSQL")
    given = parser.parse_args()
    compile_contracts()
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="sr360-bench-")))
        url = ""
        if not given.sqlite:
            url = held.enter_context(held.enter_context(cluster()).database("bench"))
        asyncio.run(measure(folder, url, given.blocks))


if __name__ == "__main__":
    main()
