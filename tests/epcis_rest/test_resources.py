"""What there is to ask for: the top-level resources, discovery, versions and forms of an answer."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.app import create_app
from api.capture.jobs import Jobs
from api.deps import Services
from core.epcis.company_prefix import PrefixLengths
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository, made

SGTIN = "urn:epc:id:sgtin:0614141.107346.2017"
SGTIN_LINK = "https://id.gs1.org/01/10614141073464/21/2017"
LOT = {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877"}
HERE = "https://id.gs1.org/414/0614141073467/254/1234"
OWN_STEP = "https://ns.example.com/steps/washing"

EVENTS = [
    made("a", bizStep="shipping", disposition="in_transit", readPoint={"id": HERE}),
    made("b", bizStep=OWN_STEP, bizLocation={"id": HERE}, quantityList=[LOT]),
    made("c", bizStep="shipping", epcList=["urn:epc:id:sgtin:0614141.107346.2018"]),
]
MEMBERS = {
    "eventTypes": [
        *("AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent"),
        "TransformationEvent",
    ],
    "epcs": [SGTIN_LINK, SGTIN_LINK.replace("2017", "2018")],
    "bizSteps": [OWN_STEP, "shipping"],
    "bizLocations": [HERE],
    "readPoints": [HERE],
    "dispositions": ["in_transit"],
}


@pytest.fixture
def filled(repository: Repository) -> Repository:
    repository.record(EVENTS)
    return repository


async def members(repository: Repository, path: str, **parameters: Any) -> list[str]:
    answer = await repository.http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["type"] == "Collection"
    assert body["@context"].startswith("https://ref.gs1.org/standards/epcis/")
    found: list[str] = body["member"]
    return found


async def test_each_resource_lists_what_the_events_have(filled: Repository) -> None:
    assert {path: await members(filled, f"/{path}") for path in MEMBERS} == MEMBERS


async def test_a_program_learns_where_to_begin(filled: Repository) -> None:
    answer = await filled.http.get("/", headers={"Accept": "application/json"})
    assert set(answer.json()["member"]) == {*MEMBERS, "events", "capture", "queries"}
    assert (await filled.http.get("/", headers={"Accept": "text/html"})).status_code == 307


async def test_lists_page(filled: Repository) -> None:
    for path, expected in MEMBERS.items():
        found, url = [], f"/{path}?perPage=1"
        for _ in expected:
            answer = await filled.http.get(url)
            found += answer.json()["member"]
            url = answer.links.get("next", {}).get("url", "")
        assert (found, url) == (expected, ""), path


async def test_each_member_leads_to_its_events(filled: Repository) -> None:
    for path, expected in MEMBERS.items():
        for name in expected:
            one = f"/{path}/{quote(name, safe='')}"
            if path == "eventTypes" and name != "ObjectEvent":
                assert await filled.ids(f"{one}/events") == []
                continue
            assert await members(filled, one) == ["events"]
            assert await filled.ids(f"{one}/events"), name
    shipped = await filled.ids("/bizSteps/shipping/events", MATCH_epc=SGTIN)
    assert shipped == ["urn:event:a"]


async def test_a_lot_has_events_as_a_serial_number_has(filled: Repository) -> None:
    path = f"/epcs/{quote(LOT['epcClass'], safe='')}/events"
    assert await filled.ids(path) == ["urn:event:b"]


async def test_an_event_goes_by_its_id_or_its_hash(repository: Repository) -> None:
    nameless = made("x")
    del nameless["eventID"]
    repository.record([made("a"), nameless])
    [found] = await repository.events(f"/events/{quote('urn:event:a', safe='')}")
    assert found["eventID"] == "urn:event:a"
    with repository.database.read_session() as session:
        query = "SELECT event_hash FROM chain.document ORDER BY first_block DESC"
        event_hash = session.connection().exec_driver_sql(query).scalar()
    assert len(await repository.events(f"/events/{quote(event_hash, safe='')}")) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/events/urn:event:none",
        "/bizSteps/packing",
        "/bizSteps/packing/events",
        "/epcs/urn:x/events",
        "/eventTypes/OtherEvent",
        "/readPoints/%00",
    ],
)
async def test_what_is_not_there_is_said(filled: Repository, path: str) -> None:
    answer = await filled.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_name")
    assert answer.json()["type"] == "epcisException:NoSuchNameException"


async def test_discovery(filled: Repository) -> None:
    for path, allow in [
        ("/events", "OPTIONS, GET, HEAD, POST"),
        ("/events/x", "OPTIONS, GET, HEAD"),
        *((f"/{path}", "OPTIONS, GET, HEAD") for path in MEMBERS),
        *((f"/{path}/x/events", "OPTIONS, GET, HEAD") for path in MEMBERS),
    ]:
        answer = await filled.http.options(path)
        assert (answer.status_code, answer.headers["allow"]) == (204, allow), path
        told = {name: answer.headers[name] for name in ("gs1-epcis-min", "gs1-epcis-max")}
        assert told == {"gs1-epcis-min": "1.2.0", "gs1-epcis-max": "2.0.0"}
        assert answer.headers["gs1-vendor-version"]


async def test_head_is_an_answer_without_its_body(filled: Repository) -> None:
    answer = await filled.http.head("/events")
    assert answer.status_code == 200
    assert answer.headers["gs1-epcis-version"] == "2.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"GS1-EPCIS-Min": "1.2.0", "GS1-EPCIS-Max": "2.0.1"}, 200),
        ({"GS1-EPCIS-Max": "1.2.0"}, 406),
        ({"GS1-CBV-Min": "3.0.0"}, 406),
        ({"GS1-EPCIS-Min": "two"}, 406),
        ({"GS1-EPC-Format": "Sometimes"}, 406),
        ({"Accept": "text/csv"}, 406),
        ({"Accept": "text/*"}, 406),
        ({"Accept": "application/*;q=0, */*"}, 406),
        ({"Accept": "text/html, application/json;q=0.1"}, 200),
        ({"Accept": "application/json;q=0"}, 406),
    ],
)
async def test_versions_and_forms(filled: Repository, headers: dict[str, str], status: int) -> None:
    answer = await filled.http.get("/events", headers=headers)
    assert answer.status_code == status
    if status == 406:
        assert answer.json()["type"] == "epcisException:NotAcceptableException"


async def test_identifiers_are_spelled_as_asked(filled: Repository) -> None:
    links = {"GS1-EPC-Format": "Always_GS1_Digital_Link"}
    answer = await filled.http.get("/events/urn:event:a", headers=links)
    assert SGTIN_LINK in answer.text
    assert "urn:epc:" not in answer.text
    urns = {"GS1-EPC-Format": "Always_EPC_URN"}
    answer = await filled.http.get("/events/urn:event:c", headers=urns)
    assert "sgtin:0614141.107346.2018" in answer.text
    # a Digital Link does not tell its company prefix, and this service has no list of them
    answer = await filled.http.get("/events/urn:event:a", headers=urns)
    assert (answer.status_code, answer.json()["pointer"]) == (406, "GS1-EPC-Format")


async def test_links_are_spelled_as_urns_by_gs1s_list(
    filled: Repository, prepared: Prepared
) -> None:
    filled.record([made("d", epcList=["https://example.com/01/09506000134352/21/1"])])
    jobs = Jobs(prepared.database, None)
    services = Services(prepared.settings, prepared.database, *[None] * 5, jobs)  # type: ignore[arg-type]
    services = replace(services, prefix_lengths=PrefixLengths({"06": 7, "9506000": 0}))
    transport = httpx.ASGITransport(app=create_app(services))
    urns = {"GS1-EPC-Format": "Always_EPC_URN"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        for accept in ("application/json", "application/xml"):
            answer = await http.get("/events/urn:event:a", headers=urns | {"accept": accept})
            assert "urn:epc:id:sgln:0614141.07346.1234" in answer.text
            assert "id.gs1.org/414" not in answer.text
        as_it_came = await http.get(
            "/events/urn:event:a", headers={"GS1-EPC-Format": "Never_Translates"}
        )
        assert HERE in as_it_came.text
        assert SGTIN in as_it_came.text
        answer = await http.get("/events/urn:event:d", headers=urns)
        assert (answer.status_code, answer.json()["pointer"]) == (406, "GS1-EPC-Format")


@pytest.mark.parametrize(
    ("accepted", "media"),
    [
        (["*/*"], "application/json"),
        (["application/xml, */*"], "application/xml"),
        (["application/*;q=0.5, application/json;q=0.4"], "application/xml"),
        (["application/json;q=0.2, */*;q=0.1"], "application/json"),
        (["application/json;q=0, */*"], "application/xml"),
        (["text/html", "application/xml"], "application/xml"),
        (["application/ld+json;profile=x"], "application/json"),
    ],
)
async def test_the_form_is_the_one_liked_best(
    filled: Repository, accepted: list[str], media: str
) -> None:
    headers = [("Accept", one) for one in accepted]
    filled.http.headers.pop("Accept", None)
    answer = await filled.http.get("/events", params={"perPage": 1}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media)
