"""JSON written as XML and read again is the same JSON: every published event, and odd ones."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document.lexical import LexicalObject, Number, canonical, parse_event
from core.epcis.xml import is_xml, read_document
from core.epcis.xml.words import Spelling
from core.epcis.xml.writer import query_document
from core.errors import BadInput

DATA = Path(__file__).parents[1] / "data"
CONTEXT: Any = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/", "other": "urn:other:"},
]
BASE: LexicalObject = {
    "@context": CONTEXT,
    "type": "ObjectEvent",
    "eventTime": "2026-04-17T09:26:42.000-04:00",
    "eventTimeZoneOffset": "-04:00",
    "action": "OBSERVE",
    "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
}


def published(folder: Path) -> list[tuple[str, LexicalObject]]:
    """Every event of a folder's documents, whether it keeps all rules or not."""
    found = []
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".jsonld", ".json", ".xml") and "CaptureJob" not in str(path):
            found += [(path.name, event) for event in events_of(path.read_bytes())]
    return found


def events_of(data: bytes) -> list[LexicalObject]:
    try:
        document: Any = read_document(data) if is_xml(data) else parse_event(data)
    except BadInput:  # not of events, or a name stands twice in an object
        return []
    body = document.get("epcisBody", {})
    results = body.get("queryResults", {}).get("resultsBody", body)
    events = results.get("eventList", [results["event"]] if "event" in results else [])
    events = events or ([document] if "eventTime" in document else [])
    return [{"@context": document["@context"]} | one for one in events]


def there_and_back(event: LexicalObject, spelling: Spelling = Spelling.URN) -> Any:
    text = query_document([event], {"queryName": "q"}, "2026-04-20T10:00:00Z", spelling)
    document: Any = read_document(text.encode())
    (found,) = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def test_every_published_event_comes_back(gs1_examples: Path | None) -> None:
    folders = [DATA / "epcis-hash", DATA / "epcis-xml", *([gs1_examples] if gs1_examples else [])]
    events = [one for folder in folders for one in published(folder)]
    assert len(events) > (190 if gs1_examples else 80)
    changed = [
        name for name, event in events if canonical(there_and_back(event)) != canonical(event)
    ]
    assert changed == []


NAMES = st.sampled_from(["ex:a", "ex:b", "other:c", "undeclared:d", "ex:1 <odd>", "rdf:value"])
SCALARS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.booleans()
    | st.none()
    | st.sampled_from(["1.50", "-0", "2E+3", "007"]).map(str)
    | st.sampled_from(["1.50", "-0", "2E+3", "100000000000000000000.1"]).map(Number)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
EXTENSIONS = st.dictionaries(NAMES, VALUES, max_size=4)


@given(EXTENSIONS, EXTENSIONS, EXTENSIONS)
def test_extensions_of_any_shape_come_back(top: Any, ilmd: Any, report: Any) -> None:
    report = {name: value for name, value in report.items() if "<" not in name}
    sensor = {"sensorReport": [{"type": "Temperature", "value": Number("26.0"), **report}]}
    event = BASE | top | {"ilmd": ilmd, "sensorElementList": [sensor]}
    assert canonical(there_and_back(event)) == canonical(event)


@pytest.mark.parametrize(
    ("spelling", "uri"),
    [
        (Spelling.URN, "urn:epcglobal:cbv:bizstep:shipping"),
        (Spelling.WEB_URI, "https://ref.gs1.org/cbv/BizStep-shipping"),
    ],
)
def test_words_are_spelled_as_asked(spelling: Spelling, uri: str) -> None:
    event = BASE | {"bizStep": "shipping"}
    text = query_document([event], {"queryName": "q"}, "2026-04-20T10:00:00Z", spelling)
    assert f"<bizStep>{uri}</bizStep>" in text


def test_a_document_of_two_contexts_keeps_them_apart() -> None:
    second = BASE | {"@context": [CONTEXT[0], {"ex": "https://elsewhere.example/"}], "ex:a": "2"}
    events = [BASE | {"ex:a": "1"}, second]
    text = query_document(events, {"queryName": "q"}, "2026-04-20T10:00:00Z", Spelling.URN)
    document: Any = read_document(text.encode())
    assert document["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == events
