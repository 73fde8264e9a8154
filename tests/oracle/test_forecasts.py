"""A forecast's whole way: committed, shown, its outcome reported, scored; each exactly once.

given a forecast whose outcome becomes known
├── when the oracle is killed again and again: the ledger has each fact once, and the right loss
├── when somebody else reveals it first: it is scored all the same
└── when the outcome is known before a cutoff: nothing is reported until the cutoff
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import select

from core import clock
from core.chain import keys
from core.chain.bindings import forecast_ledger as ledger
from core.chain.client import to_bytes, to_int
from core.crypto import address_of, forecasts, keccak256, to_hex
from core.db.app_tables import Forecast, Observation
from oracle import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("broker_kind", ["mosquitto"], indirect=True),
]
SALES = keccak256(b"sales")
OUTCOME = {"2026-05-01": 10, "2026-06-01": -5}
LOSS = 25 * 4 + 100 * 2 + 500 + 100 + 25 * 2 + 975 * 2 + 900 * 3 + 500 * 5 + 100 * 30 + 25 * 31
"""By hand: 10 among the first month's quantiles, -5 below all of the second's."""


@asynccontextmanager
async def running(*jobs: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def sealed(cutoff: int) -> Forecast:
    points = [
        {"period": "2026-05-01", "values": [6, 8, 9, 11, 12]},
        {"period": "2026-06-01", "values": [-3, -2, 0, 25, 26]},
    ]
    document, salt = json.dumps({"points": points}).encode(), b"\3" * 32
    return Forecast(
        commitment=forecasts.opening(document, salt).commitment,
        series_id=SALES,
        document=document,
        salt=salt,
        cutoff=cutoff,
        created_at=clock.now_ms(),
    )


def add(world: Any, *rows: Any) -> None:
    with world.database.write_session() as session:
        for row in rows:
            session.add(row)


def disclose(world: Any) -> None:
    at = clock.now_ms() + 1
    add(
        world,
        *(
            Observation(series_id=SALES, period=period, value=value, disclosed_at=at)
            for period, value in OUTCOME.items()
        ),
    )


async def reaches(world: Any, *states: str) -> None:
    for _ in range(900):
        with world.database.read_session() as session:
            state = session.exec(select(Forecast.state)).one()
        if state in states:
            return
        await asyncio.sleep(0.1)
        await world.mine()
    raise AssertionError(f"the forecast is still {state}")


async def logged(world: Any) -> list[Any]:
    """What the ledger logged, in order."""
    query = {"address": to_hex(world.deployment.forecast_ledger), "fromBlock": "0x0"}
    found = []
    for log in await world.rpc.call("eth_getLogs", query):
        topics = [to_bytes(topic) for topic in log["topics"]]
        found.append(ledger.EVENTS[topics[0]].decode(topics, to_bytes(log["data"])))
    return found


async def test_killed_again_and_again(world: Any, start_oracle: Any) -> None:
    dice = random.Random(3)
    add(world, forecast := sealed(clock.now_s() + 20))
    for round_ in range(4):
        process = await asyncio.to_thread(start_oracle, world.settings)
        await asyncio.sleep(dice.uniform(2, 5))
        process.kill()
        process.wait()
        if round_ == 1:
            disclose(world)
        await world.mine()
    async with running(main.run(world.settings)):
        await reaches(world, "scored")
    facts = await logged(world)
    assert [type(fact).__name__ for fact in facts] == [
        "ForecastCommitted", "ForecastRevealed", "OutcomeReported", "OutcomeReported",
        "ForecastScored",
    ]  # fmt: skip
    assert {fact.commitment for fact in facts if hasattr(fact, "commitment")} == {
        forecast.commitment
    }
    assert [fact.value for fact in facts[2:4]] == list(OUTCOME.values())
    assert (facts[-1].loss, facts[-1].steps) == (LOSS, 2)


async def test_somebody_else_reveals_it_first(world: Any) -> None:
    add(world, forecast := sealed(clock.now_s() + 15))
    async with running(main.run(world.settings)):
        await reaches(world, "committed")
        opening = forecasts.opening(forecast.document, forecast.salt)
        me = address_of(keys.oracle(world.settings))
        call = ledger.encode_reveal(
            me, forecasts.series_of(me, SALES), forecast.cutoff, opening.salt,
            opening.document_hash, opening.points,
        )  # fmt: skip
        await world.transact(world.deployment.forecast_ledger, call)
        disclose(world)
        await reaches(world, "scored")
    assert (await logged(world))[-1].loss == LOSS


async def test_nothing_is_reported_before_the_cutoff(world: Any) -> None:
    cutoff = clock.now_s() + 12
    add(world, sealed(cutoff))
    async with running(main.run(world.settings)):
        await reaches(world, "committed")
        disclose(world)
        await reaches(world, "scored")
    query = {"address": to_hex(world.deployment.forecast_ledger), "fromBlock": "0x0"}
    logs = await world.rpc.call(
        "eth_getLogs", query | {"topics": [to_hex(ledger.OutcomeReported.TOPIC0)]}
    )
    blocks = [await world.rpc.call("eth_getBlockByHash", log["blockHash"], False) for log in logs]
    assert len(blocks) == 2
    assert all(to_int(block["timestamp"]) >= cutoff for block in blocks)
