"""What the gateway takes and what it refuses (the tree in oracle/intake.py), on both databases."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingQuarantine
from core.db.engine import Database
from core.messages import Reading, readings_topic
from core.types import Role
from oracle.intake import Intake, Outcome, verify
from oracle.link import Message

OTHER_KEY = bytes([6] * 32)


def message(reading: Reading, topic: str = "") -> Message:
    return Message(topic or readings_topic(reading.device), reading.encode(), 1, 1)


class Desk:
    """An intake with its database."""

    def __init__(self, database: Database, domain: Any) -> None:
        self.database, self.domain, self.intake = database, domain, Intake()

    def take(self, *messages: Message) -> Outcome:
        judged = verify(messages, self.domain)
        with self.database.write_session() as session:
            outcome = self.intake.store(session, judged)
        self.intake.committed(outcome)
        return outcome

    def stored(self) -> list[int]:
        with self.database.read_session() as session:
            return sorted(session.exec(select(Row.seq)).all())

    def quarantined(self) -> list[str]:
        with self.database.read_session() as session:
            return sorted(session.exec(select(ReadingQuarantine.code)).all())


@pytest.fixture
def desk(database: Database, readings: Any) -> Desk:
    return Desk(database, readings.domain)


def test_readings_are_acknowledged_up_to_the_first_gap(desk: Desk, readings: Any) -> None:
    assert desk.take(message(readings.one(2))).up_to == {readings.device: 0}
    assert desk.take(message(readings.one(1))).up_to == {readings.device: 2}
    group = [message(readings.one(n)) for n in (3, 4, 6)]
    assert desk.take(*group).up_to == {readings.device: 4}
    assert desk.stored() == [1, 2, 3, 4, 6]


def test_after_a_restart_it_knows_how_far_it_was(desk: Desk, readings: Any) -> None:
    desk.take(*(message(readings.one(n)) for n in range(1, 6)))
    desk.intake = Intake()
    assert desk.take(message(readings.one(6))).up_to == {readings.device: 6}


def test_the_same_again_is_acknowledged_and_stored_once(desk: Desk, readings: Any) -> None:
    same = message(readings.one(1))
    desk.take(same, same)
    assert desk.take(same).up_to == {readings.device: 1}
    assert desk.stored() == [1]
    assert desk.quarantined() == []


def test_a_used_number_with_other_content_is_refused(desk: Desk, readings: Any) -> None:
    desk.take(message(readings.one(1, 4_000)))
    outcome = desk.take(message(readings.one(1, 9_000)), message(readings.one(2)))
    assert [one.error.code for one in outcome.refused] == ["replayed_reading"]
    assert [reading.seq for reading in outcome.accepted] == [2]
    assert desk.quarantined() == ["replayed_reading"]


def test_an_unknown_device_waits_until_it_is_registered(
    desk: Desk, readings: Any, actor_row: Any
) -> None:
    stranger = readings.one(1, key=OTHER_KEY)
    for _ in range(3):  # it repeats itself; one row of it is enough
        assert [one.error.code for one in desk.take(message(stranger)).refused] == [
            "unknown_device"
        ]
    assert desk.quarantined() == ["unknown_device"]
    actor_row(stranger.device)
    assert desk.take(message(stranger)).up_to == {stranger.device: 1}


def test_an_actor_that_is_no_device(desk: Desk, readings: Any, actor_row: Any) -> None:
    supplier = readings.one(1, key=OTHER_KEY)
    actor_row(supplier.device, Role.SUPPLIER)
    assert [one.error.code for one in desk.take(message(supplier)).refused] == ["unknown_device"]


def test_a_revoked_device(desk: Desk, readings: Any, actor_row: Any) -> None:
    desk.take(message(readings.one(1)))
    actor_row(readings.device, revoked_block=7)
    outcome = desk.take(message(readings.one(2)))
    assert [one.error.code for one in outcome.refused] == ["revoked_device"]
    assert desk.stored() == [1]


def test_a_forged_value(desk: Desk, readings: Any) -> None:
    forged = replace(readings.one(1, 9_000), value_mc=4_000)
    assert [one.error.code for one in desk.take(message(forged)).refused] == ["invalid_signature"]


def test_another_device_s_topic(desk: Desk, readings: Any) -> None:
    topic = readings_topic(bytes([3] * 20))
    outcome = desk.take(message(readings.one(1), topic))
    assert [one.error.code for one in outcome.refused] == ["malformed"]


@pytest.mark.parametrize(
    "payload",
    [b"", b"not json", b"[]", b'{"v":2}', b'{"v":1,"device":"0x12"}', b"\x00" * 5_000, b'{"v":1}'],
)
def test_malformed_messages_are_kept_with_their_reason(
    desk: Desk, readings: Any, payload: bytes
) -> None:
    broken = Message(readings_topic(readings.device), payload, 1, 1)
    outcome = desk.take(broken, message(readings.one(1)))
    assert [one.error.code for one in outcome.refused] == ["malformed"]
    assert desk.stored() == [1]
    with desk.database.read_session() as session:
        row = session.exec(select(ReadingQuarantine)).one()
    assert (row.payload, bool(row.reason)) == (payload, True)
