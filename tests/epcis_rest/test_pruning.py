"""What is forgotten after a while, and what is not.

given rows older than the settings say, and younger ones
├── finished jobs -> their documents go, how they ended and what they hold stays readable
├── open jobs, however old -> stay whole
├── delivered and failed messages -> go; what waits stays
└── told events below the floor -> go, and are not told again although the floor sinks
"""

from typing import Any

import aiohttp
import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from api import pruning
from api.pruning import Pruner
from api.subscriptions.engine import Engine
from core import clock
from core.config import WebhookSettings
from core.db.app_tables import (
    CaptureEvent,
    CaptureJob,
    CaptureJobError,
    Subscription,
    ToldEvent,
    WebhookMessage,
)
from core.db.chain_tables import EventIndex
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository, made
from tests.epcis_rest.test_large_capture import http, rows, spoilt  # noqa: F401  a fixture

DAY_MS = 24 * 3600 * 1000
OLD, YOUNG = 31 * DAY_MS, 29 * DAY_MS


async def pruned(prepared: Prepared) -> int:
    """Prunes until nothing is left to prune; how many batches that took."""
    pruner, batches = Pruner(prepared.database, prepared.settings), 1
    while await pruner.step():
        batches += 1
    return batches


def finish(prepared: Prepared, job_id: str, ago: int | None) -> None:
    with prepared.database.write_session() as session:
        job = session.get(CaptureJob, job_id)
        assert job is not None
        job.finished_at = None if ago is None else clock.now_ms() - ago


async def taken(client: httpx.AsyncClient) -> str:
    headers = {"GS1-Capture-Error-Behaviour": "proceed"}
    answer = await client.post("/capture", content=spoilt(3), headers=headers)
    return answer.headers["location"].rpartition("/")[2]


async def test_documents_of_finished_jobs(
    repository: Repository,
    prepared: Prepared,
    http: httpx.AsyncClient,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 100)
    old, young, still_open = [await taken(http) for _ in range(3)]
    for job_id, ago in ((old, OLD), (young, YOUNG), (still_open, None)):
        finish(prepared, job_id, ago)
    before = (await http.get(f"/capture/{old}")).json()
    assert await pruned(prepared) > 4
    assert (await http.get(f"/capture/{old}")).json() == before
    assert (before["running"], before["success"], len(before["errors"])) == (False, False, 1)
    left = {row.job_id for row in rows(prepared, CaptureEvent)}
    assert left == {young, still_open}
    assert {row.job_id for row in rows(prepared, CaptureJobError)} == {old, young, still_open}
    documents = {row.job_id: row.document for row in rows(prepared, CaptureJob)}
    assert documents[old] == b""
    assert documents[young] == documents[still_open] != b""
    assert await pruned(prepared) == 1


def message(name: str, state: str, ago: int) -> WebhookMessage:
    return WebhookMessage(
        message_id=name, subscription_id="s", body="{}", state=state, next_attempt_at=0,
        created_at=clock.now_ms() - ago,
    )  # fmt: skip


def subscription(**values: Any) -> Subscription:
    return Subscription(
        subscription_id="s", query_name="shipped", target="http://127.0.0.1:9/", secret="x",
        initial_record_time=0, created_at=0, due_at=0, **values,
    )  # fmt: skip


async def test_messages(repository: Repository, prepared: Prepared) -> None:
    with prepared.database.write_session() as session:
        session.add(subscription())
        for state in ("delivered", "failed", "waiting"):
            session.add_all([message(f"old {state}", state, OLD), message(state, state, YOUNG)])
    await pruned(prepared)
    left = {row.message_id for row in rows(prepared, WebhookMessage)}
    assert left == {"delivered", "failed", "waiting", "old waiting"}


@pytest.mark.parametrize("at_once", [2, 1_000])
async def test_told_events(
    repository: Repository, prepared: Prepared, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", at_once)
    body = {"name": "shipped", "query": {"EQ_bizStep": ["shipping"]}}
    assert (await repository.http.post("/queries", json=body)).status_code == 201
    repository.record([made(f"one{n}", bizStep="shipping") for n in range(7)])
    repository.record([made(f"same{n}", bizStep="shipping") for n in range(5)])
    with prepared.database.write_session() as session:
        late = update(EventIndex).where(col(EventIndex.first_block) > 8)
        session.connection().execute(late.values(first_block=8))
        session.add(subscription())
    engine = Engine(prepared.database, WebhookSettings(allow_private=True, poll_interval_s=9))
    async with aiohttp.ClientSession() as session_:
        await engine.step(session_)
        assert len(rows(prepared, ToldEvent)) == 12
        assert len(rows(prepared, WebhookMessage)) == 1
        _floor(prepared, 5)
        await pruned(prepared)
        assert len(rows(prepared, ToldEvent)) == 8
        _floor(prepared, 9)
        await pruned(prepared)
        assert rows(prepared, ToldEvent) == []
        # a document that is to be read again lets the floor sink
        _floor(prepared, 0)
        await engine.step(session_)
    assert len(rows(prepared, WebhookMessage)) == 1


async def test_younger_than_asked_is_kept(
    repository: Repository, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning.clock, "now_ms", lambda: 1_700_000_000_000 + 30 * DAY_MS + 150_000)
    numbers = repository.record([made(f"e{n}") for n in range(4)])
    with prepared.database.write_session() as session:
        session.add(subscription(floor_block=100))
        for row in repository.hashes():
            session.add(ToldEvent(subscription_id="s", data_hash=row))
    await pruned(prepared)
    with prepared.database.read_session() as session:
        [found] = session.exec(select(Subscription)).all()
    assert found.pruned_block == numbers[2]
    assert len(rows(prepared, ToldEvent)) == 2


def _floor(prepared: Prepared, block: int) -> None:
    with prepared.database.write_session() as session:
        row = session.get(Subscription, "s")
        assert row is not None
        row.floor_block, row.due_at = block, 0
