"""Device to gateway through a real broker: nothing lost, nothing stored twice."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from core import clock
from core.config import Settings
from core.crypto import address_of, to_hex
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingQuarantine
from core.db.engine import Database
from core.messages import ack_topic
from edge.device import Device
from edge.outbox import Outbox
from edge.profile import Profile, Replay, folder_of, provision
from oracle.gateway import Gateway
from oracle.link import Link

GATEWAY_KEY = bytes([7] * 32)
KEY_OF_NOBODY = bytes([8] * 32)


@pytest.fixture(params=["sqlite"])
def database(database: Database) -> Database:
    """The broker is what varies here, not the database."""
    return database


@pytest.fixture
def folder(tmp_path: Path, readings: Any) -> Path:
    return set_up(tmp_path, readings)


def set_up(state_dir: Path, readings: Any, pace_s: float = 0.0, **options: Any) -> Path:
    profile = Profile(
        name="truck",
        product="https://id.gs1.org/00/008600099999850000",
        chain_id=readings.domain.chain_id,
        contract=to_hex(readings.domain.verifying_contract),
        gateway=to_hex(address_of(GATEWAY_KEY)),
        start_at=options.get("start_at", 1_776_700_000_000),
        replay=Replay(count=60, pace_s=pace_s),
    )
    provision(state_dir, profile, options.get("key", readings.key))
    return folder_of(state_dir, "truck")


@asynccontextmanager
async def running(*parts: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def gateway(broker: Any, database: Database, readings: Any) -> Gateway:
    return Gateway(Link(broker.mqtt), database, readings.domain, GATEWAY_KEY, 60)


def stored(database: Database) -> list[int]:
    with database.read_session() as session:
        return list(session.exec(select(Row.seq).order_by(Row.seq)).all())


async def until(condition: Any, what: str) -> None:
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never: {what}")


async def test_every_reading_arrives_and_is_forgotten(
    broker: Any, database: Database, readings: Any, folder: Path
) -> None:
    device = Device(folder, broker.mqtt)
    async with running(gateway(broker, database, readings), device):
        await until(lambda: device.outbox.confirmed == 60, "all confirmed")
        assert stored(database) == list(range(1, 61))


async def test_a_broker_that_forgets_everything(
    broker: Any, database: Database, readings: Any, folder: Path
) -> None:
    """The device publishes while nobody listens; then the broker dies with all it accepted."""
    device = Device(folder, broker.mqtt)
    async with running(device):
        await until(lambda: device._sent == 60, "all published")
        await broker.stop()
        assert device.outbox.confirmed == 0
        await broker.start()
        async with running(gateway(broker, database, readings)):
            await until(lambda: device.outbox.confirmed == 60, "all confirmed")
    assert stored(database) == list(range(1, 61))


async def test_an_acknowledgement_by_somebody_else_is_ignored(
    broker: Any, database: Database, readings: Any, folder: Path
) -> None:
    device = Device(folder, broker.mqtt)
    impostor = Gateway(Link(broker.mqtt), database, readings.domain, KEY_OF_NOBODY, 60)
    async with running(impostor, device):
        await until(lambda: len(stored(database)) == 60, "all stored")
        await asyncio.sleep(0.3)
        assert device.outbox.pending() == 60


async def test_a_refused_device_keeps_its_readings(
    broker: Any, database: Database, readings: Any, tmp_path: Path, mirrored: Any
) -> None:
    folder = set_up(tmp_path, readings, key=KEY_OF_NOBODY)
    device = Device(folder, broker.mqtt)
    async with running(gateway(broker, database, readings), device):
        await until(lambda: device.refusal is not None, "refused")
        assert device.refusal is not None
        assert (device.refusal.code, device.outbox.pending()) == ("unknown_device", 60)
        mirrored(readings.registered(device.address))
        await until(lambda: device.outbox.confirmed == 60, "all confirmed")
    assert stored(database) == list(range(1, 61))


async def test_a_device_with_a_wrong_clock_is_told(
    broker: Any, database: Database, readings: Any, tmp_path: Path
) -> None:
    """And loses nothing: what its clock calls later is taken when that time has come."""
    start_at = clock.now_ms() + 63_000 - 59 * Replay().interval_ms  # the last is 3 s too early
    folder = set_up(tmp_path, readings, start_at=start_at)
    device = Device(folder, broker.mqtt)
    async with running(gateway(broker, database, readings), device):
        await until(lambda: device.refusal is not None, "refused")
        assert device.refusal is not None
        assert (device.refusal.code, device.refusal.seq) == ("reading_from_future", 60)
        assert stored(database) == list(range(1, 60))
        await until(lambda: device.outbox.confirmed == 60, "all confirmed")
    assert stored(database) == list(range(1, 61))


async def test_garbage_on_the_topic_stops_nobody(
    broker: Any, database: Database, readings: Any, folder: Path
) -> None:
    device, vandal = Device(folder, broker.mqtt), Device(folder, broker.mqtt)._link
    vandal._client._client_id = b"vandal"
    async with running(gateway(broker, database, readings), device):
        vandal.open()
        await until(vandal.online.is_set, "vandal online")
        for payload in (b"\xff", b"{}", b"x" * 10_000):
            vandal.publish(payload)
            vandal._client.publish(ack_topic(device.address), payload, qos=1)
        await until(lambda: device.outbox.confirmed == 60, "all confirmed")
        vandal.close()
        with database.read_session() as session:
            codes = session.exec(select(ReadingQuarantine.code)).all()
    assert set(codes) == {"malformed"}
    assert stored(database) == list(range(1, 61))


@pytest.mark.slow
async def test_a_device_killed_again_and_again(
    broker: Any, database: Database, readings: Any, tmp_path: Path
) -> None:
    set_up(tmp_path, readings, pace_s=0.02)
    settings = Settings(state_dir=tmp_path, mqtt=broker.mqtt)
    async with running(gateway(broker, database, readings)):
        for alive_s in (0.9, 1.1, 1.3, None):
            process = await asyncio.to_thread(start_device, settings)
            if alive_s is None:
                await until(lambda: len(stored(database)) == 60, "all stored")
                await until(lambda: pending(tmp_path) == 0, "all confirmed")
            else:
                await asyncio.sleep(alive_s)
            process.kill()
            process.wait()
    assert stored(database) == list(range(1, 61))
    with database.read_session() as session:
        assert session.exec(select(ReadingQuarantine)).all() == []


def start_device(settings: Settings) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_MQTT__PORT": str(settings.mqtt.port),
    }
    command = [sys.executable, "-m", "edge.main", "--device", "truck"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def pending(state_dir: Path) -> int:
    outbox = Outbox(folder_of(state_dir, "truck"))
    try:
        return outbox.pending()
    finally:
        outbox.close()
