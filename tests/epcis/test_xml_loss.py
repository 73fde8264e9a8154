"""Nothing of an event's XML is lost without a word: what its JSON form cannot hold is refused.

something unknown in an event
├── an attribute of another namespace, on an object of the standard -> an extension
├── an attribute without one, text between elements, a strange item of a list -> refused
└── anything anywhere -> kept, or refused
something unknown around the events
└── a misspelled list, or text -> refused
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document.lexical import canonical
from core.epcis.schema import schema_issues
from core.epcis.xml import read_document
from core.errors import Malformed

DATA = Path(__file__).parents[1] / "data"
DOCUMENTS = sorted([*(DATA / "epcis-xml").glob("*.xml"), *(DATA / "epcis-hash").glob("*.xml")])
MARK = "zq-mark"
NAMESPACE = "https://ns.example.com/zq"


def document(event: str, around: str = "") -> bytes:
    return (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:ex="https://ex.com/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" schemaVersion="2.0" '
        f'creationDate="2026-04-20T10:00:00Z"><EPCISBody>{around}<EventList>{event}</EventList>'
        "</EPCISBody></epcis:EPCISDocument>"
    ).encode()


def read(event: str) -> Any:
    found: Any = read_document(document(event))
    return found["epcisBody"]["eventList"][0]


def test_attributes_of_other_namespaces_are_extensions() -> None:
    found = read(
        '<ObjectEvent ex:a="1"><errorDeclaration ex:b="2"><reason>x</reason></errorDeclaration>'
        '<ilmd ex:c="3"><ex:d xsi:nil="true" ex:e="4"/></ilmd>'
        '<sensorElementList><sensorElement><sensorReport type="gs1:Temperature" ex:f="5">seen'
        "</sensorReport></sensorElement></sensorElementList></ObjectEvent>"
    )
    assert found["ex:a"] == "1"
    assert found["errorDeclaration"] == {"ex:b": "2", "reason": "x"}
    assert found["ilmd"] == {"ex:c": "3", "ex:d": {"ex:e": "4", "rdf:value": None}}
    [sensor] = found["sensorElementList"]
    assert sensor["sensorReport"] == [{"type": "Temperature", "ex:f": "5", "rdf:value": "seen"}]


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ('<ObjectEvent action="ADD"/>', "action"),
        ('<ObjectEvent xmlns:p="urn:epcglobal:epcis:xsd:2" p:action="ADD"/>', "action"),
        ("<ObjectEvent>told<action>ADD</action></ObjectEvent>", "ObjectEvent"),
        ("<ObjectEvent><action>ADD</action>told</ObjectEvent>", "ObjectEvent"),
        ("<ObjectEvent/>told<ObjectEvent/>", "ObjectEvent"),
        ('<ObjectEvent><extension ex:a="1"><ilmd/></extension></ObjectEvent>', "ex:a"),
        ("<ObjectEvent><epcList><ecp>urn:a:b</ecp></epcList></ObjectEvent>", "ecp"),
        ("<ObjectEvent><epcList><epc>urn:a:b<ex:c/></epc></epcList></ObjectEvent>", "ex:c"),
        ('<ObjectEvent><bizStep ex:a="1">urn:a:b</bizStep></ObjectEvent>', "ex:a"),
        ("<ObjectEvent><sourceList><destination>urn:a:b</destination></sourceList></ObjectEvent>",
         "destination"),
        ('<ObjectEvent><sourceList><source type="urn:x:y" kind="z">urn:a:b</source></sourceList>'
         "</ObjectEvent>", "kind"),
        ("<ObjectEvent><quantityList><quantityElement><quantity xsi:nil='true'><ex:c/></quantity>"
         "</quantityElement></quantityList></ObjectEvent>", "ex:c"),
        ("<ObjectEvent><ex:a>one <ex:b>two</ex:b> three</ex:a></ObjectEvent>", "ex:a"),
        ("<ObjectEvent><ex:a xsi:nil='true'>one</ex:a></ObjectEvent>", "ex:a"),
        ("<ObjectEvent><sensorElementList><sensorElement><sensorReport><ex:c/></sensorReport>"
         "</sensorElement></sensorElementList></ObjectEvent>", "ex:c"),
    ],
)  # fmt: skip
def test_what_json_has_no_place_for_is_refused(event: str, name: str) -> None:
    with pytest.raises(Malformed, match="cannot be kept") as caught:
        read(event)
    assert (caught.value.pointer, bool(caught.value.hint)) == (name, True)


@pytest.mark.parametrize("around", ["told", "<EventsList><ObjectEvent/></EventsList>"])
def test_what_would_hide_events_is_refused(around: str) -> None:
    with pytest.raises(Malformed, match="cannot be kept"):
        read_document(document("<ObjectEvent/>", around))


def test_only_white_space_of_xml_is_layout() -> None:
    found = read("<ObjectEvent><ex:a>\n\t\u00a0kept\u2003 </ex:a></ObjectEvent>")
    assert found["ex:a"] == "\u00a0kept\u2003"


@given(
    path=st.sampled_from(DOCUMENTS),
    place=st.integers(min_value=0, max_value=10_000),
    kind=st.sampled_from(
        ["attribute", "extension attribute", "text", "tail", "element", "extension element"]
    ),
)
def test_a_mark_anywhere_in_an_event_is_kept_or_refused(path: Path, place: int, kind: str) -> None:
    root = ElementTree.parse(path).getroot()
    found = [*root.iter("EventList"), root][0]
    inside = [element for event in found for element in event.iter()]
    marked(inside[place % len(inside)], kind)
    try:
        read_ = read_document(ElementTree.tostring(root))
    except Malformed:
        return
    assert MARK in canonical(read_) or schema_issues(read_), f"{kind} is lost"


def marked(element: ElementTree.Element, kind: str) -> None:
    match kind:
        case "attribute":
            element.set("zq", MARK)
        case "extension attribute":
            element.set(f"{{{NAMESPACE}}}zq", MARK)
        case "text":
            element.text = (element.text or "") + MARK
        case "tail":
            element.tail = (element.tail or "") + MARK
        case "element" | "extension element":
            name = "zq" if kind == "element" else f"{{{NAMESPACE}}}zq"
            ElementTree.SubElement(element, name).text = MARK
