"""Partners without a wallet: documents as jobs, single events, and what comes back of them.

a job
├── of good events -> running, then all of them are found by query, and nothing twice
├── with a bad event -> rollback records none, proceed the others; every error has its place
└── that is no document, of another type, or unknown -> refused at once
an event -> 201 where it is found; again -> the same; another under its id -> 409
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from api.capture import bulk
from tests.api.conftest import MAX_BODY
from tests.api.test_capture import document, event

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
SITE = "https://id.gs1.org/414/0614141073467"


async def taken(running: Running, body: bytes, **headers: str) -> dict[str, Any]:
    """The job of a document, once it is finished."""
    answer = await running.http.post("/capture", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    location = answer.headers["location"]
    async with asyncio.timeout(90):
        while (job := (await running.http.get(location)).json())["running"]:
            assert "finishedAt" not in job
            await asyncio.sleep(0.1)
    assert job["captureID"] in location
    return dict(job)


async def ids(running: Running, **parameters: str) -> list[str]:
    answer = await running.http.get("/events", params=parameters)
    events = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return [one["eventID"] for one in events]


async def found(running: Running, *wanted: str) -> None:
    """Waits until the mirror has read these events, each once."""
    async with asyncio.timeout(60):
        while sorted(await ids(running, EQ_eventID="|".join(wanted))) != sorted(wanted):
            await asyncio.sleep(0.1)


async def test_a_document_becomes_events(running: Running) -> None:
    names = [f"urn:job:good:{n}" for n in range(3)]
    # one lot in all of them: each event builds on the one before
    body = document(*(event("JOB1", eventID=name, action="OBSERVE") for name in names))
    job = await taken(running, body)
    assert (job["success"], job["errors"], job["captureErrorBehaviour"]) == (True, [], "rollback")
    await found(running, *names)
    again = await taken(running, body)
    assert (again["success"], again["errors"]) == (True, [])
    await found(running, *names)
    listed = (await running.http.get("/capture", params={"perPage": 1000})).json()
    assert {job["captureID"], again["captureID"]} <= {one["captureID"] for one in listed}


async def test_one_bad_event_stops_all_or_only_itself(running: Running) -> None:
    good, bad = event("JOB2", eventID="urn:job:mixed"), event("JOB3", bizStep="no step", more=1)
    body = document(bad, good)
    job = await taken(running, body, **{"GS1-Capture-Error-Behaviour": "rollback"})
    assert job["success"] is False
    assert {one["type"] for one in job["errors"]} == {"epcisException:ValidationException"}
    assert {one["pointer"].split("/")[3] for one in job["errors"]} == {"0"}
    assert await ids(running, EQ_eventID="urn:job:mixed") == []
    job = await taken(running, body, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert (job["success"], job["captureErrorBehaviour"]) == (False, "proceed")
    await found(running, "urn:job:mixed")


async def test_a_large_document_is_recorded_piece_by_piece(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events are stored one by one; recording them goes on where a mistake is left out."""
    monkeypatch.setattr(bulk, "SLICE", 2)
    names = [f"urn:job:large:{n}" for n in range(4)]
    events = [event("JOB8", eventID=name, action="OBSERVE") for name in names]
    events.insert(1, event("JOB8", bizStep="no step"))
    body = document(*events[:3], events[4]).ljust(MAX_BODY + 1)
    job = await taken(running, body, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert job["success"] is False
    assert [one["pointer"] for one in job["errors"]] == ["/epcisBody/eventList/1/bizStep"]
    await found(running, names[0], names[1], names[3])
    job = await taken(running, document(*events).ljust(MAX_BODY + 1))
    assert (job["success"], await ids(running, EQ_eventID=names[2])) == (False, [])


async def test_many_errors_are_all_told_in_pages(running: Running) -> None:
    body = document(*(event("JOB4", bizStep=f"no step {n}") for n in range(120)))
    job = await taken(running, body)
    told, url = [], f"/capture/{job['captureID']}?perPage=50"
    while url:
        answer = await running.http.get(url)
        told += [one["pointer"] for one in answer.json()["errors"]]
        url = answer.links.get("next", {}).get("url", "")
    assert {f"/epcisBody/eventList/{n}/bizStep" for n in range(120)} == set(told)


async def test_a_single_event_is_found_where_the_answer_says(running: Running) -> None:
    one = {"@context": CONTEXT} | event("JOB5", eventID="urn:job:single")
    answer = await running.http.post("/events", content=json.dumps(one))
    assert answer.status_code == 201, answer.text
    location = answer.headers["location"]
    await found(running, "urn:job:single")
    assert (await running.http.get(location)).status_code == 200
    again = await running.http.post("/events", content=json.dumps(one))
    assert (again.status_code, again.headers["location"]) == (201, location)
    other = one | {"disposition": "recalled"}
    answer = await running.http.post("/events", content=json.dumps(other))
    assert (answer.status_code, answer.json()["code"]) == (409, "event_exists")
    assert answer.json()["type"] == "epcisException:ResourceAlreadyExistsException"
    assert await ids(running, EQ_eventID="urn:job:single") == ["urn:job:single"]


async def test_master_data_in_the_header_is_asked_for(running: Running) -> None:
    room = f"{SITE}/254/cold-room"
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
        "vocabularyElementList": [
            {
                "id": SITE,
                "attributes": [{"id": "urn:epcglobal:cbv:mda#city", "attribute": "Ghent"}],
                "children": [room],
            }
        ],
    }
    one = event("JOB6", eventID="urn:job:place", bizLocation={"id": room})
    two = event("JOB7", eventID="urn:job:site", bizLocation={"id": SITE})
    body = json.loads(document(one, two))
    body["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    job = await taken(running, json.dumps(body).encode())
    assert job["errors"] == []
    await found(running, "urn:job:place", "urn:job:site")
    assert await ids(running, EQ_bizLocation=SITE) == ["urn:job:site"]
    assert sorted(await ids(running, WD_bizLocation=SITE)) == ["urn:job:place", "urn:job:site"]
    city = {"EQATTR_bizLocation_urn:epcglobal:cbv:mda#city": "Ghent"}
    assert await ids(running, **city) == ["urn:job:site"]
    assert await ids(running, HASATTR_bizLocation="urn:epcglobal:cbv:mda#city") == ["urn:job:site"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 400),
        (b"{", {}, 400),
        (b"<a/>", {}, 422),
        (document(), {}, 400),
        (document(event("X")), {"content-type": "text/csv"}, 415),
        (document(event("X")), {"GS1-Capture-Error-Behaviour": "perhaps"}, 400),
    ],
)
async def test_what_is_no_job(
    running: Running, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await running.http.post("/capture", content=body, headers=headers)
    assert answer.status_code == status, answer.text


async def test_discovery_names_the_limits(running: Running) -> None:
    answer = await running.http.options("/capture")
    assert answer.headers["allow"] == "OPTIONS, GET, HEAD, POST"
    limits = running.settings.api
    assert answer.headers["gs1-epcis-capture-limit"] == str(limits.max_capture_events)
    assert answer.headers["gs1-epcis-capture-file-size-limit"] == str(limits.max_capture_bytes)
    assert answer.headers["gs1-capture-error-behaviour"] == "all"
