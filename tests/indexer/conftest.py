"""A chain to play on, a mirror to watch: real anvil, real contracts, SQLite and PostgreSQL."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from core.chain import deployments
from core.chain.bindings import (
    actor_registry,
    carbon_token,
    footprint_registry,
    forecast_ledger,
    sensor_oracle,
    serial_registry,
)
from core.chain.bindings import supply_chain as sc
from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Deployment
from core.chain.keys import account, deployer
from core.clock import now_s
from core.config import ChainSettings, DbSettings, IndexerSettings, IpfsSettings, Settings
from core.crypto import address_of, digest, forecasts, keccak256, sign
from core.crypto.structs import supply_chain_domain
from core.db import Database, Writes, open_database
from core.ipfs.node import run as run_ipfs
from indexer import rows
from indexer.main import run
from scripts.anvil import Anvil, free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.transact import transact, transact_all
from tests.indexer.tampering import tell_story

NOW_MS = 1_776_000_000_000
FAR = 1 << 40


@dataclass
class Chain:
    """One chain with our contracts, and six actors who write on it."""

    anvil: Anvil
    rpc: Rpc
    deployment: Deployment
    keys: list[bytes]
    ticks: Any = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        return self.anvil.url

    def address(self, who: int) -> bytes:
        return address_of(self.keys[who])

    async def height(self) -> int:
        return to_int(await self.rpc.call("eth_blockNumber"))

    async def time(self) -> int:
        """The newest block's, Unix seconds."""
        block = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        return to_int(block["timestamp"])

    async def send(self, who: int, to: bytes, *calls: bytes) -> list[dict[str, Any]]:
        return await transact_all(self.rpc, self.keys[who], [(to, data) for data in calls])

    async def record(
        self, product: bytes, who: int = 1, data_hash: bytes | None = None, kind: int = 1
    ) -> bytes:
        """One entry; returns its data hash."""
        tick = next(self.ticks)
        data_hash = data_hash or keccak256(b"document %d" % tick)
        call = sc.encode_record(product, data_hash, NOW_MS + tick, kind)
        await self.send(who, self.deployment.supply_chain, call)
        return data_hash

    async def record_batch(self, products: Sequence[bytes], who: int = 1) -> None:
        tick = next(self.ticks)
        data_hash = keccak256(b"document %d" % tick)
        call = sc.encode_record_batch(products, data_hash, NOW_MS + tick, 2)
        await self.send(who, self.deployment.supply_chain, call)

    async def head(self, product: bytes) -> bytes:
        call = {"to": _hex(self.deployment.supply_chain), "data": _hex(sc.encode_head(product))}
        return to_bytes(await self.rpc.call("eth_call", call, "latest"))

    async def handover(self, product: bytes, giver: int, receiver: int) -> None:
        tick = next(self.ticks)
        struct = sc.Handover(
            from_=self.address(giver),
            to=self.address(receiver),
            product_id=product,
            prev_head=await self.head(product),
            data_hash=keccak256(b"document %d" % tick),
            occurred_at=NOW_MS + tick,
            deadline=FAR,
        )
        domain = supply_chain_domain(31337, self.deployment.supply_chain)
        consent = sign(self.keys[receiver], digest(domain, struct.struct_hash()))
        await self.send(giver, self.deployment.supply_chain, sc.encode_handover(struct, consent))

    async def recall(self, product: bytes, who: int, level: int = 2) -> None:
        tick = next(self.ticks)
        await self.recall_with(product, keccak256(b"notice %d" % tick), who, level)

    async def recall_with(
        self, product: bytes, notice: bytes, who: int = 1, level: int = 2
    ) -> None:
        call = sc.encode_recall(product, notice, NOW_MS + next(self.ticks), level)
        await self.send(who, self.deployment.supply_chain, call)

    async def register(self, who: int, name: str = "Farm") -> None:
        call = actor_registry.encode_register(
            self.address(who), 1, f"https://id.gs1.org/417/{who:013}", name
        )
        await self.send(0, self.deployment.actor_registry, call)

    async def revoke(self, who: int) -> None:
        call = actor_registry.encode_revoke(self.address(who))
        await self.send(0, self.deployment.actor_registry, call)

    async def credits(self, who: int, serial: int, amount: int = 100) -> int:
        """Issue credits to an actor; returns their id."""
        await self._open_project(keccak256(b"project"))
        issue = carbon_token.Issue(
            to=self.address(who),
            project=keccak256(b"project"),
            vintage=2025,
            batch=serial,
            origin=1,
            serial_start=serial,
            serial_end=serial + amount,
            hint=0,
            metadata_hash=keccak256(b"metadata"),
        )
        token = self.deployment.carbon_token
        (receipt,) = await self.send(0, token, carbon_token.encode_issue(issue))
        issued = _hex(carbon_token.CreditIssued.TOPIC0)
        (log,) = [x for x in receipt["logs"] if x["topics"][0] == issued]
        return to_int(log["topics"][1])

    async def _open_project(self, project: bytes) -> None:
        at = self.deployment
        asked = {
            "to": _hex(at.serial_registry),
            "data": _hex(serial_registry.encode_claimant_of(project)),
        }
        if any(to_bytes(await self.rpc.call("eth_call", asked, "latest"))):
            return
        token = at.carbon_token
        await self.send(0, at.serial_registry, serial_registry.encode_assign(project, token))
        await self.send(
            0, at.footprint_registry, footprint_registry.encode_set_retirer(token, True)
        )
        register = carbon_token.encode_register_project(project, keccak256(b"project document"), 0)
        await self.send(0, token, register)

    async def footprint(self, who: int, product: bytes, kg: int) -> None:
        """Stated by a registered supplier who holds the product."""
        stated = footprint_registry.Publication(product, bytes(16), 1, kg, keccak256(b"pact"))
        call = footprint_registry.encode_publish(stated)
        await self.send(who, self.deployment.footprint_registry, call)

    async def retire(
        self, who: int, credit: int, amount: int, product: bytes, publisher: int
    ) -> None:
        call = carbon_token.encode_retire_against(
            credit, amount, self.address(who), bytes(32), product, self.address(publisher)
        )
        await self.send(who, self.deployment.carbon_token, call)

    async def move_credits(self, giver: int, receiver: int, credit: int, amount: int) -> None:
        call = carbon_token.encode_safe_batch_transfer_from(
            self.address(giver), self.address(receiver), [credit, credit], [amount, 1], b""
        )
        await self.send(giver, self.deployment.carbon_token, call)

    async def configure_oracle(self) -> None:
        signers = sorted(self.address(who) for who in (7, 8, 9))
        call = sensor_oracle.encode_set_config(signers, 2)
        await self.send(0, self.deployment.sensor_oracle, call)

    async def forecast(self, cutoff: int) -> None:
        commitment = keccak256(b"forecast %d" % next(self.ticks))
        call = forecast_ledger.encode_commit(keccak256(b"series"), commitment, cutoff)
        await self.send(7, self.deployment.forecast_ledger, call)

    async def forecast_and_score(self) -> None:
        """A bonded forecast of two periods, from commitment to score and payment."""
        cutoff, salt = await self.time() + 3_600, b"\7" * 32
        points = forecasts.pack([(1, (-2, -1, 0, 1, 2)), (2, (5, 5, 5, 5, 5))])
        opened = forecasts.Opening(salt, keccak256(b"document %d" % next(self.ticks)), points)
        series = forecasts.series_of(self.address(5), keccak256(b"sales"))
        at, who = self.deployment.forecast_ledger, self.address(7)
        commit = forecast_ledger.encode_commit_bonded(
            series, opened.commitment, cutoff, self.address(5)
        )
        await transact(self.rpc, self.keys[7], at, commit, value=5)
        reveal = forecast_ledger.encode_reveal(
            who, series, cutoff, salt, opened.document_hash, points
        )
        await self.send(1, at, reveal)
        await self.rpc.call("evm_increaseTime", 3_601)
        for period, value in ((1, 3), (2, -5)):
            call = forecast_ledger.encode_report(keccak256(b"sales"), period, value)
            await self.send(5, at, call)
        await self.send(1, at, forecast_ledger.encode_score(who, series, cutoff, points))

    async def story(self) -> list[bytes]:
        """A bit of everything; the products it is about."""
        a, b, c = (keccak256(b"product %d" % next(self.ticks)) for _ in range(3))
        await self.register(1, "Farm")
        await self.register(2, "Cooler")
        await self.record(a)
        await self.record(a, kind=1)
        await self.handover(a, 1, 2)
        await self.record_batch([b, c], who=2)
        await self.record(a, who=2, kind=3)
        await self.recall(b, who=2)
        credit = await self.credits(3, serial=1 + 1000 * next(self.ticks))
        await self.move_credits(3, 4, credit, 10)
        await self.footprint(2, a, kg=5)
        await self.retire(4, credit, 5, a, publisher=2)
        await self.configure_oracle()
        await self.forecast(cutoff=now_s() + 30 * 86_400)
        await self.revoke(2)
        await self.register(2, "Cooler again")
        return [a, b, c]


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


