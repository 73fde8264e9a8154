"""MQTT messages survive the wire, and nothing else does."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import crypto, messages
from core.crypto.structs import reading_domain
from core.errors import InvalidSignature, Malformed
from core.types import MilliCelsius, Millis, ProductId

DEVICE_KEY, GATEWAY_KEY = b"\x01" * 32, b"\x02" * 32
DEVICE, GATEWAY = crypto.address_of(DEVICE_KEY), crypto.address_of(GATEWAY_KEY)
DOMAIN = reading_domain(31337, b"\x05" * 20)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
UINT63 = st.integers(0, (1 << 63) - 1)


def reading(seq: int = 7, value: int = -1500, at: int = 1_776_432_402_000) -> messages.Reading:
    unsigned = messages.Reading(
        DEVICE, seq, ProductId(b"\x09" * 32), MilliCelsius(value), Millis(at)
    )
    return unsigned.signed(DOMAIN, DEVICE_KEY)


@given(UINT63, INT64, UINT63)
def test_a_reading_survives_the_wire(seq: int, value: int, at: int) -> None:
    sent = reading(seq, value, at)
    received = messages.decode_reading(sent.encode())
    assert received == sent
    received.check_signature(DOMAIN)


@pytest.mark.parametrize("change", [{"seq": 8}, {"value": -1501}, {"measuredAt": 1}])
def test_a_changed_reading_no_longer_carries_its_device_s_signature(change: dict[str, int]) -> None:
    fields = orjson.loads(reading().encode()) | change
    with pytest.raises(InvalidSignature):
        messages.decode_reading(orjson.dumps(fields)).check_signature(DOMAIN)


def test_a_reading_for_another_contract_is_not_valid_here() -> None:
    with pytest.raises(InvalidSignature):
        reading().check_signature(reading_domain(31337, b"\x06" * 20))


def test_an_acknowledgement_is_the_gateway_s_only() -> None:
    sent = messages.Acknowledgement(DEVICE, 41).signed(DOMAIN, GATEWAY_KEY)
    received = messages.decode_answer(sent.encode())
    assert received == sent
    received.check_signature(DOMAIN, GATEWAY)
    forged = messages.Acknowledgement(DEVICE, 42, sent.signature)
    with pytest.raises(InvalidSignature):
        forged.check_signature(DOMAIN, GATEWAY)


def test_a_refusal_survives_the_wire() -> None:
    sent = messages.Refusal(DEVICE, 5, "replayed_reading", "sequence 5 was used before")
    assert messages.decode_answer(sent.encode()) == sent


def test_topics_name_the_device() -> None:
    assert messages.device_of_topic(messages.readings_topic(DEVICE)) == DEVICE
    assert messages.device_of_topic(messages.ack_topic(DEVICE)) == DEVICE


@pytest.mark.parametrize("topic", ["", "sr360/v1/0xab/readings", "sr360/v2/x/ack", "#"])
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(Malformed):
        messages.device_of_topic(topic)


BROKEN = {
    "not json": b"{",
    "not an object": b"[]",
    "too long": b'{"v":1,"pad":"' + b"x" * messages.MAX_MESSAGE_BYTES + b'"}',
    "other version": b'{"v":2}',
    "float value": orjson.dumps(orjson.loads(reading().encode()) | {"value": 1.5}),
    "bool seq": orjson.dumps(orjson.loads(reading().encode()) | {"seq": True}),
    "negative seq": orjson.dumps(orjson.loads(reading().encode()) | {"seq": -1}),
    "huge value": reading().encode().replace(b"-1500", b"9" * 30),
    "short device": orjson.dumps(orjson.loads(reading().encode()) | {"device": "0xab"}),
    "no signature": orjson.dumps(orjson.loads(reading().encode()) | {"signature": None}),
}


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_reading_is_a_typed_error(payload: bytes) -> None:
    with pytest.raises(Malformed):
        messages.decode_reading(payload)
