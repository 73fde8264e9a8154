"""The whole way: device, broker, gateway, workers, IPFS, contract; each reading attested once."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import select

from core import clock
from core.chain.client import to_bytes
from core.crypto import keccak256, sha256, to_hex
from core.crypto.cids import cid_v1_raw
from core.crypto.structs import reading_domain
from core.db.app_tables import Forecast, ReadingBatch
from core.ipfs.client import Ipfs
from edge.main import run_device
from oracle import main
from oracle.manifest import decode

ONE_BROKER = pytest.mark.parametrize("broker_kind", ["mosquitto"], indirect=True)


@asynccontextmanager
async def running(*jobs: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def settled(world: Any, readings: int) -> None:
    """Until every reading stands in a batch that is final."""
    for _ in range(900):
        with world.database.read_session() as session:
            rows = session.exec(select(ReadingBatch)).all()
        done = sum(event.count for event in await world.attestations())
        if done >= readings and all(row.state == "final" for row in rows):
            return
        await asyncio.sleep(0.1)
        await world.mine()
    raise AssertionError(f"{done} readings attested; {[row.state for row in rows]}")


async def attested(world: Any) -> list[int]:
    """Sequence numbers under the attested roots, from the published manifests alone."""
    domain = reading_domain(31337, world.deployment.sensor_oracle)
    seqs = []
    async with Ipfs.from_settings(world.settings) as ipfs:
        for event in await world.attestations():
            published = await ipfs.get_block(cid_v1_raw(event.manifest_hash))
            assert sha256(published) == event.manifest_hash
            manifest = decode(published, domain)
            manifest.check(domain)
            report = manifest.report(domain, bytes(32))
            assert (report.root, report.excursions) == (event.root, event.excursions)
            seqs += [reading.seq for reading in manifest.readings]
    return sorted(seqs)


@pytest.mark.slow
async def test_an_excursion_reaches_the_chain(world: Any, readings: Any) -> None:
    folder = world.device(count=48)
    async with running(main.run(world.settings), run_device(world.settings, folder)):
        await settled(world, 48)
    assert await attested(world) == list(range(1, 49))
    events = await world.attestations()
    assert max(event.maximum for event in events) == 12_124
    assert sum(event.excursions for event in events) > 0
    assert {event.device for event in events} == {readings.device}


@pytest.mark.slow
@ONE_BROKER
async def test_signers_that_change_in_between(world: Any) -> None:
    folder = world.device(count=20)
    await world.rpc.call("evm_setAutomine", False)
    async with running(main.run(world.settings), run_device(world.settings, folder)):
        await submitted(world)
        await world.rpc.call("anvil_dropAllTransactions")
        await world.rpc.call("evm_setAutomine", True)
        await world.set_signers(0, 2)
        await settled(world, 20)
    events = await world.attestations()
    assert [event.epoch for event in events] == [2]
    assert await attested(world) == list(range(1, 21))


async def submitted(world: Any) -> None:
    for _ in range(300):
        if int((await world.rpc.call("txpool_status"))["pending"], 16):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was submitted")


@pytest.mark.slow
@ONE_BROKER
async def test_a_forecast_is_committed_before_its_cutoff(world: Any) -> None:
    in_time = forecast(b"in time", clock.now_s() + 3_600)
    too_late = forecast(b"too late", clock.now_s() - 3_600)
    with world.database.write_session() as session:
        session.add(in_time)
        session.add(too_late)
    async with running(main.run(world.settings)):
        states = await forecast_states(world)
    assert states == {in_time.commitment: "committed", too_late.commitment: "failed"}
    query = {"address": to_hex(world.deployment.forecast_ledger), "fromBlock": "0x0"}
    logs = await world.rpc.call("eth_getLogs", query)
    commitments = [to_bytes(log["topics"][3]) for log in logs]
    assert commitments == [in_time.commitment]


def forecast(name: bytes, cutoff: int) -> Forecast:
    return Forecast(
        commitment=keccak256(name),
        series_id=keccak256(b"sales"),
        document=b"{}",
        salt=bytes(32),
        cutoff=cutoff,
        created_at=clock.now_ms(),
    )


async def forecast_states(world: Any) -> dict[bytes, str]:
    for _ in range(300):
        with world.database.read_session() as session:
            rows = session.exec(select(Forecast)).all()
        if all(row.state in ("committed", "failed") for row in rows):
            break
        await asyncio.sleep(0.1)
        await world.mine()
    return {row.commitment: row.state for row in rows}


@pytest.mark.slow
@ONE_BROKER
async def test_killed_again_and_again_with_a_reorg(world: Any, start_oracle: Any) -> None:
    dice = random.Random(2)
    folder = world.device(count=120, pace_s=0.05)
    await world.rpc.call("evm_setIntervalMining", 1)
    async with running(run_device(world.settings, folder)):
        for round_ in range(3):
            process = await asyncio.to_thread(start_oracle, world.settings)
            await asyncio.sleep(dice.uniform(3, 6))
            process.kill()
            process.wait()
            if round_ == 1:
                await world.rpc.call("anvil_reorg", 3, [])
        async with running(main.run(world.settings)):
            await settled(world, 120)
    assert await attested(world) == list(range(1, 121))
