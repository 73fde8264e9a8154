"""EPCIS XML of 1.2 and 2.0 in the JSON form: complete, exact, and safe to read from strangers.

test_hash.py compares the event hashes of 13 XML documents with the reference generator's.
"""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.document.lexical import LexicalObject, Number
from core.epcis.validate import validate_document
from core.epcis.xml import is_xml, read_document
from core.epcis.xml.document import Reader
from core.epcis.xml.words import Spelling
from core.epcis.xml.writer import query_document
from core.errors import InvalidDocument, Malformed

DATA = Path(__file__).parents[1] / "data" / "epcis-xml"

BREAKS_A_RULE = {
    "All_eventTypes_in_single_document": "gs1.check_digit",
    "Jumbled_attributes_order": "schema.order",
    "ObjectEvent_all_possible_fields": "schema.anyOf",
    "TransactionEvent_all_possible_fields": "schema.format",
}
"""OpenEPCIS' 1.2 documents that are wrong by the standard itself: a GRAI, elements out of order, a
certificate that is no URI, a time without seconds."""


def test_a_query_document_keeps_what_it_tells_of_its_query() -> None:
    about = {"queryName": "shipped today", "subscriptionID": "urn:uuid:7"}
    written_ = query_document([], about, "2026-04-17T09:26:42Z", Spelling.URN)
    document: Any = read_document(written_.encode())
    results = document["epcisBody"]["queryResults"]
    assert results == {**about, "resultsBody": {"eventList": []}}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda p: p.stem)
def test_documents_of_1_2_are_captured(path: Path) -> None:
    expected = BREAKS_A_RULE.get(path.stem)
    if expected is None:
        assert validate_document(path.read_bytes())
        return
    with pytest.raises(InvalidDocument) as caught:
        validate_document(path.read_bytes())
    assert caught.value.issues[0].rule == expected


def event(body: str, kind: str = "ObjectEvent", attributes: str = "") -> LexicalObject:
    """The one event of a document with this body."""
    document: Any = read_document(written(f"<{kind}>{body}</{kind}>", attributes))
    (found,) = document["epcisBody"]["eventList"]
    return found  # type: ignore[no-any-return]


