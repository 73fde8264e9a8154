"""The quick look at an event, held against the rules on events that have been tampered with."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.epcis import made
from core.document import Number, from_plain
from core.document.event_time import _carefully, event_time_ms
from core.epcis import identifiers, rules, timestamps
from core.epcis.rules import rule_issues
from core.epcis.soundness import is_sound
from core.epcis.validate import all_issues, events_of, read
from core.gs1.check_characters import check_digit

DATA = Path(__file__).parents[1] / "data"


def events_of_bytes(data: bytes) -> list[Any]:
    return [event for _, event in events_of(read(data))]


GTIN = "https://id.gs1.org/01/09521141234563"
SENSED = {
    "type": "ObjectEvent",
    "eventTime": "2026-04-17T09:26:42.000-04:00",
    "action": "OBSERVE",
    "epcList": [f"{GTIN}/21/1", "urn:epc:id:sgtin:0614141.107346.2018", "urn:uuid:1"],
    "quantityList": [{"epcClass": f"{GTIN}/10/A", "quantity": 200, "uom": "KGM"}],
    "sensorElementList": [
        {
            "sensorMetadata": {"deviceID": "https://id.gs1.org/8004/4000001111"},
            "sensorReport": [{"type": "gs1:Temperature", "deviceID": "urn:epc:id:giai:4000001.11"}],
        }
    ],
}
TURNED = {
    "type": "TransformationEvent",
    "eventTime": "2026-04-17T09:26:42Z",
    "inputEPCList": [f"{GTIN}/21/1"],
    "outputQuantityList": [{"epcClass": f"{GTIN}/10/B", "quantity": 2}],
}
CONSIGNED = {
    "type": "TransactionEvent",
    "eventTime": "2026-04-17T09:26:42.5+02:00",
    "action": "ADD",
    "parentID": "https://id.gs1.org/00/095211411234567892",
    "epcList": [f"{GTIN}/21/1"],
}
EVENTS: list[Any] = [
    *events_of_bytes(made.document(4)),
    *(from_plain(event) for event in (SENSED, TURNED, CONSIGNED)),
]
ODD: Any = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.sampled_from(["ADD", "DELETE", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "x"]),
    st.sampled_from([f"{GTIN}/21/1", f"{GTIN}/21/2", f"{GTIN[:-1]}4/21/1", "urn:epc:id:sgtin:1"]),
    st.sampled_from(["ObjectEvent", "AggregationEvent", "TransformationEvent", "OwnEvent"]),
    st.sampled_from(["1", "-1", "-0", "1.0", "0.5", "1e9", "1e99", "9" * 40]).map(Number),
    st.builds(list),
    st.builds(dict),
    st.lists(st.sampled_from([f"{GTIN}/21/1", f"{GTIN}/21/2", "urn:a"]), max_size=3),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member and element, as its container and its name or index."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in list(inside):
        yield value, name
        if isinstance(item, (dict, list)):
            yield from places(item)


@st.composite
def tampered(draw: st.DrawFn) -> Any:
    event = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(0, 3))):
        container, name = draw(st.sampled_from(list(places(event))))
        match draw(st.sampled_from(["put", "remove", "again", "rename"])):
            case "put":
                container[name] = draw(ODD)
            case "remove":
                del container[name]
            case "again" if isinstance(container, list):
                container.append(container[name])
            case _:
                event[draw(st.sampled_from(sorted(MEMBERS)))] = draw(ODD)
        if not event:
            break
    return event


MEMBERS = {name for event in EVENTS for name in event} | {"ilmd", "transformationID", "childEPCs"}


@settings(max_examples=500)
@given(tampered())
def test_what_is_sound_breaks_no_rule(event: Any) -> None:
    if is_sound(event):
        assert rule_issues(event) == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
def test_usual_events_are_sound(event: Any) -> None:
    assert is_sound(event)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "1969-12-31T23:59:59.999Z"},
        {"eventTime": "2026-13-01T00:00:00Z"},
        {"type": "OwnEvent"},
        {"epcList": [f"{GTIN[:-1]}4/21/1"]},
        {"epcList": [f"{GTIN}/21/1", "urn:epc:id:sgtin:952114.0123456.1"] * 2},
        {"epcList": [], "quantityList": []},
        {"readPoint": {"id": "https://id.gs1.org/414/9521141000002"}},
        {"ilmd": {}},
        {"quantityList": [{"epcClass": GTIN, "quantity": Number("-1"), "uom": "KGM"}]},
        {"quantityList": [{"epcClass": GTIN, "quantity": Number("0.5")}]},
        {"quantityList": [{"epcClass": GTIN, "uom": "KGM"}]},
        {"sensorElementList": [{"sensorReport": [{"deviceID": "urn:epc:id:giai:x"}]}]},
    ],
    ids=str,
)
def test_what_breaks_a_rule_is_not_sound(change: Any) -> None:
    event: Any = from_plain(SENSED) | change  # type: ignore[operator]
    assert rule_issues(event)
    assert not is_sound(event)


@pytest.mark.parametrize("path", sorted(DATA.glob("epcis-hash/*.jsonld")), ids=lambda p: p.name)
def test_published_documents_are_judged_alike(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = read(path.read_bytes())
    found = all_issues(document)
    monkeypatch.setattr("core.epcis.validate.is_sound", lambda raw: False)
    assert found == all_issues(document)
    assert events_of(document)


TIMES = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-2][0-9]:[0-6][0-9])",
    fullmatch=True,
)


@settings(max_examples=500)
@given(TIMES)
def test_both_ways_read_the_same_time(text: str) -> None:
    assert event_time_ms(text) == _carefully(text)


@given(st.text("0123456789", max_size=40))
def test_a_check_digit_is_what_the_standard_adds_up(digits: str) -> None:
    total = sum(int(d) * (1 if n % 2 else 3) for n, d in enumerate(reversed(digits)))
    assert int(check_digit(digits)) == -total % 10


@pytest.mark.parametrize("text", ["12a", "²", "٣", " 1"])
def test_only_digits_have_a_check_digit(text: str) -> None:
    with pytest.raises(ValueError, match="not digits"):
        check_digit(text)


def test_a_long_text_is_no_key_of_a_cache() -> None:
    """A million of them must not stay in memory."""
    long = "urn:example:" + "x" * 10_000
    before = identifiers._remembered.cache_info().currsize
    assert identifiers.normalize(long) == long
    assert identifiers._remembered.cache_info().currsize == before
    time = f"2026-04-17T09:26:42.{'1' * 10_000}Z"
    held = timestamps._remembered.cache_info().currsize
    assert timestamps.to_millis(time) == 1_776_418_002_111
    assert timestamps._remembered.cache_info().currsize == held
    assert rules.rule_issues({"type": "ObjectEvent", "eventTime": time, "epcList": [long]}) == []
