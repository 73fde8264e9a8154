"""Documents over the limit of what is held in memory, from the door to the chain.

a large document
├── with rollback, its last event contradicting its first -> nothing of it is recorded
├── with proceed -> what fits is recorded, the rest told; what an event fails at spoils what follows
├── with quarantine -> held with reasons, by whichever rule; corrected and released
├── a table -> recorded; wrong cells, and what the order forbids, are told by cell
└── whose process dies -> gone on with, nothing twice, nothing told twice
"""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from api.capture import bulk
from api.capture.jobs import PROCEED, Jobs
from api.capture.keys import hashed
from api.capture.rulebook import Asked
from core.config import Choreography
from core.db.app_tables import CaptureEvent, CaptureJobError
from core.db.rule_tables import QuarantinedEvent
from tests.api.conftest import MAX_BODY
from tests.api.test_capture import CONTEXT, document, event
from tests.api.test_capture_jobs import found, ids, taken
from tests.api.test_quarantine import LATER, held
from tests.api.test_rules import single
from tests.api.test_tables import saved
from tests.api.test_tables import taken as table_taken

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADD_PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


def large(*events: dict[str, Any]) -> bytes:
    return document(*events).ljust(MAX_BODY + 1)


@pytest.fixture(autouse=True)
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two events at a time, so that few events are many slices."""
    monkeypatch.setattr(bulk, "SLICE", 2)


async def test_nothing_is_recorded_unless_all_fits(running: Running) -> None:
    names = [f"urn:whole:{n}" for n in range(7)]
    events = [single(f"WHOLE{n}", eventID=name) for n, name in enumerate(names)]
    again = single("WHOLE0", eventID="urn:whole:again", eventTime=LATER)
    job = await taken(running, large(*events, again))
    assert job["success"] is False
    [error] = job["errors"]
    assert error["issues"][0]["rule"] == "choreography.commissioned_twice"
    assert error["pointer"] == "/epcisBody/eventList/7/epcList/0"
    assert await ids(running, EQ_eventID="|".join(names)) == []
    headers = ADD_PROCEED | {"SR360-Choreography": "strict"}
    job = await taken(running, large(*events, again), **headers)
    assert (job["success"], len(job["errors"])) == (False, 1)
    await found(running, *names)
    assert await ids(running, EQ_eventID="urn:whole:again") == []


async def test_what_builds_on_a_failure_is_not_recorded(running: Running) -> None:
    """The first event passes all rules and cannot be recorded: its eventID is another's."""
    await taken(running, document(single("FAIL0", eventID="urn:fail:taken")))
    await found(running, "urn:fail:taken")
    events = [
        single("FAIL1", eventID="urn:fail:taken"),
        single("FAIL1", eventID="urn:fail:after", eventTime=LATER, action="OBSERVE"),
        single("FAIL2", eventID="urn:fail:other"),
    ]
    job = await taken(running, large(*events), **ADD_PROCEED, **{"SR360-Choreography": "strict"})
    told = [(one["pointer"], one["code"]) for one in job["errors"]]
    assert told == [
        ("/epcisBody/eventList/0/eventID", "event_exists"),
        ("/epcisBody/eventList/1/epcList/0", "event_refused"),
    ]
    await found(running, "urn:fail:other")
    assert await ids(running, EQ_eventID="urn:fail:after") == []


async def test_refused_events_are_held_apart(running: Running) -> None:
    good = single("BIG1", eventID="urn:big:good")
    twice = single("BIG1", eventID="urn:big:twice", eventTime=LATER) | {"example:n": 0}
    wrong = event("BIG2", eventID="urn:big:wrong", bizStep="no step", extra=1)
    taken_name = single("BIG3", eventID="urn:big:good")
    body = large(wrong, good, twice, taken_name).replace(b'"example:n": 0', b'"example:n": 1.50')
    path, key = await held(running, body)
    await found(running, "urn:big:good")
    told = (await running.http.get(path, headers=key)).json()
    assert [(one["position"], one["state"]) for one in told] == [(n, "held") for n in (1, 3, 4)]
    by_schema, by_order, by_name = told
    assert by_name["problem"]["issues"][0]["rule"] == "event_exists"
    assert by_schema["event"] == {"@context": CONTEXT} | wrong
    assert {i["pointer"] for i in by_schema["problem"]["issues"]} == {
        f"/epcisBody/eventList/0/{name}" for name in ("bizStep", "extra")
    }
    [issue] = by_order["problem"]["issues"]
    assert issue["rule"] == "choreography.commissioned_twice"
    assert issue["pointer"] == "/epcisBody/eventList/2/epcList/0"
    assert '"example:n":1.50' in (await running.http.get(f"{path}/3", headers=key)).text
    assert (await running.http.get(f"{path}/1")).status_code == 403
    assert await ids(running, EQ_eventID="urn:big:twice|urn:big:wrong") == []
    better = {"@context": CONTEXT} | wrong | {"bizStep": "receiving", "action": "OBSERVE"}
    del better["extra"]
    await running.http.put(f"{path}/1", headers=key, content=json.dumps(better))
    answer = await running.http.post(f"{path}/1/release", headers=key)
    assert answer.status_code == 202, answer.text
    await found(running, "urn:big:wrong")