def written(events: str, attributes: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" '
        f'schemaVersion="1.2" creationDate="2026-04-20T10:00:00Z" {attributes}>'
        f"<EPCISBody><EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


def test_what_1_2_hides_in_extensions_stands_in_the_open() -> None:
    found = event(
        "<baseExtension><eventID>urn:uuid:1</eventID></baseExtension>"
        "<extension><ilmd/><extension><persistentDisposition><set>urn:epcglobal:cbv:disp:active"
        "</set></persistentDisposition></extension></extension>"
    )
    assert found["eventID"] == "urn:uuid:1"
    assert found["ilmd"] == {}
    assert found["persistentDisposition"] == {"set": ["active"]}
    assert "extension" not in found


def test_events_that_1_2_wraps_are_events() -> None:
    data = written(
        "<extension><TransformationEvent><inputEPCList><epc>urn:x:1</epc></inputEPCList>"
        "</TransformationEvent></extension>"
        "<extension><extension><AssociationEvent/></extension></extension>"
    )
    document: Any = read_document(data)
    assert [e["type"] for e in document["epcisBody"]["eventList"]] == [
        "TransformationEvent",
        "AssociationEvent",
    ]


@pytest.mark.parametrize(
    ("text", "lexeme"),
    [("26.0", "26.0"), ("+5", "5"), (".50", "0.50"), ("5.", "5"), ("007", "7"), ("-1E3", "-1e3")],
)
def test_numbers_keep_their_digits(text: str, lexeme: str) -> None:
    found: Any = event(
        "<extension><quantityList><quantityElement><epcClass>urn:x</epcClass>"
        f"<quantity>{text}</quantity></quantityElement></quantityList></extension>"
    )
    assert found["quantityList"][0]["quantity"] == Number(lexeme)


def test_an_unknown_quantity_is_left_out() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = (
        "<quantityList><quantityElement><epcClass>urn:x</epcClass>"
        '<quantity xsi:nil="true"/></quantityElement></quantityList>'
    )
    assert event(body, attributes=xsi)["quantityList"] == [{"epcClass": "urn:x"}]


def test_extensions_keep_names_order_repetition_and_attributes() -> None:
    spaces = 'xmlns:a="http://a.example/" xmlns:mda="urn:epcglobal:cbv:mda"'
    document: Any = read_document(
        written(
            "<ObjectEvent><a:x>1</a:x><a:x>2</a:x>"
            '<b:x xmlns:b="http://b.example/" unit="KGM">3.50</b:x>'
            '<a:y xmlns:a="http://other.example/"><z>deep</z></a:y>'
            "<ilmd><mda:lotNumber>00123</mda:lotNumber></ilmd></ObjectEvent>",
            spaces,
        )
    )
    (found,) = document["epcisBody"]["eventList"]
    assert found == {
        "type": "ObjectEvent",
        "a:x": ["1", "2"],
        "b:x": {"b:unit": "KGM", "rdf:value": "3.50"},
        "a2:y": {"z": "deep"},
        "ilmd": {"cbvmda:lotNumber": "00123"},
    }
    declared = {k: v for part in document["@context"][1:] for k, v in part.items()}
    assert declared["a"] == "http://a.example/"
    assert declared["a2"] == "http://other.example/"


def test_words_of_sensor_reports_are_bare_and_others_whole() -> None:
    found: Any = event(
        '<sensorElementList><sensorElement><sensorMetadata time="2026-04-20T10:00:00Z"/>'
        '<sensorReport type="gs1:Temperature" value="26.0" component="cbv:Comp-northing" '
        'booleanValue="1"/><sensorReport type="https://example.com/Taste"/></sensorElement>'
        "</sensorElementList>"
    )
    assert found["sensorElementList"] == [
        {
            "sensorMetadata": {"time": "2026-04-20T10:00:00Z"},
            "sensorReport": [
                {
                    "type": "Temperature",
                    "value": Number("26.0"),
                    "component": "northing",
                    "booleanValue": True,
                },
                {"type": "https://example.com/Taste"},
            ],
        }
    ]


def test_master_data_and_addresses_travel_along() -> None:
    document: Any = read_document((DATA / "GS1_US_Pharma_Example_2_2_1_1.xml").read_bytes())
    assert document["sender"] == "urn:epc:id:sgln:030001.111111.0"
    assert document["instanceIdentifier"] == "1100220001"
    first = document["epcisHeader"]["epcisMasterData"]["vocabularyList"][0]
    assert first["type"] == "urn:epcglobal:epcis:vtype:EPCClass"
    unit = first["vocabularyElementList"][0]
    assert unit["id"] == "urn:epc:idpat:sgtin:030001.0012345.*"
    assert unit["attributes"][0] == {
        "id": "urn:epcglobal:cbv:mda#additionalTradeItemIdentification",
        "attribute": "0001-0123-45",
    }


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>',
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "external DTD entity": '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/">%e;]><x/>',
    "deep nesting": written("<ObjectEvent>" + "<a>" * 100).decode(),
    "not closed": written("<ObjectEvent>").decode()[:-30],
    "two roots": "<x/><x/>",
    "no number": written(
        "<ObjectEvent><quantityList><quantityElement><quantity>NaN</quantity></quantityElement>"
        "</quantityList></ObjectEvent>"
    ).decode(),
    "no truth": written(
        '<ObjectEvent><sensorElementList><sensorElement><sensorReport booleanValue="maybe"/>'
        "</sensorElement></sensorElementList></ObjectEvent>"
    ).decode(),
    "unknown encoding": '<?xml version="1.0" encoding="KLINGON"?><x/>',
    "another encoding than it says": '<?xml version="1.0" encoding="UTF-16"?><x/>',
    "undeclared prefix": "<e:EPCISDocument/>",
    "control character": "<x>\x01</x>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises((Malformed, InvalidDocument)) as caught:
        validate_document(HOSTILE[name].encode())
    assert caught.value.hint


def test_nested_documents_are_refused_before_their_entities_are_read() -> None:
    with pytest.raises(Malformed, match="EntitiesForbidden"):
        read_document(HOSTILE["external entity"].encode())


@pytest.mark.parametrize("root", ["html", "EPCISDocument", "EPCISCaptureJob"])
def test_xml_of_another_kind_is_refused(root: str) -> None:
    with pytest.raises(InvalidDocument, match="not an EPCISDocument"):
        read_document(f"<{root}/>".encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_xml_is_known_by_its_first_character(encoding: str) -> None:
    assert is_xml("\n<x/>".encode(encoding))
    assert not is_xml('{"a": 1}'.encode(encoding))


class Endless(io.RawIOBase):
    """A document of so many events, made while it is read."""

    def __init__(self, events: int) -> None:
        self._parts = self._written(events)
        self._rest = b""

    def _written(self, events: int) -> Iterator[bytes]:
        head, tail = written("|").split(b"|")
        yield head
        for number in range(events):
            yield b"<ObjectEvent><epcList><epc>urn:x:%d</epc></epcList></ObjectEvent>" % number
        yield tail

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def test_memory_does_not_grow_with_the_document() -> None:
    def peak(events: int) -> int:
        tracemalloc.start()
        count = sum(1 for _ in Reader(Endless(events)))  # type: ignore[arg-type]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == events
        return most

    peak(10)  # what is loaded once
    assert peak(4_000) < 2 * peak(400)
