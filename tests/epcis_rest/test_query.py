"""What a query finds: each parameter against events it must and must not find.

a parameter
├── of a standard field -> events whose field has one of the values
├── of a pattern of identifiers -> those it stands for, and no others
├── of a number or time -> exact comparison
├── of an extension, ILMD, error declaration or sensor -> by what the prefix stands for
└── that is wrong -> 400 with its name
an answer
├── is ordered by recording, or as asked, and pages lose and repeat nothing
└── is cut off or refused where the query says so
"""

import re
from typing import Any

import pytest

from api.queries import event_few
from core.clock import iso
from core.document.lexical import parse
from core.epcis.xml import read_document
from tests.epcis_rest.repository import GENESIS_S, Repository, listed, made, published

SGTIN = "urn:epc:id:sgtin:0614141.107346.2017"
OTHER = "urn:epc:id:sgtin:0614141.107347.1"
LOT = {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 200.5, "uom": "KGM"}
HERE, THERE = "urn:epc:id:sgln:0614141.07346.1234", "urn:epc:id:sgln:0614141.07347.0"
SENSOR = {
    "sensorMetadata": {
        "deviceID": "urn:epc:id:giai:4000001.111",
        "startTime": "2026-04-17T09:00:00Z",
        "endTime": "2026-04-17T10:00:00Z",
        "ex:furtherMetadata": "calibrated",
    },
    "sensorReport": [
        {"type": "Temperature", "value": 26.10, "uom": "CEL", "booleanValue": True},
        {"type": "AbsoluteHumidity", "minValue": 12, "uom": "A93", "stringValue": "wet"},
        {"percRank": 50, "percValue": 12.7, "uom": "CEL", "time": "2026-04-17T09:30:00Z"},
        {"microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011", "ex:cv": 3},
    ],
    "ex:furtherSensor": {"ex:inside": "deep"},
}

EVENTS = [
    made("a", bizStep="shipping", disposition="in_transit", readPoint={"id": HERE}),
    made("b", epcList=[OTHER], action="ADD", bizStep="receiving", bizLocation={"id": THERE},
         eventTime="2026-04-18T00:00:00Z",
         ilmd={"ex:lot": "00123", "cbvmda:bestBeforeDate": "2026-12-31", "ex:grade": 2.50}),
    made("c", type="AggregationEvent", parentID="urn:epc:id:sscc:0614141.1234567890",
         childEPCs=[SGTIN], childQuantityList=[LOT], epcList=None),
    made("d", type="TransformationEvent", epcList=None, action=None, inputQuantityList=[LOT],
         outputEPCList=[OTHER], transformationID="urn:x:transformation:1",
         persistentDisposition={"set": ["completeness_verified"], "unset": ["damaged"]}),
    made("e", bizTransactionList=[{"type": "po", "bizTransaction": "http://acme.com/po/1"}],
         sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:4000001.00001"}],
         destinationList=[{"type": "location", "destination": HERE}]),
    made("f", errorDeclaration={"declarationTime": "2026-05-01T00:00:00Z",
         "reason": "incorrect_data", "correctiveEventIDs": ["urn:event:a"], "ex:who": "qa"}),
    made("g", sensorElementList=[SENSOR]),
    made("h", **{"ex:text": ["blue", "green"], "ex:number": 26.0, "ex:when": "2026-04-17T12:00:00Z",
         "ex:box": {"ex:inner": "treasure", "ex:layer": {"ex:weight": 7}}}),
]  # fmt: skip

