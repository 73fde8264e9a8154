"""Rules about the order of events at the door: against the mirror, the chain, and one document.

a document for signing
├── that contradicts the mirror or itself -> refused with rule, pointer and fix
├── of unknown history -> taken with a warning; strict: refused
├── whose sender asks for less than the operator lets anybody -> refused
└── with SR360-Choreography: warn -> taken, and told
a job -> refuses or records by the same rules, again changes nothing
a recall on chain -> what it is about, or holds, is not shipped
XML -> each error has an XPath
a profile, by query or header -> what it asks for is missed, by its rule
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from core import clock
from core.chain.keys import Actor
from core.config import ApiSettings
from tests.api.conftest import settled
from tests.api.test_capture import (
    address,
    document,
    event,
    prepared,
    recorded,
    signed,
    submit,
    until,
)
from tests.api.test_capture_jobs import found, ids, taken

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERIAL = "https://id.gs1.org/01/00860009999923/21/{}"
SSCC = "https://id.gs1.org/00/008600099999850000"


def single(serial: str, **changes: Any) -> dict[str, Any]:
    one = event("-", epcList=[SERIAL.format(serial)], **changes)
    del one["quantityList"]
    return one


def packed(parent: str, *serials: str, **changes: Any) -> dict[str, Any]:
    one = event("-", type="AggregationEvent", parentID=parent, bizStep="packing") | changes
    one |= {"childEPCs": [SERIAL.format(serial) for serial in serials]}
    del one["quantityList"], one["disposition"]
    return one


async def refused(running: Running, body: bytes, **headers: str) -> list[tuple[str, str]]:
    """Rule and pointer of each issue."""
    params = {"actor": address(Actor.FARM, running)}
    answer = await running.http.post("/capture", content=body, params=params, headers=headers)
    assert (answer.status_code, answer.json().get("code")) == (422, "rules_broken"), answer.text
    assert all(issue["hint"] and issue["message"] for issue in answer.json()["issues"])
    return [(issue["rule"], issue["pointer"]) for issue in answer.json()["issues"]]


async def test_what_contradicts_the_mirror_is_refused(running: Running) -> None:
    await recorded(running, document(single("TWICE")))
    again = document(single("TWICE", eventTime="2026-04-18T09:26:42-04:00"))
    wanted = [("choreography.commissioned_twice", "/epcisBody/eventList/0/epcList/0")]
    assert await refused(running, again) == wanted  # it may be in a block and not mirrored yet
    await settled(running)
    assert await refused(running, again) == wanted
    # the very same event is no contradiction: it is known
    await prepared(running, document(single("TWICE")))


async def test_what_contradicts_itself_is_refused(running: Running) -> None:
    late = {"eventTime": "2026-04-19T09:26:42-04:00"}
    body = document(
        single("SELF"), packed(SSCC, "SELF", **late), packed(SSCC[:-1] + "7", "SELF", **late)
    )
    wrong_digit = "https://id.gs1.org/00/008600099999850017"
    body = body.replace(f"{SSCC[:-1]}7".encode(), wrong_digit.encode())
    assert await refused(running, body) == [
        ("choreography.second_parent", "/epcisBody/eventList/2/childEPCs/0")
    ]


async def test_unknown_history_is_told_or_refused(running: Running) -> None:
    body = document(single("MIDLIFE", action="OBSERVE", bizStep="receiving"))
    params = {"actor": address(Actor.FARM, running)}
    answer = await running.http.post("/capture", content=body, params=params)
    [warning] = answer.json()["warnings"]
    assert warning["rule"] == "choreography.unknown_history"
    strict = {"SR360-Choreography": "strict"}
    assert await refused(running, body, **strict) == [
        ("choreography.unknown_history", "/epcisBody/eventList/0/epcList/0")
    ]


async def test_who_asks_only_for_warnings_gets_them(running: Running) -> None:
    early = single("EARLY", action="OBSERVE", eventTime="2026-04-01T09:26:42-04:00")
    body, params = document(single("EARLY"), early), {"actor": address(Actor.FARM, running)}
    headers = {"SR360-Choreography": "warn"}
    answer = await running.http.post("/capture", content=body, params=params, headers=headers)
    assert answer.status_code == 201
    assert [one["rule"] for one in answer.json()["warnings"]] == ["choreography.before_commission"]
    headers = {"SR360-Choreography": "maybe"}
    answer = await running.http.post("/capture", content=body, params=params, headers=headers)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "SR360-Choreography")


@pytest.mark.parametrize("signed", [True, False])
async def test_nobody_may_ask_for_less_than_the_operator_says(
    running: Running, signed: bool
) -> None:
    body, params = document(single("LESS")), {"actor": address(Actor.FARM, running)}
    answer = await running.http.post(
        "/capture",
        content=body,
        params=params if signed else {},
        headers={"SR360-Choreography": "off"},
    )
    told = answer.json()
    assert (answer.status_code, told["code"]) == (403, "choreography_too_weak")
    assert told["pointer"] == "SR360-Choreography"
    assert told["hint"] == "Use warn, refuse, strict."


@pytest.mark.parametrize(
    ("own", "floor", "weakest"),
    [
        ("refuse", None, "warn"),
        ("strict", None, "warn"),
        ("off", None, "off"),
        ("refuse", "off", "off"),
        ("refuse", "refuse", "refuse"),
        ("strict", "strict", "strict"),
    ],
)
async def test_the_floor(own: str, floor: str | None, weakest: str) -> None:
    settings = ApiSettings.model_validate({"choreography": own, "choreography_floor": floor})
    assert settings.weakest_choreography == weakest


async def test_a_floor_above_the_default_is_no_setting() -> None:
    with pytest.raises(ValueError, match="CHOREOGRAPHY_FLOOR"):
        ApiSettings.model_validate({"choreography": "warn", "choreography_floor": "refuse"})


async def test_a_job_records_what_fits(running: Running) -> None:
    good, bad = single("JOBBED", eventID="urn:rules:born"), single("JOBBED", eventID="urn:rules:2")
    body = document(good, bad | {"eventTime": "2026-04-18T09:26:42-04:00"})
    proceed = {"GS1-Capture-Error-Behaviour": "proceed"}
    job = await taken(running, body)
    assert (job["success"], len(job["errors"])) == (False, 1)
    assert job["errors"][0]["issues"][0]["rule"] == "choreography.commissioned_twice"
    assert job["errors"][0]["pointer"] == "/epcisBody/eventList/1/epcList/0"
    assert await ids(running, EQ_eventID="urn:rules:born") == []
    for _ in range(2):  # what is recorded is not held against itself
        job = await taken(running, body, **proceed)
        assert [one["pointer"] for one in job["errors"]] == ["/epcisBody/eventList/1/epcList/0"]
        await found(running, "urn:rules:born")


async def test_a_single_event_too(running: Running) -> None:
    context = {"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"}
    one = context | single("SINGLE", eventID="urn:rules:single")
    assert (await running.http.post("/events", content=json.dumps(one))).status_code == 201
    one |= {"eventID": "urn:rules:other", "eventTime": "2026-04-18T09:26:42-04:00"}
    answer = await running.http.post("/events", content=json.dumps(one))
    assert answer.json()["issues"][0]["rule"] == "choreography.commissioned_twice"


async def test_what_is_recalled_on_chain_is_not_shipped(running: Running) -> None:
    serial, later = SERIAL.format("RECALLED"), "2026-04-18T09:26:42-04:00"
    await recorded(running, document(single("RECALLED")))
    body = {
        "actor": address(Actor.FARM, running),
        "product": serial,
        "level": 1,
        "notice": {"reason": "contaminated"},
    }
    recall = (await running.http.post("/recall", json=body)).json()
    await submit(running, recall, signature=signed(recall, Actor.FARM, running))
    now = {"action": "OBSERVE", "eventTime": _now(), "bizStep": "shipping"}
    wanted = [("choreography.recalled", "/epcisBody/eventList/0/epcList/0")]
    assert await refused(running, document(single("RECALLED", **now))) == wanted
    await until(running, recall["id"], "recorded", "final")
    await settled(running)
    assert await refused(running, document(single("RECALLED", **now))) == wanted
    back = single("RECALLED", **now | {"disposition": "returned"})
    assert len(await prepared(running, document(back))) == 1
    box = SERIAL.format("BOX")
    pack = packed(box, "RECALLED", eventTime=later)
    ship = single("BOX", **now)
    [(rule, pointer)] = await refused(running, document(pack, ship))
    assert (rule, pointer) == ("choreography.recalled", "/epcisBody/eventList/1/epcList/0")


def _now() -> str:
    return clock.iso(clock.now_ms())


async def test_xml_has_an_xpath(running: Running) -> None:
    one = """<ObjectEvent><eventTime>{}</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
    <epcList><epc>urn:epc:id:sgtin:0860009.099992.XMLTWICE</epc></epcList><action>ADD</action>
    </ObjectEvent>"""
    events = one.format("2026-04-17T09:00:00Z") + one.format("2026-04-18T09:00:00Z")
    body = f"""<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"
      creationDate="2026-04-17T11:26:42Z"><EPCISBody><EventList>{events}</EventList></EPCISBody>
      </e:EPCISDocument>"""
    job = await taken(running, body.encode())
    [error] = job["errors"]
    wanted = "/*/EPCISBody/EventList/*[2]//epcList/epc[1]"
    assert [issue["xpath"] for issue in error["issues"]] == [wanted]
    params = {"actor": address(Actor.FARM, running)}
    answer = await running.http.post("/capture", content=body, params=params)
    assert [issue["xpath"] for issue in answer.json()["issues"]] == [wanted]


@pytest.mark.parametrize("by_query", [True, False])
async def test_a_profile_is_asked_for(running: Running, by_query: bool) -> None:
    shipped = event("PROFILED", action="OBSERVE", bizStep="shipping", disposition="in_transit")
    params = {"actor": address(Actor.FARM, running)} | ({"profile": "fsma204"} if by_query else {})
    headers = {} if by_query else {"SR360-Profile": "gdst,fsma204"}
    answer = await running.http.post(
        "/capture", content=document(shipped), params=params, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "rules_broken")
    rules = {issue["rule"]: issue["pointer"] for issue in answer.json()["issues"]}
    assert rules["fsma204.shipping.document"] == "/epcisBody/eventList/0/bizTransactionList"
    assert ("gdst.base.owner" in rules) != by_query
    assert await prepared(running, document(shipped)) != []


async def test_a_job_keeps_its_profile(running: Running) -> None:
    good = event("PROFILED2", eventID="urn:profiled:2")
    bad = event("PROFILED3", eventID="urn:profiled:3", readPoint=None)
    del bad["readPoint"]
    url = "/capture?profile=fsma204"
    headers = {"GS1-Capture-Error-Behaviour": "proceed"}
    answer = await running.http.post(url, content=document(good, bad), headers=headers)
    job = await finished(running, answer.headers["location"])
    assert [one["issues"][0]["rule"] for one in job["errors"]] == ["fsma204.harvesting.farm"]
    assert {one["rule"] for one in job["warnings"]} >= {"fsma204.harvesting.document"}
    await found(running, "urn:profiled:2")
    answer = await running.http.post("/capture?profile=none", content=document(good))
    assert (answer.status_code, answer.json()["pointer"]) == (400, "profile")


async def finished(running: Running, url: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (job := (await running.http.get(url)).json())["running"]:
            await asyncio.sleep(0.1)
    return dict(job)
