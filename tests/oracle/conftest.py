"""A chain, an IPFS node and a broker of the test's own; the device is set up and registered."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from core.chain import keys
from core.chain.bindings import sensor_oracle
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.config import ChainSettings, DbSettings, IpfsSettings, MqttSettings, OracleSettings
from core.config import Settings as AllSettings
from core.crypto import address_of, keccak256, to_hex
from core.crypto.structs import reading_domain
from core.db.chain_tables import Device
from core.db.engine import Database, Writes, connect, open_database
from core.ipfs.node import running_node
from core.messages import Reading
from core.types import MilliCelsius, Millis, ProductId
from edge.profile import Profile, Replay, folder_of, provision
from scripts.deploy import deploy

AMQTT = """
import asyncio
from core.config import Settings
from oracle import broker
asyncio.run(broker.run(Settings()))
"""
ORACLE = """
import asyncio
from core.config import Settings
from oracle import main
asyncio.run(main.run(Settings()))
"""
CHAIN, CONTRACT = 31337, bytes([9] * 20)
DOMAIN = reading_domain(CHAIN, CONTRACT)
DEVICE_KEY = bytes([5] * 32)
PRODUCT = ProductId(keccak256(b"https://id.gs1.org/00/008600099999850000"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Readings:
    """Makes signed readings of one device."""

    domain = DOMAIN
    product = PRODUCT
    key = DEVICE_KEY
    device = address_of(DEVICE_KEY)

    def one(self, seq: int, value: int = 4_000, *, key: bytes = DEVICE_KEY, at: int = 0) -> Reading:
        at = at or 1_776_700_000_000 + 60_000 * seq
        reading = Reading(address_of(key), seq, PRODUCT, MilliCelsius(value), Millis(at))
        return reading.signed(DOMAIN, key)

    @staticmethod
    def registered(address: bytes = address_of(DEVICE_KEY), **values: Any) -> Device:
        """The device's row in the mirror; valid for ever unless `values` say otherwise."""
        usual = {"valid_from": 0, "valid_until": (1 << 63) - 1, "registered_block": 1}
        return Device(address=address, calibration_hash=bytes(32), **usual | values)


@pytest.fixture(scope="session")
def readings() -> Readings:
    return Readings()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Both engines, for what is SQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = AllSettings(state_dir=tmp_path, db=DbSettings(url=url))
    database = open_database(settings)
    _mirror(settings, Readings.registered())
    yield database
    database.close()


@pytest.fixture
def mirrored(database: Database, tmp_path: Path) -> Callable[[SQLModel], None]:
    """Write a row as the indexer would."""
    url = database.writer.url

    def write(row: SQLModel) -> None:
        text = "" if database.is_sqlite else url.render_as_string(hide_password=False)
        _mirror(AllSettings(state_dir=tmp_path, db=DbSettings(url=text)), row)

    return write


def _mirror(settings: AllSettings, row: SQLModel) -> None:
    both = connect(settings, Writes.BOTH)
    with both.write_session() as session:
        session.merge(row)
    both.close()


# The whole service.


