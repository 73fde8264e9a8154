"""From MQTT messages to verified rows: each reading of a device once, each refusal with a reason.

├── not JSON, wrong form, another device's topic  -> malformed          quarantined
├── not signed by its device                      -> invalid_signature  quarantined
├── measured later than now and the allowance     -> reading_from_future quarantined
├── device not in DeviceRegistry                  -> unknown_device     quarantined
├── measured after the device was revoked         -> revoked_device     quarantined
├── measured before or after it was valid         -> device_not_valid   quarantined
├── device bound to another product               -> device_bound       quarantined
├── number used before, other content             -> replayed_reading   quarantined
├── number used before, same content              -> acknowledged again, nothing stored
└── else                                          -> stored
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session, col, exists, func, select

from core import clock
from core.crypto import Domain, sha256
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingQuarantine
from core.db.chain_tables import Device
from core.errors import Malformed, ReplayedReading, SmartRetailError
from core.messages import Reading, decode_reading, device_of_topic
from core.types import Address
from oracle.devices import check_device, check_time, devices_of
from oracle.link import Message

REMEMBERED: Final = 10_000
Content = tuple[bytes, int, int]
"""Product id, value, time."""
Known = dict[tuple[bytes, int], Content]
"""What is stored, by device and number."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A reading that its device signed."""

    message: Message
    reading: Reading


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was not taken, and why."""

    message: Message
    error: SmartRetailError
    reading: Reading | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a group of messages."""

    accepted: list[Reading] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    up_to: dict[Address, int] = field(default_factory=dict)
    """Per device that sent something acceptable: every reading up to here is stored."""


def verify(
    messages: Iterable[Message], domain: Domain, clock_skew_s: float
) -> list[Verified | Refused]:
    """Judge what needs no database: form, topic, signature and the device's clock."""
    return [_verify(message, domain, clock_skew_s) for message in messages]


class Intake:
    """Stores groups of messages, one transaction each."""

    def __init__(self) -> None:
        self._up_to: dict[Address, int] = {}
        self._seen: dict[bytes, None] = {}

    def store(self, session: Session, judged: Sequence[Verified | Refused]) -> Outcome:
        """Store what is new and acceptable, quarantine the rest."""
        outcome = Outcome(refused=[one for one in judged if isinstance(one, Refused)])
        verified = [one for one in judged if isinstance(one, Verified)]
        devices = devices_of(session, (one.reading.device for one in verified))
        known = _known(session, [one.reading for one in verified])
        for one in verified:
            try:
                if _judge(one.reading, devices, known):
                    session.add(_row(one.reading))
                outcome.accepted.append(one.reading)
            except SmartRetailError as error:
                outcome.refused.append(Refused(one.message, error, one.reading))
        session.add_all(_quarantine(one) for one in outcome.refused if not self._was_seen(one))
        session.flush()
        for device in {reading.device for reading in outcome.accepted}:
            outcome.up_to[device] = last_contiguous(session, device, self._up_to.get(device, 0))
        return outcome

    def committed(self, outcome: Outcome) -> None:
        """Remember what is now durable, to look less far next time."""
        self._up_to |= outcome.up_to
        for one in outcome.refused:
            self._seen[_fingerprint(one)] = None
        while len(self._seen) > REMEMBERED:
            self._seen.pop(next(iter(self._seen)))

    def _was_seen(self, one: Refused) -> bool:
        """A device repeats what was refused; one row of it is enough."""
        return _fingerprint(one) in self._seen


def last_contiguous(session: Session, device: Address, start: int) -> int:
    """The number up to which no reading of the device is missing, from a known such number on."""
    first = max(start, 1)
    if session.get(Row, (device, first)) is None:
        return 0
    following = select(Row.seq).where(Row.device == device).subquery("following")
    has_next = exists().where(following.c.seq == col(Row.seq) + 1)
    ends = select(func.min(Row.seq)).where(Row.device == device, Row.seq >= first, ~has_next)
    return int(session.exec(ends).one())


def _verify(message: Message, domain: Domain, clock_skew_s: float) -> Verified | Refused:
    reading: Reading | None = None
    try:
        reading = decode_reading(message.payload)
        if reading.device != device_of_topic(message.topic):
            raise Malformed("the reading is not from its topic's device", pointer="topic")
        reading.check_signature(domain)
        check_time(reading, clock_skew_s)
    except SmartRetailError as error:
        return Refused(message, error, reading)
    return Verified(message, reading)


def _judge(reading: Reading, devices: Mapping[bytes, Device], known: Known) -> bool:
    """Whether the reading is new. Raises the reason it cannot be taken."""
    check_device(reading, devices.get(reading.device))
    place = (reading.device, reading.seq)
    content = (reading.product_id, reading.value_mc, reading.measured_at)
    if place not in known:
        known[place] = content
        return True
    if known[place] != content:
        raise ReplayedReading(f"reading {reading.seq} was sent before with other content")
    return False


def _known(session: Session, readings: Sequence[Reading]) -> Known:
    numbers: defaultdict[Address, list[int]] = defaultdict(list)
    for reading in readings:
        numbers[reading.device].append(reading.seq)
    known: Known = {}
    for device, seqs in numbers.items():
        taken = select(Row).where(Row.device == device, col(Row.seq).in_(seqs))
        known |= {(device, r.seq): _content(r) for r in session.exec(taken)}
    return known


def _content(row: Row) -> Content:
    return row.product_id, row.value, row.measured_at


def _row(reading: Reading) -> Row:
    return Row(
        device=reading.device,
        seq=reading.seq,
        product_id=reading.product_id,
        value=reading.value_mc,
        measured_at=reading.measured_at,
        signature=reading.signature,
        received_at=clock.now_ms(),
    )


def _quarantine(one: Refused) -> ReadingQuarantine:
    return ReadingQuarantine(
        topic=one.message.topic,
        payload=one.message.payload,
        code=one.error.code,
        reason=one.error.message,
        received_at=clock.now_ms(),
    )


def _fingerprint(one: Refused) -> bytes:
    return sha256(
        b"\0".join((one.message.topic.encode(), one.message.payload, one.error.code.encode()))
    )