FINDS: list[tuple[str, str, str]] = [
    ("eventType", "AggregationEvent|TransformationEvent", "cd"),
    ("EQ_action", "ADD", "b"),
    ("EQ_bizStep", "shipping|receiving", "ab"),
    ("EQ_bizStep", "https://ref.gs1.org/cbv/BizStep-shipping", "a"),
    ("EQ_bizStep", "urn:epcglobal:cbv:bizstep:receiving", "b"),
    ("EQ_disposition", "in_transit", "a"),
    ("EQ_disposition", "active", ""),
    ("EQ_persistentDisposition_set", "completeness_verified", "d"),
    ("EQ_persistentDisposition_set", "damaged", ""),
    ("EQ_persistentDisposition_unset", "damaged", "d"),
    ("EQ_readPoint", HERE, "a"),
    ("EQ_readPoint", "https://id.gs1.org/414/0614141073467/254/1234", "a"),
    ("EQ_readPoint", THERE, ""),
    ("WD_readPoint", HERE, "a"),
    ("EQ_bizLocation", THERE, "b"),
    ("WD_bizLocation", THERE, "b"),
    ("EQ_transformationID", "urn:x:transformation:1", "d"),
    ("MATCH_epc", SGTIN, "acefgh"),
    ("MATCH_epc", "https://example.com/01/10614141073464/21/2017", "acefgh"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107346.2017", "acefgh"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107346.201", ""),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107347.*", "b"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.*.*", "abcefgh"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:061414.*.*", "abcefgh"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614142.*.*", ""),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107346.2017", "acefgh"),
    ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107346.201", ""),
    ("MATCH_epc", "urn:epc:idpat:sgtin:4012345.*.*|urn:epc:idpat:sgtin:0614141.107346.2", ""),
    ("MATCH_epc", f"urn:epc:idpat:sgtin:4012345.*.*|{OTHER}", "b"),
    ("MATCH_parentID", "urn:epc:id:sscc:0614141.1234567890", "c"),
    ("MATCH_parentID", "urn:epc:idpat:sscc:0614141.*", "c"),
    ("MATCH_inputEPC", OTHER, ""),
    ("MATCH_outputEPC", OTHER, "d"),
    ("MATCH_anyEPC", OTHER, "bd"),
    ("MATCH_anyEPC", "urn:epc:idpat:sgtin:4012345.*.*", ""),
    ("MATCH_epcClass", LOT["epcClass"], "c"),
    ("MATCH_inputEPCClass", LOT["epcClass"], "d"),
    ("MATCH_outputEPCClass", LOT["epcClass"], ""),
    ("MATCH_anyEPCClass", LOT["epcClass"], "cd"),
    ("MATCH_anyEPCClass", "urn:epc:idpat:sgtin:4012345.*.*", "cd"),
    ("EQ_quantity", "200.50", "cd"),
    ("EQ_quantity", "200.51", ""),
    ("GT_quantity", "200.5", ""),
    ("GE_quantity_KGM", "200.5", "cd"),
    ("GE_quantity_LTR", "0", ""),
    ("LT_quantity_KGM", "200.500001", "cd"),
    ("LE_quantity", "-1", ""),
    ("EQ_eventID", "urn:event:a|urn:event:h", "ah"),
    ("EQ_bizTransaction_po", "http://acme.com/po/1", "e"),
    ("EQ_bizTransaction_inv", "http://acme.com/po/1", ""),
    ("EQ_source_owning_party", "urn:epc:id:pgln:4000001.00001", "e"),
    ("EQ_destination_location", HERE, "e"),
    ("EXISTS_errorDeclaration", "true", "f"),
    ("EXISTS_errorDeclaration", "false", "abcdefgh"),
    ("GE_errorDeclarationTime", "2026-05-01T00:00:00Z", "f"),
    ("LT_errorDeclarationTime", "2026-05-01T00:00:00Z", ""),
    ("GE_errorDeclaration_Time", "2026-04-30T23:00:00-01:00", "f"),
    ("EQ_errorReason", "incorrect_data", "f"),
    ("EQ_correctiveEventID", "urn:event:a", "f"),
    ("EQ_ERROR_DECLARATION_ex:who", "qa", "f"),
    ("EXISTS_ERROR_DECLARATION_ex:who", "true", "f"),
    ("EXISTS_sensorElementList", "true", "g"),
    ("EQ_type", "Temperature", "g"),
    ("EQ_type", "Mass", ""),
    ("EQ_deviceID", "https://id.gs1.org/8004/4000001111", "g"),
    ("EQ_microorganism", "https://www.ncbi.nlm.nih.gov/taxonomy/1126011", "g"),
    ("EQ_stringValue", "wet", "g"),
    ("EQ_booleanValue", "true", "g"),
    ("EQ_booleanValue", "false", ""),
    ("EQ_value_CEL", "26.1", "g"),
    ("GT_value_CEL", "26.1", ""),
    ("GE_value_CEL", "26.1", "g"),
    ("LT_value_FAH", "1000", ""),
    ("LE_minValue_A93", "12", "g"),
    ("GE_percRank", "50", "g"),
    ("LT_percRank", "50", ""),
    ("GE_percValue_CEL", "12.7", "g"),
    ("GE_time", "2026-04-17T09:30:00Z", "g"),
    ("LT_startTime", "2026-04-17T09:00:00Z", ""),
    ("GE_endTime", "2026-04-17T12:00:00+02:00", "g"),
    ("EQ_SENSORMETADATA_ex:furtherMetadata", "calibrated", "g"),
    ("EXISTS_SENSORELEMENT_ex:furtherSensor", "true", "g"),
    ("EQ_INNER_SENSORELEMENT_ex:inside", "deep", "g"),
    ("GT_SENSORREPORT_ex:cv", "2.9", "g"),
    ("EQ_ex:text", "green", "h"),
    ("EQ_ex:text", "red", ""),
    ("EQ_ex:number", "26", "h"),
    ("GT_ex:number", "25.99", "h"),
    ("LT_ex:number", "26", ""),
    ("GE_ex:when", "2026-04-17T14:00:00+02:00", "h"),
    ("EQ_ex:when", "2026-04-17T14:00:00+02:00", "h"),
    ("EXISTS_ex:box", "true", "h"),
    ("EXISTS_ex:inner", "true", ""),
    ("EQ_INNER_ex:inner", "treasure", "h"),
    ("GE_INNER_ex:weight", "7", "h"),
    ("EQ_ILMD_ex:lot", "00123", "b"),
    ("EQ_ILMD_ex:lot", "123", ""),
    ("LE_ILMD_ex:grade", "2.5", "b"),
    ("EXISTS_ILMD_cbvmda:bestBeforeDate", "true", "b"),
    ("GE_eventTime", "2026-04-17T20:00:00-04:00", "b"),
    ("LT_eventTime", "2026-04-17T13:26:42Z", ""),
    ("LT_eventTime", "2026-04-17T13:26:42.001Z", "acdefgh"),
]
"""Parameter, value, and the names of the events it finds."""


