"""Tables at the door: saved mappings, and files captured by them.

a mapping -> saved, replaced, listed, forgotten; a wrong one is refused with its place
a file
├── of the documentation -> its event, recorded; again -> nothing new
├── with wrong cells -> rollback records nothing, proceed the others; each cell is told
├── what the rules find in its events is told by cell as well
├── for signing -> the same, all or nothing
└── without a mapping, or an unknown one -> refused
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.chain.keys import Actor
from tests.api.test_capture import address
from tests.api.test_capture_jobs import found

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/csv.md").read_text()
CSV = {"content-type": "text/csv"}
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


def example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


MAPPING = json.loads(example("mapping"))
TABLE = example("table")


async def saved(running: Running, name: str, mapping: dict[str, Any] = MAPPING) -> None:
    answer = await running.http.put(f"/mappings/{name}", content=json.dumps(mapping))
    assert answer.status_code in (201, 204), answer.text


async def taken(running: Running, table: str, mapping: str, **headers: str) -> dict[str, Any]:
    answer = await running.http.post(
        f"/capture?mapping={mapping}", content=table.encode(), headers=CSV | headers
    )
    assert answer.status_code == 202, answer.text
    url = answer.headers["location"]
    async with asyncio.timeout(60):
        while (job := (await running.http.get(url)).json())["running"]:
            await asyncio.sleep(0.1)
    return dict(job)


async def test_mappings(running: Running) -> None:
    await running.http.delete("/mappings/kept")
    answers = [
        await running.http.put("/mappings/kept", content=json.dumps(MAPPING)) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 204]
    assert (await running.http.get("/mappings/kept")).json()["mapping"] == MAPPING
    listed = (await running.http.get("/mappings")).json()
    assert "kept" in [one["name"] for one in listed]
    assert (await running.http.delete("/mappings/kept")).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await running.http.request(method, "/mappings/kept")).status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("ok", b"{}", 422),
        ("ok", b"{", 400),
        ("ok", b'{"event":{"type":"ObjectEvent"},"event":{},"fields":[]}', 400),
        ("not ok", json.dumps(MAPPING).encode(), 400),
    ],
)
async def test_wrong_mappings(running: Running, name: str, body: bytes, status: int) -> None:
    answer = await running.http.put(f"/mappings/{name}", content=body)
    assert answer.status_code == status, answer.text


async def test_the_example_of_the_documentation(running: Running) -> None:
    await saved(running, "deliveries")
    mapping = json.loads(example("mapping"))
    mapping["event"]["eventID"] = "urn:table:example"
    await saved(running, "example", mapping)
    for _ in range(2):
        job = await taken(running, TABLE, "example")
        assert (job["success"], job["errors"]) == (True, [])
    await found(running, "urn:table:example")
    event = (await running.http.get("/events/urn:table:example")).text
    wanted = json.loads(example("event"))
    told = json.loads(event)
    events = told["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert wanted.items() <= events[0].items()
    assert '"quantity":1234.50' in event


def lines(*lots: str) -> str:
    header, row, _ = TABLE.splitlines()
    rows = [row.replace("ICE2604A", lot).replace("D-17", f"D-{n}") for n, lot in enumerate(lots)]
    return "\n".join([header, *rows])


async def test_wrong_cells_are_told(running: Running) -> None:
    mapping = MAPPING | {"event": MAPPING["event"] | {"eventID": "urn:table:cells"}}
    await saved(running, "cells", mapping)
    table = lines("CELL1", "CELL2").replace("1.234,50", "viel", 1)
    job = await taken(running, table, "cells")
    assert [one["pointer"] for one in job["errors"]] == ["#cell=2,5"]
    [issue] = job["errors"][0]["issues"]
    assert issue["rule"] == "csv.number"
    assert "column 'Amount'" in issue["message"]
    assert "1234,5" in issue["hint"]
    job = await taken(running, table, "cells", **PROCEED)
    assert job["success"] is False
    await found(running, "urn:table:cells")


async def test_what_rules_find_is_told_by_cell(running: Running) -> None:
    await saved(running, "deliveries")
    table = lines("RULE1", "RULE2").replace("860009999923;RULE2", "860009999924;RULE2")
    job = await taken(running, table.replace("1.234,50", "-5"), "deliveries")
    told = {(one["issues"][0]["rule"], one["pointer"]) for one in job["errors"]}
    assert told == {
        ("gs1.check_digit", "#cell=3,3"),
        ("epcis.quantity", "#cell=2,5"),
        ("epcis.quantity", "#cell=3,5"),
    }
    url = "/capture?mapping=deliveries&profile=gdst"
    answer = await running.http.post(url, content=lines("RULE3"), headers=CSV)
    async with asyncio.timeout(60):
        while (job := (await running.http.get(answer.headers["location"])).json())["running"]:
            await asyncio.sleep(0.1)
    assert {one["pointer"] for one in job["errors"]} == {"#row=2"}


async def test_quarantine_of_a_table(running: Running) -> None:
    await saved(running, "deliveries")
    table = lines("HELD1").replace("860009999923", "860009999924")
    headers = CSV | {"SR360-Quarantine": "true"}
    url = "/capture?mapping=deliveries"
    answer = await running.http.post(url, content=table, headers=headers)
    location = answer.headers["location"]
    async with asyncio.timeout(60):
        while (await running.http.get(location)).json()["running"]:
            await asyncio.sleep(0.1)
    key = {"SR360-Quarantine-Key": answer.headers["sr360-quarantine-key"]}
    [held] = (await running.http.get(f"{location}/quarantine", headers=key)).json()
    fixed = json.dumps(held["event"]).replace("860009999924", "860009999923")
    told = await running.http.put(f"{location}/quarantine/1", content=fixed, headers=key)
    assert told.json()["problem"] is None


async def test_for_signing(running: Running) -> None:
    await saved(running, "deliveries")
    params = {"actor": address(Actor.FARM, running), "mapping": "deliveries"}
    table = lines("SIGN1", "SIGN2")
    answer = await running.http.post("/capture", content=table, params=params, headers=CSV)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["events"]) == 2
    wrong = table.replace("1.234,50", "viel")
    answer = await running.http.post("/capture", content=wrong, params=params, headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_document")
    assert [i["pointer"] for i in answer.json()["issues"]] == ["#cell=2,5", "#cell=3,5"]
    late = table.replace("860009999923;SIGN2", "860009999924;SIGN2")
    answer = await running.http.post("/capture", content=late, params=params, headers=CSV)
    assert [i["pointer"] for i in answer.json()["issues"]] == ["#cell=3,3"]


@pytest.mark.parametrize(
    ("query", "body", "status", "code"),
    [
        ("", TABLE, 415, "unsupported_media"),
        ("?mapping=none", TABLE, 404, "no_such_name"),
        ("?mapping=deliveries", "a;b\n1;2", 422, "invalid_document"),
        ("?mapping=deliveries", "", 422, "invalid_document"),
        ("?mapping=deliveries", TABLE.splitlines()[0], 400, None),
    ],
)
async def test_files_that_are_none(
    running: Running, query: str, body: str, status: int, code: str | None
) -> None:
    await saved(running, "deliveries")
    answer = await running.http.post(f"/capture{query}", content=body, headers=CSV)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