MAPPING = {
    "context": [{"example": "https://example.com/"}],
    "event": {"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning"},
    "fields": [
        {"field": "eventTime", "column": "When", "as": "time"},
        {"field": "epcList/0", "template": "https://id.gs1.org/01/00860009999923/21/{Serial}"},
        {"field": "eventID", "template": "urn:table:{Name}"},
        {"field": "example:note", "column": "Note"},
    ],
}


def table(*rows: str) -> str:
    wide = "n" * 30_000
    return "\n".join(["When,Serial,Name,Note", *(f"{row},{wide}" for row in rows)])


async def test_a_large_table(running: Running) -> None:
    await saved(running, "large", MAPPING)
    rows = [f"2026-05-01T09:0{n}:00Z,TAB{n},big{n}" for n in range(7)]
    rows[2] = rows[2].replace("2026-05-01", "2026-13-01")
    rows.append("2026-05-01T10:00:00Z,TAB0,twice")
    told = await table_taken(running, table(*rows), "large")
    assert (told["success"], {one["pointer"] for one in told["errors"]}) == (False, {"#cell=4,1"})
    assert await ids(running, EQ_eventID="urn:table:big0") == []
    told = await table_taken(running, table(*rows), "large", **ADD_PROCEED)
    assert [(one["pointer"], one["issues"][0]["rule"]) for one in told["errors"]] == [
        ("#cell=4,1", "csv.time"),
        ("#cell=9,2", "choreography.commissioned_twice"),
    ]
    await found(running, *(f"urn:table:big{n}" for n in (0, 1, 3, 4, 5, 6)))
    assert await ids(running, EQ_eventID="urn:table:twice") == []


async def test_a_large_table_without_an_event(running: Running) -> None:
    await saved(running, "large", MAPPING)
    rows = [f"never,NONE{n},none{n}" for n in range(7)]
    told = await table_taken(running, table(*rows), "large", **ADD_PROCEED)
    assert {one["pointer"] for one in told["errors"]} == {f"#cell={n},1" for n in range(2, 9)}


class Dying:
    """Records so many events, then the process is gone."""

    def __init__(self, count: int) -> None:
        self.left = count

    async def record(self, event: Any) -> str:
        if not self.left:
            raise asyncio.CancelledError
        self.left -= 1
        return "recorded"


@pytest.mark.parametrize("count", [0, 1, 2, 3])
async def test_what_a_process_leaves_is_gone_on_with(running: Running, count: int) -> None:
    """Errors and held events are written with the progress, so none is there twice."""
    prefix = f"urn:left:{count}"
    serials = [f"LEFT{count}X{n}" for n in range(5)]
    events = [single(one, eventID=f"{prefix}:{n}") for n, one in enumerate(serials)]
    events.insert(1, single(serials[0], eventID=f"{prefix}:twice", eventTime=LATER))
    dying = Jobs(running.database, Dying(count))  # type: ignore[arg-type]
    asked = Asked(Choreography.REFUSE)
    job = None
    while job is None:  # the running service may be faster; then there is nothing left to test
        job_id = await dying.take_large(
            io.BytesIO(large(*events)), PROCEED, asked, 100, hashed("key")
        )
        job = await dying._claims.next()
    assert job.job_id == job_id
    with pytest.raises(asyncio.CancelledError):
        await dying._work(job)
    async with asyncio.timeout(60):  # the claim ends, and the running service goes on
        while (told := (await running.http.get(f"/capture/{job_id}")).json())["running"]:
            await asyncio.sleep(0.1)
    assert (told["success"], len(told["errors"])) == (False, 1)
    with running.database.read_session() as session:
        for model, wanted in ((CaptureJobError, [1]), (QuarantinedEvent, [2])):
            rows = session.exec(select(model).where(model.job_id == job_id)).all()
            assert [row.position for row in rows] == wanted
        wanted_rows = select(CaptureEvent.position).where(CaptureEvent.job_id == job_id)
        assert sorted(session.exec(wanted_rows).all()) == [0, 2, 3, 4, 5]
    recorded_here = [f"{prefix}:{n}" for n in range(5)]
    # what the dying process only pretended to record, the service behind its progress does not
    assert set(await ids(running, EQ_eventID="|".join(recorded_here))) <= set(recorded_here)
    await found(running, f"{prefix}:4")
