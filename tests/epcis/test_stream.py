"""A document that is checked as it streams is judged as one that is read whole.

given any cut of the bytes
├── every event and what is around them come out as they went in
├── the same issues are found, at the same places, however many
└── what no reader can take is refused: a duplicate name, NaN, a BOM, depth, an end too early
"""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document.lexical import parse_event
from core.epcis import json_stream
from core.epcis.json_stream import JsonEvents
from core.epcis.stream import Stream
from core.epcis.validate import all_issues, events_of, first_look, read
from core.errors import InvalidDocument, Malformed

DATA = Path(__file__).parents[1] / "data"
DOCUMENTS = [
    path
    for path in sorted([*DATA.glob("epcis-hash/*.jsonld"), *DATA.glob("epcis-*/*.xml")])
    if b"EPCISDocument" in path.read_bytes()
]
"""Query answers and bare events are not what streams are for."""
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2026-04-17T09:26:42Z",
    "eventTimeZoneOffset": "+00:00",
    "action": "OBSERVE",
    "epcList": ["https://id.gs1.org/01/09521141234563/21/1"],
}


def document(*events: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-17T09:26:42Z",
        "epcisBody": {"eventList": list(events)},
    }


class Dribble(io.BytesIO):
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self._size, size if size and size > 0 else self._size))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_published_documents_stream_to_what_they_are(path: Path) -> None:
    data = path.read_bytes()
    try:
        whole = read(data)
    except InvalidDocument as error:
        with pytest.raises(InvalidDocument, match=error.message[:20]):
            list(Stream(io.BytesIO(data)))
        return
    stream = Stream(io.BytesIO(data))
    checked = list(stream)
    assert [one for some in checked for one in some.events] == [one for _, one in events_of(whole)]
    found = [issue for some in checked for issue in some.issues] + stream.around_issues()
    assert set(found) == set(first_look(whole) or all_issues(whole))
    assert len(found) == len(set(found))


TRICKY = st.recursive(
    st.sampled_from(["]", "[", "{", "}", '"', "\\", '\\"', ",", "é", "\u0000", "epcisBody"])
    | st.text(max_size=5),
    lambda inner: (
        st.dictionaries(st.text(max_size=3), inner, max_size=3) | st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(
    st.lists(st.dictionaries(st.text(max_size=3), TRICKY, max_size=3), max_size=4),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_any_cut_gives_the_same_events(
    events: list[dict[str, Any]], size: int, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(document(*events) | {"more": [[{}]]}, ensure_ascii=ascii_only, indent=indent)
    reader = JsonEvents(Dribble(text.encode(), size))
    assert [json.loads(event) for event in reader] == events
    assert json.loads(reader.around) == document() | {"more": [[{}]]}


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_ten_thousand_errors_are_all_found(size: int) -> None:
    count = 10_000 if size > 7 else 20
    bad = EVENT | {"bizStep": "no step"}
    stream = Stream(Dribble(json.dumps(document(*[bad] * count)).encode(), size))
    issues = [issue for some in stream for issue in some.issues]
    assert [issue.pointer for issue in issues] == [
        f"/epcisBody/eventList/{n}/bizStep" for n in range(count)
    ]


SOUP = st.text('{}[]",\\\\a ', max_size=40)


@settings(max_examples=500)
@given(st.lists(SOUP | st.just("[" * 9 + "]" * 9), min_size=1, max_size=4), st.integers(1, 60))
def test_whole_events_are_cut_where_their_brackets_are_even(soups: list[str], size: int) -> None:
    """A pattern of a whole event against counting, on what need be no JSON."""
    events = ",".join("{" + soup + "}" for soup in soups)
    data = ('{"epcisBody":{"eventList":[' + events + "]}}").encode()
    with pytest.MonkeyPatch.context() as patch:
        quick = _cut(Dribble(data, size))
        patch.setattr(json_stream, "_WHOLE", re.compile(b"(?!)"))
        assert quick == _cut(Dribble(data, size))


def _cut(source: io.BytesIO) -> tuple[list[bytes], str]:
    events: list[bytes] = []
    try:
        events.extend(reader := JsonEvents(source))
    except Malformed as error:
        return events, error.message
    return events, reader.around.decode()


def test_the_first_thing_wrong_is_told_first() -> None:
    """A broken event is read together with others, and with a list that does not end."""
    good, bad = json.dumps(EVENT), '{"a":1,"a":2}'
    data = '{"epcisBody":{"eventList":[' + ",".join([*[good] * 3, bad, good])
    with pytest.raises(Malformed, match="stands twice") as caught:
        _read(data.encode())
    assert caught.value.pointer == "/epcisBody/eventList/3"


BROKEN = {
    "nothing": b"",
    "byte order mark": b"\xef\xbb\xbf{}",
    "no end": b'{"epcisBody":{"eventList":[{"a":1}',
    "no end in a string": b'{"epcisBody":{"eventList":[{"a":"',
    "two commas": b'{"epcisBody":{"eventList":[{"a":1},,{"a":1}]}}',
    "no comma": b'{"epcisBody":{"eventList":[{"a":1}{"a":1}]}}',
    "a comma at the end": b'{"epcisBody":{"eventList":[{"a":1},]}}',
    "a number for an event": b'{"epcisBody":{"eventList":[1]}}',
    "a name twice in an event": b'{"epcisBody":{"eventList":[{"a":1,"a":2}]}}',
    "a name twice": b'{"epcisBody":{"eventList":[{"a":1}],"eventList":[]}}',
    "NaN": b'{"epcisBody":{"eventList":[{"a":NaN}]}}',
    "half a surrogate pair": b'{"epcisBody":{"eventList":[{"a":"\\ud800"}]}}',
    "not UTF-8": b'{"epcisBody":{"eventList":[{"a":"\xff"}]}}',
    "brackets that do not match": b'{"epcisBody":{"eventList":[{"a":[}]}]}}',
    "something behind": b'{"epcisBody":{"eventList":[{"a":1}]}} {}',
    "100,000 levels in an event": b'{"epcisBody":{"eventList":[{"a":' + b"[" * 100_000,
    "100,000 levels": b"[" * 100_000,
    "a list": b"[]",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_document_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        _read(data)


def _read(data: bytes) -> None:
    stream = Stream(io.BytesIO(data))
    for _ in stream:
        pass
    stream.around_issues()


def test_depth_counts_from_the_root() -> None:
    deep: Any = 1
    for _ in range(59):
        deep = [deep]
    for levels, taken in ((deep, True), ([[deep]], False)):
        data = json.dumps(document(EVENT | {"ex:deep": levels})).encode()
        for reader in (lambda d: list(Stream(io.BytesIO(d))), parse_event):
            if taken:
                reader(data)
            else:
                with pytest.raises(Malformed, match="64 levels"):
                    reader(data)


def test_no_piece_is_held_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST", 1_000)
    monkeypatch.setattr(json_stream, "READ", 100)
    for large in (document(EVENT | {"ex:a": "x" * 2_000}), document(EVENT) | {"ex:a": "x" * 2_000}):
        with pytest.raises(Malformed, match="1000 bytes"):
            list(Stream(io.BytesIO(json.dumps(large).encode())))
