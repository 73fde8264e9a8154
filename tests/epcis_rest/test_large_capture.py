"""Documents too large for memory: taken as a whole, or nothing of them is stored.

given a large document, JSON or XML, packed or not
├── each event is stored once, number for number, at its place
├── with a mistake -> rollback stores none, proceed the others; 10,000 mistakes are all told
├── that ends too early, or is none -> refused, and nothing is stored
└── over a limit -> 413, whatever it is packed into
"""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlmodel import select

from api.app import create_app
from api.capture.jobs import Jobs
from api.capture.judging import built
from api.capture.recorder import Recorder
from api.deps import Services
from benchmarks.epcis import made
from core.crypto import Domain
from core.db.app_tables import CaptureEvent, CaptureJob, CaptureJobError
from core.document.lexical import canonical, parse_event
from core.epcis.validate import events_of, read, validate_document
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository

COUNT = 450
LIMITS = {"max_body_bytes": 10_000, "max_capture_bytes": 500_000, "max_capture_events": 500}


@pytest_asyncio.fixture
async def http(repository: Repository, prepared: Prepared) -> AsyncIterator[httpx.AsyncClient]:
    """A service that takes documents; nothing here works them off, which needs a chain."""
    limits = prepared.settings.api.model_copy(update=LIMITS)
    settings = prepared.settings.model_copy(update={"api": limits})
    domain = Domain("SmartRetail360", "1", 31337, bytes(20))
    recorder = Recorder(prepared.database, None, domain, bytes(31) + b"\1")  # type: ignore[arg-type]
    jobs = Jobs(prepared.database, recorder)
    services = Services(settings, prepared.database, *[None] * 5, jobs)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def rows(prepared: Prepared, model: Any) -> list[Any]:
    with prepared.database.read_session() as session:
        return sorted(
            session.exec(select(model)).all(), key=lambda row: getattr(row, "position", 0)
        )


async def job(http: httpx.AsyncClient, body: bytes, **headers: str) -> dict[str, Any]:
    answer = await http.post("/capture", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict((await http.get(answer.headers["location"])).json())


def spoilt(*places: int) -> bytes:
    document = json.loads(made.document(COUNT))
    for place in places:
        document["epcisBody"]["eventList"][place]["bizStep"] = "no step"
    return json.dumps(document, indent=1).encode()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_every_event_is_stored_at_its_place(
    http: httpx.AsyncClient, prepared: Prepared, form: str, packed: bool
) -> None:
    body = made.document(COUNT)
    if form == "xml":
        body = b"".join(made.xml_pieces(COUNT))
    wanted = [canonical(event) for _, event in events_of(read(body))]
    headers = {"content-encoding": "gzip"} if packed else {}
    told = await job(http, gzip.compress(body) if packed else body, **headers)
    assert (told["running"], told["success"], told["errors"]) == (True, True, [])
    stored = rows(prepared, CaptureEvent)
    assert [row.position for row in stored] == list(range(COUNT))
    assert [row.event for row in stored] == wanted
    [row] = rows(prepared, CaptureJob)
    again = built(stored[7:9], parse_event(row.document))
    whole = validate_document(body)[7:9]
    assert again == whole


async def test_one_mistake_rolls_all_back(http: httpx.AsyncClient, prepared: Prepared) -> None:
    told = await job(http, spoilt(401))
    assert (told["running"], told["success"]) == (False, False)
    assert {one["pointer"] for one in told["errors"]} == {"/epcisBody/eventList/401/bizStep"}
    assert rows(prepared, CaptureEvent) == []


async def test_or_only_itself(http: httpx.AsyncClient, prepared: Prepared) -> None:
    told = await job(http, spoilt(3, 401), **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert (told["running"], told["success"]) == (True, False)
    stored = rows(prepared, CaptureEvent)
    assert [row.position for row in stored] == [n for n in range(COUNT) if n not in (3, 401)]


async def test_a_mistake_around_the_events_spoils_all(
    http: httpx.AsyncClient, prepared: Prepared
) -> None:
    body = made.document(COUNT).replace(b'"creationDate":"2026', b'"creationDate":"x')
    told = await job(http, body, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert [one["pointer"] for one in told["errors"]] == ["/creationDate"]
    assert rows(prepared, CaptureEvent) == []


async def test_ten_thousand_mistakes_are_all_told(
    http: httpx.AsyncClient, prepared: Prepared
) -> None:
    one = {"type": "ObjectEvent", "bizStep": "no step"}
    head = json.loads(made.document(0))
    head["epcisBody"]["eventList"] = [one] * 500  # 20 each
    one |= {f"bad{n}": n for n in range(30)}
    answer = await http.post("/capture", content=json.dumps(head).encode())
    count = len(rows(prepared, CaptureJobError))
    assert count > 10_000
    seen: list[str] = []
    url = answer.headers["location"] + "?perPage=1000"
    while url:
        page = await http.get(url)
        seen += [f"{each['pointer']} {each['detail']}" for each in page.json()["errors"]]
        url = page.links.get("next", {}).get("url", "")
    assert len(seen) == count
    assert len({one.split()[0].split("/")[3] for one in seen}) == 500


@pytest.mark.parametrize("cut", [-1, -2, -200, -2_000])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_what_ends_too_early_leaves_nothing(
    http: httpx.AsyncClient, prepared: Prepared, cut: int, form: str
) -> None:
    body = made.document(COUNT)
    body = (b"".join(made.xml_pieces(COUNT)) if form == "xml" else body)[:cut]
    answer = await http.post(
        "/capture", content=body, headers={"GS1-Capture-Error-Behaviour": "proceed"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    for model in (CaptureJob, CaptureEvent, CaptureJobError):
        assert rows(prepared, model) == []


LARGE = "x" * 20_000
REFUSED = {
    "a bomb": (gzip.compress(b" " * 600_000), "gzip", 413, "too_large"),
    "too many bytes": (b" " * 600_000, "identity", 413, "too_large"),
    "too many events": (made.document(501), "identity", 413, "capture_too_large"),
    "no gzip": (made.document(COUNT), "gzip", 400, "malformed"),
    "half a gzip": (gzip.compress(made.document(COUNT))[:-9], "gzip", 400, "malformed"),
    "another encoding": (made.document(1), "br", 415, "unsupported_media"),
    "no events": (json.dumps({"type": "x", "a": LARGE}).encode(), "identity", 400, "event_refused"),
    "white space": (b" " * 20_000, "identity", 400, "malformed"),
    "entities": (
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>' + LARGE.encode() + b"&e;</a>",
        *("identity", 400, "malformed"),
    ),
    "other XML": (b"<a>" + LARGE.encode() + b"</a>", "identity", 422, "invalid_document"),
}


@pytest.mark.parametrize(("body", "encoding", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_is_named(
    http: httpx.AsyncClient, prepared: Prepared, body: bytes, encoding: str, status: int, code: str
) -> None:
    answer = await http.post("/capture", content=body, headers={"content-encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert rows(prepared, CaptureJob) == []


async def test_who_signs_may_not_send_as_much(http: httpx.AsyncClient) -> None:
    """What is prepared for a signature is answered event by event, so it stays small."""
    actor = "0x" + "11" * 20
    answer = await http.post("/capture", params={"actor": actor}, content=made.document(COUNT))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_the_limits_are_told(http: httpx.AsyncClient) -> None:
    limits = (await http.options("/capture")).headers
    assert limits["gs1-epcis-capture-limit"] == "500"
    assert limits["gs1-epcis-capture-file-size-limit"] == "500000"
