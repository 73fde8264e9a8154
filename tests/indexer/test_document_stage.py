"""The second stage against gateways that misbehave, and against time.

├── a document that arrives a day later is picked up; until then it was asked for again and again,
│   at most once a minute and never two in step
├── a gateway that hangs ends the document's turn; those that answer are read meanwhile
├── a gateway that drips is given up, and its thread is free again
├── a block without end is refused with the reason, and not kept in memory
├── an answer that breaks off is tried again, never called altered
├── a node that is down is asked by one document for all
└── what footprints and anchors commit to is read like the rest, and goes with them
"""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy import text

from core.chain import deployments
from core.chain.bindings import anchor_log, footprint_registry
from core.config import IpfsSettings
from core.crypto import keccak256, sha256
from core.crypto.cids import cid_v1_raw
from core.db import Database, Writes, open_database
from core.ipfs.client import Ipfs
from core.types import Millis
from indexer import documents, rows
from indexer.documents import Documents
from indexer.metrics import Metrics
from indexer.outage import Outage
from indexer.registry import registry_of
from indexer.statements import insert
from indexer.verify import verify
from scripts.anvil import free_port

GOOD = b"a notice anybody may read"
DAY_MS = 86_400_000

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest_asyncio.fixture
async def database(settings) -> AsyncIterator[Database]:
    opened = await asyncio.to_thread(open_database, settings, Writes.CHAIN)
    yield opened
    opened.close()


async def mention(database: Database, *contents: bytes) -> None:
    made = [row for one in contents for row in rows.document(sha256(one), "notice", 1)]
    await database.write(lambda session: insert(session.connection(), made))


async def states(database: Database) -> dict[bytes, Any]:
    query = text("SELECT * FROM chain.document")
    found = await database.read(lambda s: list(s.connection().execute(query)))
    return {bytes(row.data_hash): row for row in found}


