"""Named queries, and telling subscribers: each new event once, signed, until it is taken.

a webhook
├── gets new events, signed so that its token checks them, and none twice
├── that fails gets the same message again, later and later
├── is told of an event whose document came long after its block
└── may have everything again
a target inside our own network -> refused, by address, by name, and when its name leads there
a schedule -> runs when its fields say
a WebSocket -> the same events as text
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from api.deps import Services
from api.main import serve
from api.subscriptions.engine import WAITS_S, Engine
from api.subscriptions.schedule import read_schedule
from api.subscriptions.target import PublicResolver, TargetRefused, check_target
from core.config import ApiSettings, WebhookSettings
from core.epcis.query.errors import SubscriptionControlsInvalid
from scripts.anvil import free_port
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository, made

TOKEN = "13df38d8275b13f05704629e5f1cf3d45d6132d5"
SHIPPED = {"name": "shipped", "query": {"EQ_bizStep": ["shipping"]}}
LONG_AGO = "2000-01-01T00:00:00Z"


@dataclass
class Receiver:
    """A subscriber's server, which answers as it is told to."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)

    def told(self) -> list[list[str]]:
        """The names of the events of each message."""
        return [
            [
                one["eventID"].rpartition(":")[2]
                for one in json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            ]
            for _, body in self.got
        ]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [socket] = site._server.sockets  # type: ignore[union-attr]
    found.url = f"http://127.0.0.1:{socket.getsockname()[1]}/hook"
    yield found
    await runner.cleanup()


@pytest_asyncio.fixture
async def step(repository: Repository) -> AsyncIterator[Any]:
    """Everything the engine does when it is due."""
    engine = Engine(repository.database, WebhookSettings(allow_private=True, poll_interval_s=0.001))
    async with aiohttp.ClientSession() as session:

        async def once(times: int = 1) -> None:
            for _ in range(times):
                await asyncio.sleep(0.005)
                await engine.step(session)

        yield once


async def subscribed(repository: Repository, receiver: Receiver, **members: Any) -> dict[str, Any]:
    await repository.http.post("/queries", json=SHIPPED)
    body = {"dest": receiver.url, "signatureToken": TOKEN, "stream": True} | members
    body = {name: value for name, value in body.items() if value is not None}
    answer = await repository.http.post("/queries/shipped/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"].endswith(found["subscriptionID"])
    assert TOKEN not in answer.text
    return found


async def test_a_query_has_a_name(repository: Repository) -> None:
    repository.record([made("a", bizStep="shipping"), made("b", bizStep="packing")])
    http = repository.http
    assert (await http.get("/queries")).json() == []
    answer = await http.post("/queries", json=SHIPPED)
    assert answer.status_code == 201
    assert answer.headers["location"].endswith("/queries/shipped")
    assert (await http.get("/queries")).json() == [SHIPPED]
    assert (await http.get("/queries/shipped")).json() == SHIPPED
    assert await repository.ids("/queries/shipped/events") == ["urn:event:a"]
    answer = await http.get("/queries/shipped/events", params={"EQ_action": "ADD"})
    assert (answer.status_code, answer.json()["pointer"]) == (400, "EQ_action")
    answer = await http.post("/queries", json=SHIPPED)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_name")
    assert (await http.delete("/queries/shipped")).status_code == 204
    assert (await http.get("/queries/shipped/events")).json()["code"] == "no_such_name"


async def test_a_query_brings_its_own_prefixes_and_types(repository: Repository) -> None:
    repository.record([made("a", **{"ex:weight": "26.0"}), made("b", **{"ex:weight": "27"})])
    query = {
        "@context": [{"own": "https://ns.example.com/epcis/"}],
        "EQ_own:weight": [26],
        "EXISTS_errorDeclaration": False,
        "eventCountLimit": 5,
    }
    await repository.http.post("/queries", json={"name": "typed", "query": query})
    assert await repository.ids("/queries/typed/events") == ["urn:event:a"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"EQ_bizStep": "shiping"}, "EQ_bizStep"),
        ({"EQ_bizStep": [["shipping"]]}, "EQ_bizStep"),
        ({"EQ_bizStep": []}, "EQ_bizStep"),
        ({"GE_eventTime": 5}, "GE_eventTime"),
        ({"what": "x"}, "what"),
        ("EQ_bizStep", "/query"),
    ],
)
async def test_a_wrong_query_gets_no_name(repository: Repository, query: Any, pointer: str) -> None:
    answer = await repository.http.post("/queries", json={"name": "wrong", "query": query})
    assert (answer.status_code, answer.json()["pointer"]) == (400, pointer)
    assert (await repository.http.get("/queries/wrong")).status_code == 404