@dataclass
class World:
    """Everything an oracle and a device need, running."""

    settings: AllSettings
    rpc: Rpc
    deployment: Deployment
    database: Database

    def device(self, count: int = 48, *, pace_s: float = 0.001, name: str = "truck") -> Path:
        """Set up the registered device; returns its folder."""
        profile = Profile(
            name=name,
            product="https://id.gs1.org/00/008600099999850000",
            chain_id=CHAIN,
            contract=to_hex(self.deployment.sensor_oracle),
            gateway=to_hex(address_of(keys.oracle(self.settings))),
            start_at=1_776_700_000_000,
            replay=Replay(count=count, pace_s=pace_s),
        )
        provision(self.settings.state_dir, profile, DEVICE_KEY)
        return folder_of(self.settings.state_dir, name)

    async def attestations(self) -> list[sensor_oracle.BatchAttested]:
        """What SensorOracle logged, in order."""
        query = {
            "address": to_hex(self.deployment.sensor_oracle),
            "topics": [to_hex(sensor_oracle.BatchAttested.TOPIC0)],
            "fromBlock": "0x0",
        }
        logs = await self.rpc.call("eth_getLogs", query)
        return [
            sensor_oracle.BatchAttested.decode(
                [to_bytes(topic) for topic in log["topics"]], to_bytes(log["data"])
            )
            for log in logs
        ]

    async def transact(self, to: bytes, data: bytes) -> None:
        """As the administrator, whose account anvil holds."""
        admin = to_hex(address_of(keys.deployer(self.settings)))
        call = {"from": admin, "to": to_hex(to), "data": to_hex(data)}
        sent = await self.rpc.call("eth_sendTransaction", call)
        while not await self.rpc.call("eth_getTransactionReceipt", sent):
            await asyncio.sleep(0.01)

    async def set_signers(self, *workers: int) -> None:
        signers = sorted(address_of(keys.workers(self.settings)[n]) for n in workers)
        data = sensor_oracle.encode_set_config(signers, 2)
        await self.transact(self.deployment.sensor_oracle, data)

    async def mine(self) -> None:
        await self.rpc.call("anvil_mine", "0x3")


@pytest.fixture(params=["amqtt", "mosquitto"])
def broker_kind(request: pytest.FixtureRequest) -> str:
    if request.param == "mosquitto":
        found = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
        assert found, "mosquitto is missing: `./sr360 setup` installs it"
    return str(request.param)


@pytest.fixture
async def broker(broker_kind: str) -> AsyncIterator["Broker"]:
    broker = Broker(broker_kind, MqttSettings(port=free_port()))
    await broker.start()
    yield broker
    await broker.stop()


class Broker:
    """A broker in a process of its own that keeps nothing when it is killed."""

    def __init__(self, kind: str, mqtt: MqttSettings) -> None:
        self.kind, self.mqtt = kind, mqtt

    async def start(self) -> None:
        commands = {
            "amqtt": [sys.executable, "-c", AMQTT],
            "mosquitto": ["/usr/sbin/mosquitto", "-p", str(self.mqtt.port)],
        }
        environment = os.environ | {"SR360_MQTT__PORT": str(self.mqtt.port)}
        self._process = subprocess.Popen(
            commands[self.kind], env=environment, stderr=subprocess.DEVNULL
        )
        await self._listening()

    async def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    async def _listening(self) -> None:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((self.mqtt.host, self.mqtt.port)) == 0:
                    return
            await asyncio.sleep(0.05)
        raise TimeoutError("the broker does not listen")


@pytest.fixture
async def world(fresh_anvil: Any, broker: Broker, tmp_path: Path) -> AsyncIterator[World]:
    async with running_node(tmp_path / "ipfs") as node, Rpc(fresh_anvil.url) as rpc:
        settings = AllSettings(
            state_dir=tmp_path,
            chain=ChainSettings(rpc_url=fresh_anvil.url, poll_interval_s=0.05),
            ipfs=IpfsSettings(api_port=node.api_port, gateway_port=node.gateway_port),
            mqtt=broker.mqtt,
            oracle=OracleSettings(batch_size=20, batch_wait_s=0.3),
        )
        deployment = await deploy(settings)
        database = open_database(settings)
        world = World(settings, rpc, deployment, database)
        await world.set_signers(0, 1, 2)
        _mirror(settings, Readings.registered())
        yield world
        database.close()


@pytest.fixture
def start_oracle() -> Callable[[AllSettings], subprocess.Popen[bytes]]:
    """The service in a process of its own, which a test may kill."""
    return _start_oracle


def _start_oracle(settings: AllSettings) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_CHAIN__RPC_URL": settings.chain.rpc_url,
        "SR360_CHAIN__POLL_INTERVAL_S": "0.05",
        "SR360_IPFS__API_PORT": str(settings.ipfs.api_port),
        "SR360_MQTT__PORT": str(settings.mqtt.port),
        "SR360_ORACLE__BATCH_SIZE": "20",
        "SR360_ORACLE__BATCH_WAIT_S": "0.3",
    }
    return subprocess.Popen(
        [sys.executable, "-c", ORACLE], env=environment, stderr=subprocess.DEVNULL
    )
