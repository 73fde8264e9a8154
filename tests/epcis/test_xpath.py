"""A place in the JSON form, found again in the XML it came from."""

from xml.etree import ElementTree

import pytest

from core.epcis.xml import read_document
from core.epcis.xml.xpath import xpath

OLD = b"""<?xml version="1.0"?>
<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" xmlns:x="https://x.example/"
 schemaVersion="1.2" creationDate="2026-04-17T11:26:42Z"><EPCISBody><EventList>
<ObjectEvent><eventTime>2026-04-17T09:26:42Z</eventTime>
 <eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
 <epcList><epc>urn:epc:id:sgtin:0614141.107346.1</epc><epc>urn:epc:id:sgtin:0614141.107346.2</epc>
 </epcList><action>OBSERVE</action><bizTransactionList>
 <bizTransaction type="urn:epcglobal:cbv:btt:po">urn:po:1</bizTransaction></bizTransactionList>
 <extension><quantityList><quantityElement><epcClass>urn:epc:class:lgtin:0614141.107346.L</epcClass>
 <quantity>5</quantity></quantityElement></quantityList></extension></ObjectEvent>
<extension><TransformationEvent><eventTime>2026-04-17T10:26:42Z</eventTime>
 <eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
 <inputEPCList><epc>urn:epc:id:sgtin:0614141.107346.1</epc></inputEPCList>
 <outputEPCList><epc>urn:epc:id:sgtin:0614141.107346.9</epc></outputEPCList>
</TransformationEvent></extension></EventList></EPCISBody></e:EPCISDocument>"""


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("/0/eventTime", "2026-04-17T09:26:42Z"),
        ("/0/epcList/1", "urn:epc:id:sgtin:0614141.107346.2"),
        ("/0/quantityList/0/epcClass", "urn:epc:class:lgtin:0614141.107346.L"),
        ("/0/quantityList/0/quantity", "5"),
        ("/0/bizTransactionList/0/bizTransaction", "urn:po:1"),
        ("/1/outputEPCList/0", "urn:epc:id:sgtin:0614141.107346.9"),
    ],
)
def test_the_path_leads_to_the_text(pointer: str, text: str):
    at: object = read_document(OLD)
    whole = "/epcisBody/eventList" + pointer
    for step in whole.split("/")[1:]:
        at = at[int(step)] if isinstance(at, list) else at[step]
    assert str(getattr(at, "lexeme", at)) == text
    event, _, inner = xpath(whole).partition("//")
    assert event == f"/*/EPCISBody/EventList/*[{int(pointer[1]) + 1}]"
    events = ElementTree.fromstring(OLD).findall("EPCISBody/EventList/*")
    # ElementTree counts [n] among elements of one name, which is the same below an event only
    [element] = events[int(pointer[1])].findall(f".//{inner}")
    assert element.text == text


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/epcisBody/eventList/2", "/*/EPCISBody/EventList/*[3]"),
        ("/epcisBody/eventList/0/type", "/*/EPCISBody/EventList/*[1]"),
        ("/epcisBody/eventList", "/*/EPCISBody/EventList"),
        ("/epcisBody/eventList/0/sourceList/1/type",
         "/*/EPCISBody/EventList/*[1]//sourceList/source[2]/@type"),
        ("/epcisBody/eventList/0/sensorElementList/0/sensorReport/1/uom",
         "/*/EPCISBody/EventList/*[1]//sensorElementList/sensorElement[1]/sensorReport[2]/@uom"),
        ("/epcisBody/eventList/0/x:lot", "/*/EPCISBody/EventList/*[1]//*[local-name()='lot']"),
        ("/eventTime", "/*//eventTime"),
        ("", "/*"),
    ],
)  # fmt: skip
def test_other_places(pointer: str, path: str):
    assert xpath(pointer) == path
