"""The API over real parts in one process: anvil, IPFS node, indexer, and two services on sockets.

The story of the salad lot is played once per session through the public API; tests read from it,
or capture products of their own.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

import api.main
import indexer.main
from core.chain import keys
from core.chain.bindings import sensor_oracle
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import ApiSettings, ChainSettings, IndexerSettings, IpfsSettings, Settings
from core.crypto import address_of, compact, keccak256
from core.crypto.structs import reading_domain, sensor_oracle_domain
from core.db.engine import Database, open_database
from core.ipfs.client import Ipfs
from core.ipfs.node import running_node
from core.messages import Reading
from core.types import MilliCelsius, Millis, ProductId
from oracle.manifest import Manifest
from oracle.report import sign_report
from scripts import play, story
from scripts.anvil import free_port, start_anvil
from scripts.capture import ApiClient
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.seed import seed
from scripts.transact import transact
from scripts.wallet import call

MAX_BODY = 200_000
TRUCK = [3_000 + 100 * (n % 7) for n in range(300)] + [9_500, 9_800] + [4_000] * 5
"""Five hours in the truck with one excursion of two readings."""


@dataclass
class Running:
    """A running API and what is behind it."""

    settings: Settings
    deployment: Deployment
    database: Database
    rpc: Rpc
    ipfs: Ipfs
    http: httpx.AsyncClient


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """An empty supply chain with its parties registered."""
    folder = tmp_path_factory.mktemp("api")
    async with contextlib.AsyncExitStack() as opened:
        chain = await start_anvil(free_port())
        opened.push_async_callback(chain.stop)
        node = await opened.enter_async_context(running_node(folder / "ipfs"))
        settings = Settings(
            state_dir=folder,
            web_dist=_web(folder),
            chain=ChainSettings(rpc_url=chain.url, poll_interval_s=0.05, finality_depth=2),
            ipfs=IpfsSettings(api_port=node.api_port, gateway_port=node.gateway_port),
            api=ApiSettings(port=free_port(), max_body_bytes=MAX_BODY),
            indexer=IndexerSettings(port=0),
        )
        compile_contracts()
        deployment = await deploy_to(chain.url, deployer(settings), folder / "deployments")
        await seed(settings, deployment)
        for service in (indexer.main.run(settings), api.main.run(settings)):
            task = asyncio.create_task(service)
            opened.push_async_callback(_cancelled, task)
        database = open_database(settings)
        opened.callback(database.close)
        rpc = await opened.enter_async_context(Rpc(chain.url))
        ipfs = await opened.enter_async_context(Ipfs.from_settings(settings))
        http = await opened.enter_async_context(
            httpx.AsyncClient(base_url=settings.public_url, timeout=20, trust_env=False)
        )
        await _ready(http)
        yield Running(settings, deployment, database, rpc, ipfs, http)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def salad(running: Running) -> Running:
    """The same after the whole story: harvest to salad, footprint, retirement, a recall."""
    settings, certificate = running.settings, await play.publish_documents(running.ipfs)
    async with ApiClient(settings.public_url) as client:
        await play.play(client, settings, story.BEFORE_TRANSPORT, certificate, _quietly)
        await attest(running, story.PALLET, TRUCK)
        await play.play(client, settings, story.AFTER_TRANSPORT, certificate, _quietly)
        retired = play.retire_credits(running.rpc, settings, running.deployment)
        await _mining(running.rpc, retired)
        await play.recall_second_lot(client, settings, running.ipfs, _quietly)
    await running.rpc.call("anvil_mine", "0x3")
    await settled(running)
    return running


async def attest(running: Running, uri: str, values_mc: Sequence[int]) -> None:
    """A batch of one device's signed readings, a minute apart, attested by all workers."""
    settings, contract = running.settings, running.deployment.sensor_oracle
    chain_id, key = running.deployment.chain_id, keys.account(settings, keys.DEVICE)
    device, product = address_of(key), ProductId(keccak256(uri.encode()))
    domain = reading_domain(chain_id, contract)
    readings = tuple(
        Reading(
            device, seq, product, MilliCelsius(value), Millis(1_776_600_000_000 + 60_000 * seq)
        ).signed(domain, key)
        for seq, value in enumerate(values_mc, start=1)
    )
    manifest = Manifest(device, product, 0, 8_000, readings)
    await running.ipfs.put_block(manifest.encode(domain))
    digest = await call(running.rpc, contract, sensor_oracle.encode_config_digest())
    report = manifest.report(domain, digest)
    workers = sorted(keys.workers(settings), key=address_of)
    signing = sensor_oracle_domain(chain_id, contract)
    signatures = [
        sensor_oracle.Signature(*compact(sign_report(report, signing, worker)))
        for worker in workers
    ]
    data = sensor_oracle.encode_report(report, signatures)
    await transact(running.rpc, keys.oracle(settings), contract, data)


async def settled(running: Running) -> None:
    """Waits until the mirror is at the head of the chain and has read every document."""
    query = """{meta{block} events:documents(status:PENDING,media:EVENT,first:1){edges{cursor}}
        manifests:documents(status:PENDING,media:MANIFEST,first:1){edges{cursor}}}"""
    while True:
        head = int(await running.rpc.call("eth_blockNumber"), 16)
        data = (await running.http.post("/graphql", json={"query": query})).json()["data"]
        pending = data["events"]["edges"] + data["manifests"]["edges"]
        if data["meta"]["block"] >= head and not pending:
            return
        await asyncio.sleep(0.1)


async def _ready(http: httpx.AsyncClient) -> None:
    while True:
        with contextlib.suppress(httpx.TransportError):
            if (await http.get("/ready")).status_code == 200:
                return
        await asyncio.sleep(0.1)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _mining(rpc: Rpc, work: Coroutine[Any, Any, None]) -> None:
    """Await work that waits for finality, on a chain that mines only when asked."""
    task = asyncio.create_task(work)
    while not task.done():
        await rpc.call("anvil_mine", "0x1")
        await asyncio.sleep(0.05)
    await task


def _quietly(_: str) -> None:
    pass


def _web(folder: Path) -> Path:
    """The developers' pages as built, and a stand-in for the app, which tests/web tests."""
    dist = folder / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>app</title>")
    (dist / "assets" / "app-1a2b3c4d.js").write_text("export {}")
    (dist / "assets" / "passport-check.js").write_text("void 0")
    (dist / "tools").symlink_to(Path(__file__).parents[2] / "web/dist/tools")
    return dist
