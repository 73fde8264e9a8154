"""Documents: the real supply chain passes; each kind of mistake is named with rule and place."""

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.epcis.model import EpcisEvent, ProductRole, kind_of, product_uris, products
from core.epcis.validate import validate_document
from core.errors import InvalidDocument, Malformed
from core.types import EventKind

FSMA = Path(__file__).parents[1] / "data" / "fsma204"
HASHES = Path(__file__).parents[1] / "data" / "epcis-hash"
RAW_LOT = "https://id.gs1.org/01/00860009999923/10/ABC1234"
CASE_LOT = "https://id.gs1.org/01/10860009999920/10/ABC1234"
SALAD = "https://id.gs1.org/01/10860009998039/10/SALAD-20260420-A"


def events(name: str) -> list[EpcisEvent]:
    return validate_document((FSMA / f"{name}-cte.jsonld").read_bytes())


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("harvest", 2),
        ("cooling", 3),
        ("initial-packing", 5),
        ("shipping", 3),
        ("receiving", 2),
        ("transformation", 1),
        ("first-land-based-receiver", 1),
    ],
)
def test_real_documents_pass(name: str, count: int) -> None:
    assert len(events(name)) == count


def test_harvest_is_read_to_the_millisecond_and_the_letter() -> None:
    first = events("harvest")[0]
    assert kind_of(first) == EventKind.OBJECT
    assert first.event_time_ms == 1776432402000  # 2026-04-17T13:26:42Z
    assert (first.action, first.biz_step, first.disposition) == (
        "ADD",
        "creating_class_instance",
        "active",
    )
    assert first.biz_location == "https://id.gs1.org/414/0860009999060"
    [product] = products(first)
    assert (product.uri, product.role, product.quantity, product.uom) == (
        RAW_LOT,
        ProductRole.OBJECT,
        "25000",
        "LBR",
    )


def test_transformation_leads_from_ingredients_to_salad() -> None:
    [event] = events("transformation")
    assert kind_of(event) == EventKind.TRANSFORMATION
    assert [(p.uri, p.role) for p in products(event)] == [
        (CASE_LOT, ProductRole.INPUT),
        ("https://id.gs1.org/01/10860009998022/10/DEF2345", ProductRole.INPUT),
        (SALAD, ProductRole.OUTPUT),
    ]


def test_aggregation_names_pallet_and_cases() -> None:
    event = events("shipping")[1]
    assert kind_of(event) == EventKind.AGGREGATION
    roles = [p.role for p in products(event)]
    assert roles == [ProductRole.PARENT, ProductRole.CHILD, ProductRole.CHILD]
    assert product_uris(event)[0] == "https://id.gs1.org/00/008600099999850000"


def test_original_is_kept_with_every_number_in_its_spelling() -> None:
    text = one_event(
        epcList=None, quantityList=[{"epcClass": RAW_LOT, "quantity": 0, "uom": "KGM"}]
    )
    text = text.replace('"quantity": 0', '"quantity": 25000.00')
    [event] = validate_document(text)
    assert products(event)[0].quantity == "25000.00"


def base_event() -> dict[str, Any]:
    return {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "ObjectEvent",
        "eventTime": "2026-04-17T09:26:42-04:00",
        "eventTimeZoneOffset": "-04:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": ["https://id.gs1.org/01/00860009999923/21/S1"],
    }


def one_event(**changes: Any) -> str:
    event = {**base_event(), **changes}
    return json.dumps({name: value for name, value in event.items() if value is not None})


def aggregation(**changes: Any) -> str:
    return one_event(
        **{
            "type": "AggregationEvent",
            "epcList": None,
            "parentID": "https://id.gs1.org/00/008600099999850000",
            "childEPCs": ["https://id.gs1.org/01/00860009999923/21/S1"],
            "action": "ADD",
            **changes,
        }
    )