def clean(event: Any) -> Any:
    return {name: value for name, value in event.items() if value is not None}


@pytest.fixture
def filled(repository: Repository) -> Repository:
    repository.record([clean(event) for event in EVENTS])
    return repository


async def test_each_parameter_finds_what_it_means(filled: Repository) -> None:
    wrong = []
    for name, value, expected in FINDS:
        answer = await filled.http.get("/events", params={name: value})
        found = re.findall('"eventID":"urn:event:(.)"', answer.text)
        if (answer.status_code, sorted(found)) != (200, sorted(expected)):
            wrong.append((name, value, expected, found, answer.text[:300]))
    assert wrong == []


async def test_an_extension_goes_by_what_its_prefix_stands_for(filled: Repository) -> None:
    mine = {"GS1-Extensions": "own=https://ns.example.com/epcis/, other=https://other.example/"}
    for name, expected in [("own", 1), ("other", 0), ("undeclared", 0)]:
        answer = await filled.http.get("/events", params={f"EQ_{name}:text": "blue"}, headers=mine)
        assert answer.text.count('"eventID"') == expected, name
    whole = {"EQ_https://ns.example.com/epcis#text": "blue"}
    assert await filled.ids(**whole) == ["urn:event:h"]


RARE_AND_COMMON = [
    {"EQ_bizStep": "shipping"},
    {"EQ_bizStep": "shipping", "orderBy": "eventTime"},
    {"eventType": "AggregationEvent", "GT_quantity": "0"},
    {"GT_quantity": "0", "LT_quantity": "201"},
    {"MATCH_anyEPC": "urn:epc:idpat:sgtin:*.*.*", "EQ_action": "OBSERVE"},
    {"EQ_bizStep": "shipping", "EQ_eventID": "urn:uuid:none"},
    {"GE_eventTime": "2000-01-01T00:00:00Z", "EQ_action": "ADD"},
]


