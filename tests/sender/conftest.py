"""A chain of its own for each test, with SupplyChain on it: recording is not idempotent there, so
a call that was sent twice shows as a second event."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.chain import keys
from core.chain.bindings import supply_chain
from core.chain.client import Rpc
from core.chain.sender import Sender
from core.config import ChainSettings, DbSettings, Settings
from core.crypto import address_of, keccak256, to_hex
from core.db.engine import Database, open_database
from core.errors import RpcUnavailable
from scripts.anvil import ACCOUNTS

ROOT = Path(__file__).parents[2]
ANVIL = ROOT / "contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"


@dataclass
class Chain:
    """A running anvil and the contract on it."""

    rpc: Rpc
    contract: bytes

    def record(self, n: int) -> bytes:
        """Call data that adds one event to product number `n`."""
        return supply_chain.encode_record(keccak256(b"%d" % n), bytes(32), 0, 1)

    async def events(self) -> list[int]:
        """Sequence numbers of all recorded events: all 1 if each product was recorded once."""
        logs = await self.rpc.call(
            "eth_getLogs", {"address": to_hex(self.contract), "fromBlock": "0x0"}
        )
        return [int(log["data"][2:66], 16) for log in logs]

    async def mine(self, blocks: int = 1) -> None:
        await self.rpc.call("anvil_mine", hex(blocks))


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return _settings(tmp_path, url)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return _settings(tmp_path, "")


def _settings(folder: Path, url: str) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        rpc_url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    return Settings(
        state_dir=folder,
        db=DbSettings(url=url),
        chain=ChainSettings(rpc_url=rpc_url, poll_interval_s=0.05),
    )


@pytest.fixture
def open_chain() -> Callable[[Settings], "ChainProcess"]:
    return ChainProcess


class ChainProcess:
    """Anvil on the port the settings name, for the length of a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Chain:
        port = self._settings.chain.rpc_url.rsplit(":", 1)[1]
        words = ["--port", port, "--silent", "--slots-in-an-epoch", "1"]
        words += ["--accounts", str(ACCOUNTS)]
        self._process = await asyncio.create_subprocess_exec(str(ANVIL), *words)
        self._rpc = Rpc(self._settings.chain.rpc_url)
        await _answering(self._rpc)
        return Chain(self._rpc, await _deploy(self._rpc))

    async def __aexit__(self, *_: object) -> None:
        await self._rpc.close()
        self._process.kill()
        await self._process.wait()


@pytest.fixture
async def chain(settings: Settings) -> AsyncIterator[Chain]:
    async with ChainProcess(settings) as chain:
        yield chain


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def sender(settings: Settings, chain: Chain, database: Database) -> Sender:
    return new_sender(settings, chain.rpc, database)


@pytest.fixture
def another(settings: Settings, chain: Chain, database: Database) -> Callable[..., Sender]:
    """A second sender of the same key, as a restarted process would make it."""

    def make(rpc: Rpc = chain.rpc, **options: int) -> Sender:
        return new_sender(settings, rpc, database, **options)

    return make


def new_sender(settings: Settings, rpc: Rpc, database: Database, **options: int) -> Sender:
    return Sender(
        rpc, database, keys.relayer(settings), chain_id=31337, poll_interval_s=0.05, **options
    )


async def _answering(rpc: Rpc) -> None:
    for _ in range(200):
        try:
            await rpc.call("eth_chainId")
            return
        except RpcUnavailable:
            await asyncio.sleep(0.05)
    raise TimeoutError("anvil does not answer")


async def _deploy(rpc: Rpc) -> bytes:
    """SupplyChain by an account that no sender uses."""
    artefact = json.loads((ROOT / "contracts/out/SupplyChain.sol/SupplyChain.json").read_text())
    code = artefact["bytecode"]["object"] + supply_chain.encode_constructor(bytes([1] * 20)).hex()
    deployer = to_hex(address_of(keys.account(Settings(), 9)))
    sent = await rpc.call(
        "eth_sendTransaction", {"from": deployer, "data": code, "gas": "0x989680"}
    )
    while not (receipt := await rpc.call("eth_getTransactionReceipt", sent)):
        await asyncio.sleep(0.01)
    return bytes.fromhex(receipt["contractAddress"][2:])
