"""Each reading stands in one batch, whatever order readings come in."""

import random
from typing import Any

import pytest
from sqlmodel import select

from core.config import OracleSettings
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingBatch
from core.db.engine import Database
from core.messages import readings_topic
from oracle.batch import Batcher
from oracle.intake import Intake, verify
from oracle.link import Message
from oracle.manifest import decode


def deliver(database: Database, readings: Any, seqs: list[int]) -> None:
    topic = readings_topic(readings.device)
    group = [Message(topic, readings.one(n).encode(), 0, 1) for n in seqs]
    with database.write_session() as session:
        Intake().store(session, verify(group, readings.domain, 60))


def close(database: Database, readings: Any, size: int, wait_s: float) -> list[bytes]:
    batcher = Batcher(
        database, OracleSettings(batch_size=size, batch_wait_s=wait_s), readings.domain
    )
    with database.write_session() as session:
        return batcher.close_ready(session)


def batches(database: Database, readings: Any) -> list[list[int]]:
    with database.read_session() as session:
        rows = session.exec(select(ReadingBatch)).all()
        found = [decode(row.manifest, readings.domain) for row in rows]
        for row, manifest in zip(rows, found, strict=True):
            inside = session.exec(select(Row.seq).where(Row.batch_id == row.batch_id)).all()
            assert sorted(inside) == [reading.seq for reading in manifest.readings]
    return sorted([reading.seq for reading in manifest.readings] for manifest in found)


def test_a_batch_closes_when_it_is_full(database: Database, readings: Any) -> None:
    deliver(database, readings, [1, 2, 3])
    assert close(database, readings, 4, 100) == []
    deliver(database, readings, [4, 5])
    assert len(close(database, readings, 4, 100)) == 1
    assert close(database, readings, 4, 100) == []
    assert batches(database, readings) == [[1, 2, 3, 4]]


def test_a_batch_closes_when_it_waited_long_enough(database: Database, readings: Any) -> None:
    deliver(database, readings, [1, 2])
    close(database, readings, 100, -1)
    assert batches(database, readings) == [[1, 2]]


def test_a_late_reading_is_waited_for(database: Database, readings: Any) -> None:
    deliver(database, readings, [1, 2, 4, 5])
    close(database, readings, 100, -1)
    assert batches(database, readings) == [[1, 2]]
    deliver(database, readings, [3])
    close(database, readings, 100, -1)
    assert batches(database, readings) == [[1, 2], [3, 4, 5]]


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_arrival(database: Database, readings: Any, seed: int) -> None:
    dice = random.Random(seed)
    seqs = list(range(1, 41))
    dice.shuffle(seqs)
    while seqs:
        deliver(database, readings, [seqs.pop() for _ in range(min(len(seqs), dice.randint(1, 9)))])
        close(database, readings, dice.randint(1, 7), dice.choice([-1, 100]))
    close(database, readings, 7, -1)
    found = [seq for batch in batches(database, readings) for seq in batch]
    assert found == list(range(1, 41))