@pytest.fixture
def epoch_slots() -> int:
    """What is twice as deep as these slots is final; a test of deep forks overrides it."""
    return 1


@pytest_asyncio.fixture
async def chain(tmp_path: Path, epoch_slots: int) -> AsyncIterator[Chain]:
    """A fresh chain with the contracts deployed."""
    compile_contracts()
    anvil = await start_anvil(free_port(), epoch_slots=epoch_slots)
    try:
        deployment = await deploy_to(anvil.url, deployer(Settings()), tmp_path / "deployments")
        keys = [account(Settings(), index) for index in range(10)]
        async with Rpc(anvil.url) as rpc:
            yield Chain(anvil, rpc, deployment, keys)
    finally:
        await anvil.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else ""


@pytest.fixture
def partition_blocks() -> int:
    """Blocks in a partition; a test of partitions overrides it."""
    return 0


@pytest.fixture
def settings(chain: Chain, database_url: str, partition_blocks: int, tmp_path: Path) -> Settings:
    """What the indexer is told: this chain, this database, an IPFS node of its own."""
    return Settings(
        state_dir=tmp_path,
        chain=ChainSettings(rpc_url=chain.url, poll_interval_s=0.05),
        db=DbSettings(url=database_url, partition_blocks=partition_blocks),
        ipfs=IpfsSettings(api_port=free_port(), gateway_port=free_port(), timeout_s=2),
        indexer=IndexerSettings(port=0),
    )