async def test_new_events_are_told_once_and_signed(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    repository.record([made("before", bizStep="shipping")])
    found = await subscribed(repository, receiver)
    await step(2)
    assert receiver.got == []  # recorded before the subscription
    await repository.http.delete(f"/queries/shipped/subscriptions/{found['subscriptionID']}")
    await subscribed(repository, receiver, initialRecordTime=LONG_AGO)
    repository.record([made("a", bizStep="shipping"), made("b", bizStep="packing")])
    await step(3)
    repository.record([made("c", bizStep="shipping")])
    await step(3)
    assert receiver.told() == [["before", "a"], ["c"]]
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(TOKEN.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == headers["GS1-Signature"] == f"v1,{wanted}"
    [row] = (await repository.http.get("/queries/shipped/subscriptions")).json()
    assert row["lastNotifiedAt"] >= row["createdAt"]


async def test_an_event_read_long_after_its_block_is_told(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    await subscribed(repository, receiver, initialRecordTime=LONG_AGO)
    late = repository.reserve()
    repository.record([made("early", bizStep="shipping")])
    await step(2)
    repository.record([made("late", bizStep="shipping")], at=late)
    await step(2)
    assert receiver.told() == [["early"], ["late"]]


async def test_what_fails_comes_again(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    receiver.statuses = [500, 302]
    await subscribed(repository, receiver, initialRecordTime=LONG_AGO)
    repository.record([made("a", bizStep="shipping")])
    await step(3)
    assert len(receiver.got) == 1  # the next attempt waits
    for attempts in (1, 2):
        [row] = messages(repository)
        assert (row.state, row.attempts) == ("waiting", attempts)
        waits = (row.next_attempt_at - row.created_at) / 1000
        assert waits > 0.5 * WAITS_S[attempts - 1]
        hurry(repository)
        await step(2)
    assert receiver.told() == [["a"]] * 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert [row.state for row in messages(repository)] == ["delivered"]


async def test_everything_may_be_had_again(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    found = await subscribed(repository, receiver, initialRecordTime=LONG_AGO)
    repository.record([made("a", bizStep="shipping")])
    await step(2)
    path = f"/queries/shipped/subscriptions/{found['subscriptionID']}/replay"
    assert (await repository.http.post(path)).json() == {"messages": 1}
    await step()
    assert receiver.told() == [["a"], ["a"]]
    nothing = await repository.http.post(path, params={"since": "2100-01-01T00:00:00Z"})
    assert nothing.json() == {"messages": 0}


async def test_a_deleted_subscription_is_silent(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    found = await subscribed(repository, receiver, initialRecordTime=LONG_AGO)
    path = f"/queries/shipped/subscriptions/{found['subscriptionID']}"
    assert (await repository.http.get(path)).json()["dest"] == receiver.url
    assert (await repository.http.delete(path)).status_code == 204
    repository.record([made("a", bizStep="shipping")])
    await step(2)
    assert receiver.got == []
    assert (await repository.http.get(path)).status_code == 404


async def test_a_schedule_waits_and_may_report_nothing(
    repository: Repository, receiver: Receiver, step: Any
) -> None:
    schedule = {"hour": "1", "minute": "5"}
    asked = {"schedule": schedule, "stream": None, "reportIfEmpty": True}
    found = await subscribed(repository, receiver, initialRecordTime=LONG_AGO, **asked)
    assert found["schedule"] == schedule
    await step()
    assert receiver.got == []
    hurry(repository)
    await step()
    assert receiver.told() == [[]]


@pytest.mark.parametrize(
    "body",
    [
        {"dest": "https://example.com/", "signatureToken": "x"},
        {"dest": "https://example.com/", "signatureToken": "x", "stream": False},
        {"dest": "https://example.com/", "signatureToken": "x", "stream": True, "schedule": {}},
        {"dest": "https://example.com/", "stream": True},
        {"dest": "https://example.com/", "signatureToken": "x", "schedule": {"minute": "60"}},
        {"dest": "https://example.com/", "signatureToken": "x", "schedule": {"week": "1"}},
        {"dest": "ftp://example.com/", "signatureToken": "x", "stream": True},
        {"dest": "https://example.com/", "signatureToken": "x", "stream": True, "more": 1},
    ],
)
async def test_controls_that_make_no_sense(repository: Repository, body: Any) -> None:
    await repository.http.post("/queries", json=SHIPPED)
    answer = await repository.http.post("/queries/shipped/subscriptions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "subscription_controls")


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://192.168.0.1:8443/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[fd00::1]/",
        "https://[2002:7f00:1::]/",
        "https://localhost/",
        "https://db.internal/",
        "https://user:password@example.com/",
        "https://exa mple.com/",
        "https:///x",
        "https://[/",
    ],
)
def test_a_target_inside_is_refused(target: str) -> None:
    with pytest.raises(SubscriptionControlsInvalid):
        check_target(target, allow_private=False)


async def test_a_name_that_leads_inside_is_refused() -> None:
    with pytest.raises(TargetRefused):
        await PublicResolver(allow_private=False).resolve("localhost", 443)
    assert await PublicResolver(allow_private=True).resolve("localhost", 443)


@pytest.mark.parametrize(
    ("fields", "after", "wanted"),
    [
        ({"second": "0/30"}, "2026-11-28T10:00:00", "2026-11-28T10:00:30"),
        ({"minute": "5", "hour": "1"}, "2026-11-28T01:05:00", "2026-11-29T01:05:00"),
        ({"minute": "[10-12],40"}, "2026-11-28T10:12:30", "2026-11-28T10:40:00"),
        ({"dayOfWeek": "1"}, "2026-11-28T10:00:00", "2026-11-30T00:00:00"),
        ({"dayOfMonth": "29", "month": "2", "hour": "0", "minute": "0"}, "2026-11-28T10:00:00",
         "2028-02-29T00:00:00"),
    ],
)  # fmt: skip
def test_schedules(fields: dict[str, str], after: str, wanted: str) -> None:
    found = read_schedule(fields).after(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


def test_a_day_that_never_comes_is_refused() -> None:
    never = read_schedule({"dayOfMonth": "31", "month": "2"})
    with pytest.raises(SubscriptionControlsInvalid):
        never.after(datetime.now(UTC))


async def test_a_websocket_tells_new_events(prepared: Prepared, repository: Repository) -> None:
    port = free_port()
    settings = prepared.settings.model_copy(update={"api": ApiSettings(port=port)})
    services = Services(settings, prepared.database, *[None] * 6)  # type: ignore[arg-type]
    serving = asyncio.create_task(serve(services))
    await repository.http.post("/queries", json=SHIPPED)
    path = f"/queries/shipped/events?stream=true&initialRecordTime={LONG_AGO}"
    repository.record([made("a", bizStep="shipping")])
    async with asyncio.timeout(60), await opened(f"ws://127.0.0.1:{port}{path}") as line:
        assert "urn:event:a" in str(await line.recv())
        repository.record([made("b", bizStep="packing"), made("c", bizStep="shipping")])
        told = str(await line.recv())
        assert "urn:event:c" in told
        assert "urn:event:a" not in told
    async with (
        asyncio.timeout(60),
        await opened(f"ws://127.0.0.1:{port}/queries/none/events") as no,
    ):
        with pytest.raises(ConnectionClosedError) as closed:
            await no.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4400
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def opened(url: str) -> ClientConnection:
    """A connection, as soon as the server listens."""
    while True:
        with contextlib.suppress(OSError):
            return await connect(url)
        await asyncio.sleep(0.05)


def messages(repository: Repository) -> list[Any]:
    with repository.database.read_session() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM app.webhook_message")
        return list(rows.all())


def hurry(repository: Repository) -> None:
    """Make everything due."""
    with repository.database.write_session() as session:
        session.connection().exec_driver_sql("UPDATE app.webhook_message SET next_attempt_at = 0")
        session.connection().exec_driver_sql("UPDATE app.subscription SET due_at = 0")
