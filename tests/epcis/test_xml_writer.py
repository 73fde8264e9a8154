"""JSON written as XML and read again is the same JSON: every published event, and odd ones."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

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
    sensor = {"sensorReport": [{"type": "Temperature", "value": Number("26.0"), **report}]}
    event = BASE | top | {"ilmd": ilmd, "sensorElementList": [sensor], "sourceList": []}
    found = there_and_back(event)
    assert canonical(found) == canonical(event)
    assert type(found) is dict, "it is in the XSD's order"


STANDARD = st.sampled_from(
    [
        *("eventTime", "epcList", "quantityList", "bizTransactionList", "sourceList", "bizStep"),
        *("readPoint", "errorDeclaration", "persistentDisposition", "sensorElementList", "ilmd"),
        *("extension", "baseExtension"),
    ]
)
INNER = st.sampled_from(
    [
        *("id", "type", "source", "bizTransaction", "epcClass", "quantity", "uom", "set", "unset"),
        *("reason", "declarationTime", "correctiveEventIDs", "sensorMetadata", "sensorReport"),
        *("bizStep", "value", "component", "extension", "ex:a", "1"),
    ]
)
WORDS = st.sampled_from(
    [
        *("shipping", "urn:epcglobal:cbv:bizstep:shipping", "cbv:Comp-x", "x", "gs1:Temperature"),
        *("Temperature", " urn:x:y ", "urn:epcglobal:cbv:er:did_not_occur", ""),
    ]
)
SHAPES = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(STANDARD, SHAPES, max_size=4))
def test_standard_members_of_any_shape_come_back(members: Any) -> None:
    """What others record on chain need not have the standard's shape."""
    event = BASE | members
    assert canonical(there_and_back(event)) == canonical(event)


def test_others_can_read_what_is_marked() -> None:
    """Marks stand beside values that the XSD allows: a decimal, a URI."""
    quantities: Any = [{"epcClass": "urn:x:y", "quantity": Number("1.5E+3"), "uom": "KGM"}]
    report: Any = {"type": "gs1:Angle", "component": "cbv:Comp-latitude", "ex:1": "kept"}
    event = BASE | {
        "quantityList": quantities,
        "sensorElementList": [{"sensorReport": [report]}],
    }
    text = query_document([event], {"queryName": "q"}, "2026-04-20T10:00:00Z", Spelling.URN)
    assert "<quantity>1500</quantity>" in text
    assert '<sensorReport type="gs1:Angle" component="cbv:Comp-latitude" j:' in text
    assert there_and_back(event) == event


@pytest.mark.parametrize(
    "exponents",
    ['{"quantityList/0":2e3}', '{"quantityList/7":1e3}', '{"a/b":1e3}', "[1]", '{"":1}'],
)
def test_a_spelling_is_not_another_number(exponents: str) -> None:
    quantities: Any = [{"epcClass": "urn:x:y", "quantity": Number("1e3")}]
    event = BASE | {"quantityList": quantities}
    text = query_document([event], {"queryName": "q"}, "2026-04-20T10:00:00Z", Spelling.URN)
    mark = "{&quot;quantityList/0&quot;:1e3}"
    other = text.replace(f'"{mark}"', quoteattr(exponents)).replace(
        "'{\"quantityList/0\":1e3}'", quoteattr(exponents)
    )
    assert other != text
    with pytest.raises(BadInput, match="not the quantity's"):
        read_document(other.encode())


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
