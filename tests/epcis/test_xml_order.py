"""Elements of XML stand in the order of the XSD, or are refused; they are read all the same.

an event
├── two neighbours swapped, whichever -> refused at that place, and its JSON is the same
├── of EPCIS 1.0 inside an extension, or an empty list that must not be -> refused
├── an extension before a standard element -> refused, but not in an errorDeclaration
└── as published -> taken
"""

import copy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document.lexical import canonical
from core.epcis.stream import Stream
from core.epcis.validate import all_issues, validate_document
from core.epcis.xml import read_document
from core.errors import InvalidDocument

DATA = Path(__file__).parents[1] / "data"
PATHS = [
    DATA / "epcis-hash/ReferenceEventHashAlgorithm.xml",
    DATA / "epcis-hash/epcisDocWithShippingAndTransportingEvent.xml",
    DATA / "epcis-hash/persistentDisposition.xml",
    DATA / "epcis-xml/AggregationEvent.xml",
]


def written(root: ElementTree.Element) -> bytes:
    return ElementTree.tostring(root)


def rules(data: bytes) -> list[tuple[str, str]]:
    return [(one.rule, one.pointer) for one in all_issues(read_document(data))]


@given(path=st.sampled_from(PATHS), place=st.integers(0, 10_000))
def test_neighbours_that_are_swapped_are_refused(path: Path, place: int) -> None:
    root = ElementTree.parse(path).getroot()
    before: Any = read_document(written(root))
    parents = [
        (event, n)
        for event in next(root.iter("EventList"))
        for n in range(len(event) - 1)
        if event.tag.endswith("Event") and not event[n].tag.startswith("{")
    ]
    event, n = parents[place % len(parents)]
    other = copy.deepcopy(event[n])
    event.remove(event[n])
    event.insert(n + 1, other)
    after: Any = read_document(written(root))
    assert canonical(after["epcisBody"]) == canonical(before["epcisBody"])
    assert [rule for rule, _ in rules(written(root))] == ["schema.order"]


def document(event: str) -> bytes:
    return (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:ex="https://ex.com/" '
        'schemaVersion="2.0" creationDate="2026-04-20T10:00:00Z"><EPCISBody><EventList>'
        f"<ObjectEvent>{event}</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


HEAD = (
    "<eventTime>2026-04-17T09:26:42Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
)
EPCS = "<epcList><epc>urn:epc:id:sgtin:0614141.107346.2017</epc></epcList><action>OBSERVE</action>"
READ_POINT = "<readPoint>{}</readPoint>"
ID = "<id>urn:epc:id:sgln:0614141.07346.1234</id>"
LOT = "<epcClass>urn:epc:class:lgtin:4012345.012345.998877</epcClass>"


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (f"<ex:a/>{HEAD}{EPCS}", ""),
        (HEAD + EPCS + READ_POINT.format("<ex:a/>" + ID), "/readPoint"),
        (f"{HEAD}{EPCS}<quantityList><quantityElement><quantity>1</quantity>{LOT}</quantityElement>"
         "</quantityList>", "/quantityList/0"),
        (f"{HEAD}{EPCS}<persistentDisposition><set>urn:epcglobal:cbv:disp:damaged</set><unset>"
         "urn:epcglobal:cbv:disp:active</unset></persistentDisposition>", "/persistentDisposition"),
        (f"{HEAD}{EPCS}<sensorElementList><sensorElement><sensorReport type='gs1:Mass'/>"
         "<sensorMetadata time='2026-04-17T09:26:42Z'/></sensorElement></sensorElementList>",
         "/sensorElementList/0"),
    ],
)  # fmt: skip
def test_each_place_has_an_order(event: str, place: str) -> None:
    data = document(event)
    assert rules(data) == [("schema.order", f"/epcisBody/eventList/0{place}")]
    with pytest.raises(InvalidDocument) as caught:
        validate_document(data)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("event", "finding"),
    [
        (f"{HEAD}{EPCS}<extension><bizStep>urn:x:y</bizStep></extension>", ("schema.order", "")),
        (HEAD + EPCS + READ_POINT.format(f"<extension>{ID}</extension>"),
         ("schema.order", "/readPoint")),
        (HEAD + EPCS + READ_POINT.format(f"{ID}<name>x</name>"),
         ("schema.propertyNames", "/readPoint/name")),
        (f"{HEAD}{EPCS}<bizTransactionList/>", ("schema.minItems", "/bizTransactionList")),
        (f"{HEAD}{EPCS}<extension><sourceList> </sourceList></extension>",
         ("schema.minItems", "/sourceList")),
    ],
)  # fmt: skip
def test_what_only_the_xsd_forbids_is_found(event: str, finding: tuple[str, str]) -> None:
    assert rules(document(event)) == [(finding[0], "/epcisBody/eventList/0" + finding[1])]


def test_a_stream_and_a_single_event_are_judged_alike(tmp_path: Path) -> None:
    file = tmp_path / "document.xml"
    file.write_bytes(document(HEAD + EPCS))
    with file.open("rb") as source:
        assert [one.issues for one in Stream(source)] == [()]
    file.write_bytes(document(EPCS + HEAD))
    with file.open("rb") as source:
        [found] = Stream(source)
    assert [one.rule for one in found.issues] == ["schema.order"]
    assert rules(f"<ObjectEvent>{EPCS}{HEAD}</ObjectEvent>".encode()) == [("schema.order", "")]


def test_an_error_declaration_has_none() -> None:
    declared = (
        "<errorDeclaration><ex:a>b</ex:a><reason>urn:epcglobal:cbv:er:incorrect_data</reason>"
        "<declarationTime>2026-04-17T09:26:42Z</declarationTime></errorDeclaration>"
    )
    assert len(validate_document(document(HEAD + declared + EPCS))) == 1
