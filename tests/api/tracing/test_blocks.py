"""The block of a moment is found whatever the blocks' times and wherever the mirror begins."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.queries.snapshot import Snapshot
from api.queries.tracing.read import block_at
from core.config import Settings
from core.db import Database, Writes, open_database
from core.db.chain_tables import Block


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("blocks")), Writes.CHAIN)
    yield opened
    opened.close()


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    first=st.integers(0, 10**7),
    steps=st.lists(st.integers(0, 3), max_size=30),  # several blocks may share a second
    asked=st.integers(95, 190),
)
def test_it_is_the_last_made_by_then(
    database: Database, first: int, steps: list[int], asked: int
) -> None:
    times = {first + at: 100 + sum(steps[:at]) for at in range(len(steps))}
    with database.write_session() as session:
        session.connection().exec_driver_sql("DELETE FROM chain.block")
        for number, time in times.items():
            own = {"hash": b"", "parent_hash": b"", "state_digest": b""}
            session.add(Block(number=number, timestamp=time, **own))
    expected = max((n for n, time in times.items() if time <= asked), default=-1)
    assert asyncio.run(_block_at(database, asked)) == expected


async def _block_at(database: Database, seconds: int) -> int:
    async with Snapshot(database) as snapshot:
        return await block_at(snapshot, seconds)