def refusal(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDocument) as caught:
        validate_document(text)
    assert all(issue.message and issue.hint for issue in caught.value.issues)
    return [(issue.rule, issue.pointer) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (one_event(epcList=["https://id.gs1.org/01/00860009999924/21/S1"]),
         ("gs1.check_digit", "/epcList/0")),
        (one_event(epcList=["urn:epc:id:sgtin:086000.99992.S1"]), ("gs1.epc_urn", "/epcList/0")),
        (one_event(readPoint={"id": "https://id.gs1.org/414/0860009999061"}),
         ("gs1.check_digit", "/readPoint/id")),
        (one_event(sourceList=[
            {"type": "owning_party", "source": "https://id.gs1.org/417/0860009999061"}]),
         ("gs1.check_digit", "/sourceList/0/source")),
        (one_event(sensorElementList=[{"sensorReport": [
            {"type": "Temperature", "value": 1, "deviceID": "https://id.gs1.org/8004/"}]}]),
         ("gs1.digital_link", "/sensorElementList/0/sensorReport/0/deviceID")),
        (one_event(epcList=[]), ("epcis.no_product", "")),
        (one_event(epcList=[
            "https://id.gs1.org/01/00860009999923/21/S1", "urn:epc:id:sgtin:0860009.099992.S1"]),
         ("epcis.duplicate", "/epcList/1")),
        (one_event(eventTimeZoneOffset="-4:00"), ("schema.pattern", "/eventTimeZoneOffset")),
        (one_event(eventTimeZoneOffset=None), ("schema.required", "")),
        (one_event(eventTime="2026-04-17T09:26:42"), ("schema.format", "/eventTime")),
        (one_event(eventTime="yesterday"), ("epcis.time", "/eventTime")),
        (one_event(recordTime="2-20-01-15T07:47:21.677+00:00"), ("schema.format", "/recordTime")),
        (one_event(errorDeclaration={"declarationTime": "2020-07-03T00:05:00-0/:00"}),
         ("schema.format", "/errorDeclaration/declarationTime")),
        (one_event(sensorElementList=[{"sensorReport": [
            {"type": "Temperature", "value": 1, "time": "2005-07-1+T11:30:47.0Z"}]}]),
         ("schema.format", "/sensorElementList/0/sensorReport/0/time")),
        (one_event(recordTime="2026-04-17T12:59:60Z"), ("schema.format", "/recordTime")),
        (one_event(eventTime="0000-01-01T00:00:00Z"), ("epcis.time", "/eventTime")),
        (one_event(eventTime="1969-12-31T23:59:59.999Z"), ("epcis.time", "/eventTime")),
        (one_event(action="CREATE"), ("schema.enum", "/action")),
        (one_event(action=None), ("schema.required", "")),
        (one_event(bizStep="urn:epcglobal:cbv:bizstep:shipping"), ("schema.anyOf", "/bizStep")),
        (one_event(bizstep="shipping"), ("schema.propertyNames", "/bizstep")),
        (one_event(ilmd={"ext:a": "b"}), ("epcis.ilmd", "/ilmd")),
        (one_event(type="MagicEvent"), ("epcis.event_type", "/type")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "quantity": -1, "uom": "KGM"}]),
         ("epcis.quantity", "/quantityList/0/quantity")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "quantity": 1.5}]),
         ("epcis.quantity", "/quantityList/0/quantity")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "uom": "KGM"}]),
         ("epcis.quantity", "/quantityList/0/quantity")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "quantity": "12", "uom": "KGM"}]),
         ("schema.type", "/quantityList/0/quantity")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "quantity": 1, "uom": "KGM"}])
         .replace('"quantity": 1', '"quantity": 1e999999999'),
         ("epcis.quantity", "/quantityList/0/quantity")),
        (one_event(quantityList=[{"epcClass": RAW_LOT, "quantity": 1, "uom": "KGM"}])
         .replace('"quantity": 1', '"quantity": 1' + "0" * 5000),
         ("epcis.quantity", "/quantityList/0/quantity")),
        (one_event(**{"@context": ["https://example.com/context"]}),
         ("epcis.context", "/@context")),
        (aggregation(parentID=None), ("epcis.action", "/parentID")),
        (aggregation(childEPCs=[]), ("epcis.action", "/childEPCs")),
        (one_event(type="TransformationEvent", action=None, epcList=None, inputEPCList=[
            "https://id.gs1.org/01/00860009999923/21/S1"]),
         ("epcis.transformation", "/outputQuantityList")),
        ('{"type": "EPCISQueryDocument"}', ("epcis.document", "/type")),
        ("{}", ("schema.required", "")),
    ],
)  # fmt: skip
def test_each_mistake_is_named(text: str, finding: tuple[str, str]) -> None:
    assert finding in refusal(text)


