"""What the gateway takes and what it refuses (the tree in oracle/intake.py), on both databases."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from core import clock
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingQuarantine
from core.db.chain_tables import Actor
from core.db.engine import Database
from core.messages import Reading, readings_topic
from core.types import Role
from oracle.intake import Intake, Outcome, verify
from oracle.link import Message

OTHER_KEY = bytes([6] * 32)
SKEW_S = 60
SECOND = 1_776_700_100
"""A moment in Unix seconds; readings are made around it."""


def message(reading: Reading, topic: str = "") -> Message:
    return Message(topic or readings_topic(reading.device), reading.encode(), 1, 1)


class Desk:
    """An intake with its database."""

    def __init__(self, database: Database, domain: Any) -> None:
        self.database, self.domain, self.intake = database, domain, Intake()

    def take(self, *messages: Message) -> Outcome:
        judged = verify(messages, self.domain, SKEW_S)
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
    desk: Desk, readings: Any, mirrored: Any
) -> None:
    stranger = readings.one(1, key=OTHER_KEY)
    for _ in range(3):  # it repeats itself; one row of it is enough
        assert [one.error.code for one in desk.take(message(stranger)).refused] == [
            "unknown_device"
        ]
    assert desk.quarantined() == ["unknown_device"]
    mirrored(readings.registered(stranger.device))
    assert desk.take(message(stranger)).up_to == {stranger.device: 1}


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.DEVICE])
def test_an_actor_that_is_in_no_device_registry(
    desk: Desk, readings: Any, mirrored: Any, role: Role
) -> None:
    stranger = readings.one(1, key=OTHER_KEY)
    name = {"identifier": "https://id.gs1.org/8004/1", "name": "An actor", "registered_block": 1}
    mirrored(Actor(address=stranger.device, role=role, **name))
    assert [one.error.code for one in desk.take(message(stranger)).refused] == ["unknown_device"]


def test_a_device_revoked_since(desk: Desk, readings: Any, mirrored: Any) -> None:
    """What it measured before counts, even when it arrives after the revocation."""
    mirrored(readings.registered(revoked_since=SECOND))
    before = readings.one(1, at=SECOND * 1000 - 1)
    assert codes(desk.take(message(before), message(readings.one(2, at=SECOND * 1000)))) == [
        "revoked_device"
    ]
    assert desk.stored() == [1]
    assert desk.quarantined() == ["revoked_device"]


def test_a_device_outside_its_validity(desk: Desk, readings: Any, mirrored: Any) -> None:
    mirrored(readings.registered(valid_from=SECOND, valid_until=SECOND + 1))
    times = (SECOND * 1000 - 1, SECOND * 1000, SECOND * 1000 + 1_999, SECOND * 1000 + 2_000)
    group = [message(readings.one(seq, at=at)) for seq, at in enumerate(times)]
    assert codes(desk.take(*group)) == ["device_not_valid", "device_not_valid"]
    assert desk.stored() == [1, 2]
    assert desk.quarantined() == ["device_not_valid", "device_not_valid"]


def test_a_device_bound_to_a_product(desk: Desk, readings: Any, mirrored: Any) -> None:
    mirrored(readings.registered(subject=readings.product))
    assert codes(desk.take(message(readings.one(1)))) == []
    mirrored(readings.registered(subject=b"\7" * 32))
    assert codes(desk.take(message(readings.one(2)))) == ["device_bound"]
    assert desk.quarantined() == ["device_bound"]


def test_a_refusal_tells_times_that_no_calendar_holds(
    desk: Desk, readings: Any, mirrored: Any
) -> None:
    mirrored(readings.registered(valid_from=(1 << 63) - 2))
    assert codes(desk.take(message(readings.one(1)))) == ["device_not_valid"]
    assert codes(desk.take(message(readings.one(2, at=(1 << 63) - 1)))) == ["reading_from_future"]


def test_a_reading_from_the_future(desk: Desk, readings: Any) -> None:
    now = clock.now_ms()
    early = message(readings.one(1, at=now + SKEW_S * 1000 - 5_000))
    late = message(readings.one(2, at=now + SKEW_S * 1000 + 60_000))
    assert codes(desk.take(early, late)) == ["reading_from_future"]
    assert desk.stored() == [1]
    assert desk.quarantined() == ["reading_from_future"]


def codes(outcome: Outcome) -> list[str]:
    return [one.error.code for one in outcome.refused]


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
