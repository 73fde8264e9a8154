"""Refused events kept apart on request.

a job with SR360-Quarantine
├── its good events are recorded, each bad one is held with its reasons, as it came
├── nothing of a held event is in the mirror or on its way to the chain
├── killed while it works -> the same is held after a restart, each once
└── with rollback -> refused
a held event
├── without its key, or with another's -> nobody sees or touches it
├── corrected -> still held, with what is still wrong
├── released -> refused while something is wrong, then a job of its own; not twice
├── discarded -> its content is gone, the reasons stay
└── listed in pages
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from api.capture.jobs import PROCEED, Jobs
from api.capture.keys import hashed
from core.db.rule_tables import QuarantinedEvent
from tests.api.test_capture import CONTEXT, XML, document, event
from tests.api.test_capture_jobs import found, ids
from tests.api.test_rules import single

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOLD = {"SR360-Quarantine": "true"}
LATER = "2026-04-18T09:26:42-04:00"


async def held(running: Running, body: bytes) -> tuple[str, dict[str, str]]:
    """Path of the quarantine of a finished job, and the header that opens it."""
    answer = await running.http.post("/capture", content=body, headers=HOLD)
    assert answer.status_code == 202, answer.text
    assert answer.headers["gs1-capture-error-behaviour"] == "proceed"
    url = answer.headers["location"]
    async with asyncio.timeout(60):
        while (await running.http.get(url)).json()["running"]:
            await asyncio.sleep(0.1)
    return f"{url}/quarantine", {"SR360-Quarantine-Key": answer.headers["sr360-quarantine-key"]}


async def test_bad_events_are_held_and_good_ones_recorded(running: Running) -> None:
    good = single("HELD", eventID="urn:held:good")
    twice = single("HELD", eventID="urn:held:twice", eventTime=LATER) | {"example:n": 0}
    wrong = event("HELD2", eventID="urn:held:wrong", bizStep="no step", extra=1)
    body = document(good, twice, wrong).replace(b'"example:n": 0', b'"example:n": 1.50')
    path, key = await held(running, body)
    await found(running, "urn:held:good")
    first, second = (await running.http.get(path, headers=key)).json()
    assert (first["position"], first["state"]) == (2, "held")
    assert first["pointer"] == "/epcisBody/eventList/1"
    assert first["problem"]["status"] == 400
    assert first["problem"]["type"] == "epcisException:ValidationException"
    [issue] = first["problem"]["issues"]
    assert (issue["rule"], issue["pointer"]) == (
        "choreography.commissioned_twice",
        "/epcisBody/eventList/1/epcList/0",
    )
    assert first["event"]["@context"] == CONTEXT
    assert {i["pointer"] for i in second["problem"]["issues"]} == {
        f"/epcisBody/eventList/2/{name}" for name in ("bizStep", "extra")
    }
    text = (await running.http.get(f"{path}/2", headers=key)).text
    assert '"example:n":1.50' in text  # to the letter
    assert await ids(running, EQ_eventID="urn:held:twice|urn:held:wrong") == []


async def test_only_the_key_opens_it(running: Running) -> None:
    path, key = await held(running, document(event("KEY1", bizStep="no step")))
    _, other = await held(running, document(event("KEY2", bizStep="no step")))
    calls = [("GET", path), ("GET", f"{path}/1"), ("DELETE", f"{path}/1")]
    calls += [("PUT", f"{path}/1"), ("POST", f"{path}/1/release")]
    for method, url in calls:
        for headers in ({}, other):
            answer = await running.http.request(method, url, headers=headers, content=b"{}")
            assert (answer.status_code, answer.json()["code"]) == (403, "not_owner"), url
    assert (await running.http.get(f"{path}/1", headers=key)).json()["state"] == "held"
    assert (await running.http.get(f"{path}/7", headers=key)).status_code == 404
    unknown = path.replace(path.split("/")[-2], "none")
    assert (await running.http.get(unknown, headers=key)).status_code == 404


async def test_corrected_then_released_once(running: Running) -> None:
    wrong = event("FIX1", eventID="urn:fixed", bizStep="no step")
    path, key = await held(running, document(wrong))
    one = f"{path}/1"
    answer = await running.http.post(f"{one}/release", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "rules_broken")
    for step, problem in (("still none", "schema"), ("receiving", None)):
        body = {"@context": CONTEXT} | wrong | {"bizStep": step, "action": "OBSERVE"}
        answer = await running.http.put(one, headers=key, content=json.dumps(body))
        told = answer.json()
        assert told["state"] == "held"
        assert (told["problem"] and told["problem"]["issues"][0]["rule"].split(".")[0]) == problem
    answer = await running.http.post(f"{one}/release", headers=key)
    assert answer.status_code == 202
    await found(running, "urn:fixed")
    told = (await running.http.get(one, headers=key)).json()
    assert told["state"] == "released"
    assert answer.headers["location"].endswith(told["releasedAs"])
    for method, url in (("POST", f"{one}/release"), ("DELETE", one), ("PUT", one)):
        answer = await running.http.request(method, url, headers=key, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_held")


async def test_discarded_content_is_gone(running: Running) -> None:
    path, key = await held(running, document(event("GONE1", bizStep="no step")))
    assert (await running.http.delete(f"{path}/1", headers=key)).status_code == 204
    told = (await running.http.get(f"{path}/1", headers=key)).json()
    assert (told["state"], told["event"]) == ("discarded", None)
    assert told["problem"]["issues"]


async def test_in_pages(running: Running) -> None:
    body = document(*(event("PAGES", bizStep=f"no step {n}") for n in range(7)))
    path, key = await held(running, body)
    told: list[int] = []
    url = f"{path}?perPage=3"
    while url:
        answer = await running.http.get(url, headers=key)
        told += [one["position"] for one in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert told == [1, 2, 3, 4, 5, 6, 7]


async def test_single_events_and_xml(running: Running) -> None:
    single_event = {"@context": CONTEXT} | event("ALONE", bizStep="no step")
    path, key = await held(running, json.dumps(single_event).encode())
    [one] = (await running.http.get(path, headers=key)).json()
    assert (one["pointer"], one["event"]["bizStep"]) == ("", "no step")
    path, key = await held(running, XML.replace("-04:00<", "yesterday<").encode())
    [one] = (await running.http.get(path, headers=key)).json()
    assert one["event"]["type"] == "ObjectEvent"


@pytest.mark.parametrize(
    "headers",
    [HOLD | {"GS1-Capture-Error-Behaviour": "rollback"}, {"SR360-Quarantine": "perhaps"}],
)
async def test_what_cannot_be_asked(running: Running, headers: dict[str, str]) -> None:
    answer = await running.http.post("/capture", content=document(event("X")), headers=headers)
    assert answer.status_code == 400


async def test_a_document_for_signing_has_none(running: Running) -> None:
    params = {"actor": "0x" + "11" * 20}
    body = document(event("X"))
    answer = await running.http.post("/capture", content=body, headers=HOLD, params=params)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "SR360-Quarantine")


async def test_killed_at_the_worst_moment_holds_each_once(running: Running) -> None:
    """The job is stored with its wish before the answer; what is held is written with its end."""

    class Dying:
        """Records nothing: the process is gone before."""

        async def record(self, event: Any) -> str:
            raise asyncio.CancelledError

    good, bad = event("KILL1", eventID="urn:kill"), event("KILL2", bizStep="no step")
    dying = Jobs(running.database, Dying())  # type: ignore[arg-type]
    job_id = await dying.take(document(good, bad), PROCEED, owner=hashed("key"))
    job = await dying.get(job_id)
    assert job is not None
    with pytest.raises(asyncio.CancelledError):
        await dying._work(job)
    assert _rows(running, job_id) == []
    async with asyncio.timeout(60):  # the running service goes on with what it finds
        while (await running.http.get(f"/capture/{job_id}")).json()["running"]:
            await asyncio.sleep(0.1)
    assert [row.position for row in _rows(running, job_id)] == [2]
    await found(running, "urn:kill")


def _rows(running: Running, job_id: str) -> list[QuarantinedEvent]:
    from sqlmodel import select

    with running.database.read_session() as session:
        wanted = select(QuarantinedEvent).where(QuarantinedEvent.job_id == job_id)
        return list(session.exec(wanted).all())