@pytest.mark.parametrize("most", [0, 1, 3])
async def test_how_rare_a_condition_is_changes_no_answer(
    filled: Repository, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a database gets there: by the index of a rare word, or past events in their order."""
    usual = [await filled.events(**asked) for asked in RARE_AND_COMMON]
    monkeypatch.setattr(event_few, "MOST", most)
    assert [await filled.events(**asked) for asked in RARE_AND_COMMON] == usual
    assert [bool(one) for one in usual] == [True] * 5 + [False, True]


async def test_different_parameters_must_all_hold(filled: Repository) -> None:
    both = {"EQ_action": "OBSERVE", "MATCH_epc": SGTIN, "GE_ex:number": "1", "EQ_ex:text": "blue"}
    assert await filled.ids(**both) == ["urn:event:h"]
    assert await filled.ids(**both, EQ_bizStep="shipping") == []


WRONG: list[tuple[dict[str, str], str]] = [
    ({"EQ_nothing": "x"}, "EQ_nothing"),
    ({"bizStep": "shipping"}, "bizStep"),
    ({"EQ_bizStep": "shiping"}, "EQ_bizStep"),
    ({"EQ_bizStep": "shipping||receiving"}, "EQ_bizStep"),
    ({"EQ_action": "observe"}, "EQ_action"),
    ({"eventType": "Event"}, "eventType"),
    ({"EQ_readPoint": "here"}, "EQ_readPoint"),
    ({"MATCH_epc": "urn:epc:id:sgtin:0614141.107346"}, "MATCH_epc"),
    ({"MATCH_epc": "https://id.gs1.org/01/10614141073465/21/1"}, "MATCH_epc"),
    ({"MATCH_epc": "urn:epc:idpat:sgtin:*.107346.*"}, "MATCH_epc"),
    ({"GE_eventTime": "2026-04-17"}, "GE_eventTime"),
    ({"GE_eventTime": "2026-04-17T00:00:00Z|2026-04-18T00:00:00Z"}, "GE_eventTime"),
    ({"GT_quantity": "much"}, "GT_quantity"),
    ({"GT_quantity": "NaN"}, "GT_quantity"),
    ({"EXISTS_errorDeclaration": "yes"}, "EXISTS_errorDeclaration"),
    ({"EQ_value_celsius": "1"}, "EQ_value_celsius"),
    ({"GT_bizStep": "shipping"}, "GT_bizStep"),
    ({"GE_ex:text": "blue"}, "GE_ex:text"),
    ({"HASATTR_bizLocation_name": "x"}, "HASATTR_bizLocation_name"),
    ({"orderBy": "epcList"}, "orderBy"),
    ({"orderBy": "eventTime", "orderDirection": "UP"}, "orderDirection"),
    ({"eventCountLimit": "0"}, "eventCountLimit"),
    ({"eventCountLimit": "1", "maxEventCount": "1"}, "maxEventCount"),
    ({"perPage": "0"}, "perPage"),
    ({"perPage": "-1"}, "perPage"),
    ({"perPage": "many"}, "perPage"),
    ({"nextPageToken": "x"}, "nextPageToken"),
    ({"nextPageToken": "WzEsMl0"}, "nextPageToken"),
]


async def test_what_is_wrong_is_named(filled: Repository) -> None:
    for parameters, pointer in WRONG:
        answer = await filled.http.get("/events", params=parameters)
        problem = answer.json()
        assert (answer.status_code, problem["pointer"]) == (400, pointer), problem
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == "epcisException:QueryParameterException"
        assert problem["hint"]
        assert pointer in problem["detail"]


async def test_too_much_is_refused_by_name(filled: Repository) -> None:
    many = {"EQ_eventID": "|".join(f"urn:event:{n}" for n in range(501))}
    answer = await filled.http.get("/events", params=many)
    assert (answer.status_code, answer.json()["code"]) == (413, "query_too_complex")
    answer = await filled.http.get("/events", params={"maxEventCount": 7})
    assert (answer.status_code, answer.json()["code"]) == (413, "query_too_large")
    assert len(await filled.ids(maxEventCount=8)) == 8
    answer = await filled.http.get("/events", params={"EQ_stringValue": "x" * 20_000})
    assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")


async def test_a_parameter_stands_once(filled: Repository) -> None:
    answer = await filled.http.get("/events?EQ_action=ADD&EQ_action=OBSERVE")
    assert (answer.status_code, answer.json()["pointer"]) == (400, "EQ_action")


async def test_pages_lose_and_repeat_nothing(repository: Repository) -> None:
    names = [f"{n:02}" for n in range(23)]
    # three events share each time, so that the order within one time matters
    repository.record(
        made(name, eventTime=f"2026-04-{1 + int(name) // 3:02}T00:00:00Z") for name in names
    )
    for order in ({}, {"orderBy": "eventTime"}, {"orderBy": "recordTime"}):
        for direction in ("ASC", "DESC"):
            asked = order | ({"orderDirection": direction} if order else {})
            pages = await walked(repository, {**asked, "perPage": 5})
            assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
            found = [event for page in pages for event in page]
            assert sorted(e["eventID"] for e in found) == [f"urn:event:{n}" for n in names]
            if order:
                times = [e[order["orderBy"]] for e in found]
                assert times == sorted(times, reverse=direction == "DESC")


async def test_an_answer_that_is_cut_off_pages_to_its_end(repository: Repository) -> None:
    repository.record([made(str(n)) for n in range(9)])
    pages = await walked(repository, {"eventCountLimit": 7, "perPage": 3})
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [len(p) for p in await walked(repository, {"eventCountLimit": 6, "perPage": 3})] == [
        3,
        3,
    ]


async def test_a_page_is_not_moved_by_what_comes_meanwhile(repository: Repository) -> None:
    repository.record([made(name) for name in "abc"])
    first = await repository.http.get("/events", params={"perPage": 2})
    repository.record([made("d")])
    second = await repository.http.get(re.findall("<(.*?)>", first.headers["link"])[0])
    assert re.findall('"urn:event:(.)"', second.text) == ["c", "d"]
    assert first.headers["gs1-next-page-token-expires"] > "2026"


async def test_a_token_belongs_to_one_query(repository: Repository) -> None:
    repository.record([made(name) for name in "abc"])
    first = await repository.http.get("/events", params={"perPage": 1})
    other = first.links["next"]["url"] + "&EQ_action=OBSERVE"
    answer = await repository.http.get(other)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "nextPageToken")


async def test_record_time_is_when_the_block_was_made(repository: Repository) -> None:
    repository.record([made("author's", recordTime="1999-01-01T00:00:00Z"), made("none")])
    first, second = await repository.events()
    assert first["recordTime"] == iso(1000 * (GENESIS_S + 60))
    assert second["recordTime"] == iso(1000 * (GENESIS_S + 120))
    assert await repository.ids(GE_recordTime=second["recordTime"]) == ["urn:event:none"]
    assert await repository.ids(LT_recordTime=second["recordTime"]) == ["urn:event:author's"]
    assert await repository.ids(GE_recordTime="2100-01-01T00:00:00Z") == []


async def test_every_published_event_comes_back_as_it_was(repository: Repository) -> None:
    events = published()
    assert len(events) > 50
    repository.record(events)
    answer = await repository.http.get("/events", params={"perPage": 1000})
    found: Any = parse(answer.content)
    returned = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    for before, after in zip(events, returned, strict=True):
        assert after | {"recordTime": None} == before | {"recordTime": None}


async def test_xml_says_the_same(repository: Repository) -> None:
    events = published()
    repository.record(events)
    wanted = {"Accept": "application/xml"}
    answer = await repository.http.get("/events", params={"perPage": 1000}, headers=wanted)
    assert answer.headers["content-type"].startswith("application/xml")
    document: Any = read_document(answer.content)
    returned = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    for before, after in zip(events, returned, strict=True):
        assert after | {"recordTime": None} == before | {"recordTime": None}


async def walked(repository: Repository, asked: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Every page from the first to the last."""
    answer = await repository.http.get("/events", params=asked)
    pages = [listed(answer)]
    while "next" in answer.links:
        answer = await repository.http.get(answer.links["next"]["url"])
        pages.append(listed(answer))
    return pages