class Mirror:
    """A running indexer and a reader of its database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    async def query(self, sql: str) -> list[Any]:
        return await self.database.read(lambda s: list(s.connection().execute(text(sql)).all()))

    async def scalar(self, sql: str) -> Any:
        rows = await self.query(sql)
        return rows[0][0] if rows else None

    async def product(self, product_id: bytes) -> list[Any]:
        query = text("SELECT * FROM chain.product WHERE product_id = :id")
        return await self.database.read(
            lambda s: list(s.connection().execute(query, {"id": product_id}).all())
        )

    async def until(self, check: Callable[[], Awaitable[bool]], what: str = "") -> None:
        """Wait for a condition; the limit only ends a test that would hang."""
        deadline = time.monotonic() + 60
        while not await check():
            assert time.monotonic() < deadline, f"never happened: {what}"
            await asyncio.sleep(0.02)

    async def reaches(self, chain: Chain) -> None:
        """Wait until the mirror stands at the chain's head block."""
        head = await chain.rpc.call("eth_getBlockByNumber", "latest", False)

        async def there() -> bool:
            return await self.scalar("SELECT block_hash FROM chain.checkpoint") == to_bytes(
                head["hash"]
            )

        await self.until(there, f"block {head['number']}")

    async def tables(self) -> dict[str, list[Any]]:
        """Every derived row, sorted: two mirrors of one chain are equal."""
        found = {}
        for table in DERIVED:
            rows = await self.query(f"SELECT * FROM chain.{table}")
            found[table] = sorted(map(tuple, rows), key=repr)
        found["log"] = sorted(
            map(tuple, await self.query("SELECT * FROM chain.log WHERE NOT orphaned")), key=repr
        )
        return found


DERIVED = ("block", *(kind.table.name for kind in (*rows.HISTORY, *rows.STATES)))

StartMirror = Callable[[Settings], AbstractAsyncContextManager[Mirror]]


@asynccontextmanager
async def _mirror(settings: Settings) -> AsyncIterator[Mirror]:
    database = await asyncio.to_thread(open_database, settings, Writes.NOTHING)
    task = asyncio.create_task(run(settings))
    try:
        yield Mirror(settings, database)
        if task.done():
            task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        database.close()


@pytest.fixture
def start_mirror() -> StartMirror:
    """`async with start_mirror(settings) as mirror`: an indexer in this process."""
    return _mirror


@pytest_asyncio.fixture
async def mirror(settings: Settings) -> AsyncIterator[Mirror]:
    """A running indexer."""
    async with _mirror(settings) as running:
        yield running


@pytest_asyncio.fixture
async def ipfs_node(settings: Settings) -> AsyncIterator[None]:
    """The embedded IPFS node on the settings' ports."""
    task = asyncio.create_task(run_ipfs(settings))
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", settings.ipfs.api_port)
                writer.close()
                break
            await asyncio.sleep(0.02)
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def other_settings(settings: Settings, tmp_path: Path) -> Settings:
    """The same chain, another database: an empty SQLite folder."""
    other = tmp_path / "other"
    deployments.write(deployments.load(settings), other / "deployments")
    return settings.model_copy(update={"state_dir": other, "db": DbSettings()})


@pytest_asyncio.fixture
async def scene(
    chain: Chain, settings: Settings, ipfs_node: None, start_mirror: StartMirror
) -> list[Any]:
    """A mirror of three documents on IPFS and one actor; the indexer has stopped again."""
    documents = await tell_story(chain, settings)
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)

        async def read() -> bool:
            return (
                await mirror.scalar("SELECT count(*) FROM chain.document WHERE status='ready'") == 3
            )

        await mirror.until(read, "documents read")
    return documents