def test_a_leap_second_is_a_time_where_it_may_be() -> None:
    [event] = validate_document(one_event(recordTime="2017-01-01T01:59:60+02:00"))
    assert event.raw["recordTime"] == "2017-01-01T01:59:60+02:00"


def test_everything_wrong_is_said_at_once() -> None:
    document = json.loads((FSMA / "shipping-cte.jsonld").read_text("utf-8"))
    broken = document["epcisBody"]["eventList"]
    broken[0]["inputQuantityList"][0]["epcClass"] = (
        "https://id.gs1.org/01/00860009999924/10/ABC1234"
    )
    broken[0]["colour"] = "green"
    del broken[1]["eventTimeZoneOffset"]
    broken[1]["parentID"] = "https://id.gs1.org/00/008600099999850001"
    broken[2]["bizStep"] = "sailing"
    base = "/epcisBody/eventList"
    assert set(refusal(json.dumps(document))) == {
        ("gs1.check_digit", f"{base}/0/inputQuantityList/0/epcClass"),
        ("schema.propertyNames", f"{base}/0/colour"),
        ("schema.required", f"{base}/1"),
        ("gs1.check_digit", f"{base}/1/parentID"),
        ("schema.anyOf", f"{base}/2/bizStep"),
    }


def test_document_without_events_is_refused() -> None:
    document = json.loads((FSMA / "shipping-cte.jsonld").read_text("utf-8"))
    document["epcisBody"]["eventList"] = []
    assert refusal(json.dumps(document)) == [("epcis.document", "/epcisBody/eventList")]


@pytest.mark.parametrize("name", ["_comment_note", "ext:colour", "https://example.com/colour"])
def test_comments_and_extensions_are_tolerated_and_kept(name: str) -> None:
    [event] = validate_document(one_event(**{name: ["green"]}))
    assert event.raw[name] == ["green"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"42",
        one_event().encode() + b" x",
        one_event().encode("utf-16"),
        b"\xef\xbb\xbf" + one_event().encode(),
        one_event(epcList=["\xe9"]).encode("unicode_escape").replace(b"\\\\u00e9", b"\xe9"),
        one_event().replace('"action"', '"type": "ObjectEvent", "action"').encode(),
        one_event().replace('"shipping"', "NaN").encode(),
        one_event().replace('"shipping"', "-Infinity").encode(),
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 200_000,
        one_event().replace('"shipping"', '"\\ud800"').encode(),
    ],
)
def test_bytes_that_are_not_clean_json_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        validate_document(data)


def test_a_doubled_name_among_very_many_is_found_in_one_pass() -> None:
    """A quadratic search would take minutes here and hit the suite's timeout."""
    names = ",".join(f'"n{i}":1' for i in range(150_000))
    with pytest.raises(Malformed, match="stands twice"):
        validate_document("{" + names + ',"z":1,"z":2}')


@pytest.mark.parametrize("field", sorted(base_event()))
@pytest.mark.parametrize("value", [None, True, 7, "x", [], {}, [[]], [{}], [None], {"id": 3}])
def test_a_member_of_any_shape_never_causes_a_traceback(field: str, value: Any) -> None:
    event = copy.deepcopy(base_event())
    event[field] = value
    for text in (json.dumps(event), json.dumps({**event, "quantityList": value})):
        with suppress(InvalidDocument):
            assert validate_document(text)