async def until(check: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(1200):
        if await check():
            return
        await asyncio.sleep(0.025)
    raise AssertionError(f"never happened: {what}")


@asynccontextmanager
async def stage(settings, database: Database, timeout_s: float = 30) -> AsyncIterator[Metrics]:
    """A running document stage and its metrics."""
    registry, metrics = registry_of(deployments.load(settings)), Metrics()
    async with Ipfs.from_settings(settings) as ipfs:
        made = Documents(database, ipfs, registry, metrics, timeout_s=timeout_s)
        task = asyncio.create_task(made.run())
        try:
            yield metrics
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def gateway(settings, answers: dict[bytes, Answer]) -> AsyncIterator[Any]:
    """Settings that name a node which answers `block/get` of each content in its own way."""
    by_cid = {cid_v1_raw(sha256(content)): answer for content, answer in answers.items()}

    async def get(request: web.Request) -> web.StreamResponse:
        return await by_cid[request.query["arg"]](request)

    app, port = web.Application(), free_port()
    app.router.add_post("/api/v0/block/get", get)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    ipfs = IpfsSettings(api_port=port, timeout_s=1)
    try:
        yield settings.model_copy(update={"ipfs": ipfs})
    finally:
        await runner.cleanup()


async def whole(_: web.Request) -> web.StreamResponse:
    return web.Response(body=GOOD)


async def test_a_document_of_tomorrow(settings, database, ipfs_node, monkeypatch) -> None:
    clock = [Millis(1_776_000_000_000)]
    monkeypatch.setattr(documents, "now_ms", lambda: clock[0])
    lost = GOOD + b" one day"
    await mention(database, GOOD, lost)
    registry = registry_of(deployments.load(settings))
    waits: dict[bytes, list[int]] = {sha256(GOOD): [], sha256(lost): []}
    async with Ipfs.from_settings(settings) as ipfs:
        made = Documents(database, ipfs, registry)

        async def turn() -> None:
            """Try what is due at this moment, and save it."""
            await made.step()
            while made.busy:
                await asyncio.wait(made.busy)
                await made.step()

        for _ in range(12):
            await turn()
            for key, row in (await states(database)).items():
                waits[key].append(row.next_attempt_at - clock[0])
            clock[0] = Millis(max(r.next_attempt_at for r in (await states(database)).values()))
        assert all(0 < wait <= 60_000 for one in waits.values() for wait in one)
        assert min(waits[sha256(GOOD)][-3:]) >= 30_000
        assert waits[sha256(GOOD)] != waits[sha256(lost)]
        clock[0] = Millis(clock[0] + DAY_MS)
        await ipfs.put_block(GOOD)
        await turn()
        found = await states(database)
    assert (found[sha256(GOOD)].status, found[sha256(GOOD)].payload) == ("ready", GOOD)
    row = found[sha256(lost)]
    assert (row.status, row.attempts) == ("pending", 13)
    assert cid_v1_raw(sha256(lost)) in row.reason


async def test_those_that_hang_do_not_hold_the_others(settings, database) -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    bad = [b"hangs %d" % i for i in range(20)]
    async with gateway(settings, {GOOD: whole} | dict.fromkeys(bad, hang)) as told:
        await mention(database, *bad)
        async with stage(told, database, timeout_s=0.5) as metrics:

            async def all_tried() -> bool:
                return all(row.attempts for row in (await states(database)).values())

            await until(all_tried, "each had a turn")
            row = (await states(database))[sha256(bad[0])]
            assert row.status == "pending"
            assert "not here within 0.5 s" in row.reason
            await mention(database, GOOD)

            async def read() -> bool:
                return (await states(database))[sha256(GOOD)].status == "ready"

            await until(read, "the good one is read")
            ready = metrics.registry.get_sample_value(
                "sr360_indexer_document_attempts_total", {"outcome": "ready"}
            )
            assert ready == 1


async def test_a_node_that_drips_is_given_up(settings, database) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "1000000"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(300):
                await response.write(b"x")
                await asyncio.sleep(0.1)
        return response

    async with gateway(settings, {b"slow": drip}) as told, Ipfs.from_settings(told) as ipfs:
        started = time.monotonic()
        with pytest.raises(documents.Retryable, match="too slowly"):
            await ipfs.get_block(cid_v1_raw(sha256(b"slow")))
        assert time.monotonic() - started < 10  # it would drip for 30 s


async def test_a_block_without_end_is_refused(settings, database) -> None:
    sent = [0]

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": str(1 << 30)})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while sent[0] < 1 << 28:
                await response.write(bytes(1 << 20))
                sent[0] += 1 << 20
        return response

    async with gateway(settings, {b"endless": flood}) as told:
        await mention(database, b"endless")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        async with stage(told, database):

            async def refused() -> bool:
                row = (await states(database))[sha256(b"endless")]
                return row.status == "quarantined" and "over 2097152 bytes" in row.reason

            await until(refused, "it is refused")
        assert sent[0] < 1 << 26
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


async def test_an_answer_that_breaks_off_is_tried_again(settings, database) -> None:
    calls = [0]

    async def break_off(request: web.Request) -> web.StreamResponse:
        calls[0] += 1
        if calls[0] > 1:
            return web.Response(body=GOOD)
        response = web.StreamResponse(headers={"content-length": str(len(GOOD))})
        await response.prepare(request)
        await response.write(GOOD[:5])
        request.transport.close()
        return response

    async with gateway(settings, {GOOD: break_off}) as told:
        await mention(database, GOOD)
        async with stage(told, database) as metrics:

            async def read() -> bool:
                return (await states(database))[sha256(GOOD)].status == "ready"

            await until(read, "it is read")
        tried = metrics.registry.get_sample_value
        name = "sr360_indexer_document_attempts_total"
        assert tried(name, {"outcome": "pending"}) == 1
        assert tried(name, {"outcome": "quarantined"}) is None


async def test_documents_of_footprints_and_anchors(chain, mirror, settings, ipfs_node) -> None:
    manifest, lot = b'{"events": []}', keccak256(b"lot of a footprint")
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(GOOD)
        await ipfs.put_block(manifest)
    await chain.register(1)
    await chain.record(lot)
    before = await chain.rpc.call("evm_snapshot")
    stated = footprint_registry.Publication(lot, bytes(16), 1, 5, sha256(GOOD))
    footprints, anchors = chain.deployment.footprint_registry, chain.deployment.anchor_log
    await chain.send(1, footprints, footprint_registry.encode_publish(stated))
    await chain.send(1, anchors, anchor_log.encode_anchor(lot, 2, sha256(manifest)))
    await mirror.reaches(chain)
    wanted = {sha256(GOOD): ("footprint", GOOD), sha256(manifest): ("manifest", manifest)}

    async def told() -> dict[bytes, tuple[str, bytes]]:
        found = (await states(mirror.database)).values()
        return {r.data_hash: (r.media, r.payload) for r in found if r.status == "ready"}

    async def read() -> bool:
        return await told() == wanted

    await until(read, "both are read")
    assert (await verify(settings)).findings == []
    await chain.rpc.call("evm_revert", before)
    await chain.record(lot)
    await chain.record(lot)
    await chain.record(lot)
    await mirror.reaches(chain)
    assert not wanted.keys() & (await states(mirror.database)).keys()


async def test_a_node_that_is_down_is_asked_by_one_for_all(settings, database: Database) -> None:
    contents = [b"document %d" % number for number in range(200)]
    await mention(database, *contents)
    dead = settings.model_copy(
        update={"ipfs": IpfsSettings(api_port=free_port(), gateway_port=free_port())}
    )
    registry, metrics = registry_of(deployments.load(settings)), Metrics()
    async with Ipfs.from_settings(dead) as ipfs:
        stage = Documents(database, ipfs, registry, metrics)
        for _ in range(20):
            await stage.step()
            await asyncio.gather(*stage.busy)
        await stage.step()
    tried = [row for row in (await states(database)).values() if row.attempts]
    assert 0 < len(tried) <= documents.CONCURRENCY  # those who asked before anybody knew
    assert all("cannot be reached" in row.reason for row in tried)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_outage_is_doubted_less_and_less_often_and_ends_with_an_answer() -> None:
    clock = Clock()
    outage = Outage(clock)
    assert outage.allowed is None
    rests = []
    for _ in range(7):
        outage.failed()
        outage.failed()  # at the same moment: it says nothing new
        assert outage.allowed == 0
        began = clock.now
        while outage.resting:
            clock.now += 0.25
        rests.append(clock.now - began)
        assert outage.allowed == 1
    assert rests == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    outage.answered()
    assert outage.allowed is None
