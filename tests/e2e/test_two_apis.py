"""Two API processes on one database, one of them killed: each job is one's, each event once.

given an indexer and two API processes (SQLite, PostgreSQL), and jobs about the same things
├── both alive -> both work, each job is worked off by one
└── the one that works is killed with SIGKILL -> the other goes on, nothing is recorded twice
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlmodel import select

from core.chain.keys import deployer
from core.config import ChainSettings, DbSettings, IpfsSettings, Settings
from core.db import Database, open_database
from core.db.app_tables import CaptureEvent, CaptureJob, CaptureJobError
from core.db.chain_tables import Document, Event
from core.ipfs.node import running_node
from scripts.anvil import free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.seed import seed

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 4_000
WAIT_S = 120


@dataclass
class Pair:
    """Two services behind one database."""

    settings: Settings
    database: Database
    env: dict[str, str]
    log: Path
    ports: list[int] = field(default_factory=list)
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, port: int) -> None:
        own = {"SR360_API__PORT": str(port), "SR360_INDEXER__PORT": "0"}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "scripts.service", name]
            self.processes[port] = subprocess.Popen(
                command, cwd=ROOT, env=self.env | own, stdout=log, stderr=log
            )

    def job(self, job_id: str) -> CaptureJob:
        with self.database.read_session() as session:
            found = session.get(CaptureJob, job_id)
        assert found is not None
        return found

    def errors(self) -> list[str]:
        """What kept events from being recorded."""
        with self.database.read_session() as session:
            return list(session.exec(select(CaptureJobError.problem)).all())

    def holder(self, job_id: str) -> int | None:
        """The port of the process that works the job off right now."""
        pid = (self.job(job_id).claimed_by or "::").split(":")[1]
        pids = {str(process.pid): port for port, process in self.processes.items()}
        return pids.get(pid)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    async with contextlib.AsyncExitStack() as opened:
        chain = await start_anvil(free_port())
        opened.push_async_callback(chain.stop)
        node = await opened.enter_async_context(running_node(tmp_path / "ipfs"))
        settings = Settings(
            state_dir=tmp_path,
            chain=ChainSettings(rpc_url=chain.url, poll_interval_s=0.05, finality_depth=2),
            ipfs=IpfsSettings(api_port=node.api_port, gateway_port=node.gateway_port),
            db=DbSettings(url=url),
        )
        compile_contracts()
        deployment = await deploy_to(chain.url, deployer(settings), tmp_path / "deployments")
        await seed(settings, deployment)
        database = open_database(settings)
        opened.callback(database.close)
        made = Pair(settings, database, _environment(settings, url), tmp_path / "log")
        opened.enter_context(_ending(made))
        made.start("indexer", 0)
        made.ports = [free_port(), free_port()]
        for port in made.ports:
            made.start("api", port)
            await _ready(port)
        yield made


def _environment(settings: Settings, url: str) -> dict[str, str]:
    chain, ipfs = settings.chain, settings.ipfs
    return {
        **os.environ,
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_DB__URL": url,
        "SR360_CHAIN__RPC_URL": chain.rpc_url,
        "SR360_CHAIN__POLL_INTERVAL_S": str(chain.poll_interval_s),
        "SR360_CHAIN__FINALITY_DEPTH": str(chain.finality_depth),
        "SR360_IPFS__API_PORT": str(ipfs.api_port),
        "SR360_IPFS__GATEWAY_PORT": str(ipfs.gateway_port),
        "SR360_API__MAX_BODY_BYTES": str(LIMIT),
    }


@contextlib.contextmanager
def _ending(pair: Pair) -> Iterator[None]:
    try:
        yield
    finally:
        for process in pair.processes.values():
            process.kill()
            process.wait()


async def _ready(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(f"http://127.0.0.1:{port}/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


def document(name: str, count: int, serial: str = "") -> bytes:
    """Events about one thing, or each about one of its own."""
    events = []
    for n in range(count):
        of = serial or f"{name}{n}"
        events.append(
            {
                "type": "ObjectEvent",
                "eventID": f"urn:two:{name}:{n}",
                "eventTime": f"2026-04-17T09:{n // 60:02}:{n % 60:02}Z",
                "eventTimeZoneOffset": "+00:00",
                "action": "OBSERVE",
                "bizStep": "inspecting",
                "epcList": [f"https://id.gs1.org/01/00860009999923/21/{of}"],
            }
        )
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-17T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    ).encode()


async def taken(port: int, body: bytes) -> str:
    """The id of a job."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.post(f"http://127.0.0.1:{port}/capture", content=body)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def until(holds: Any, what: str, pair: Pair) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, f"{what}\n{pair.log.read_text()[-4000:]}"
        await asyncio.sleep(0.02)


def recorded(pair: Pair, *names: str) -> list[str]:
    """The events of these documents, as often as they are in a history."""
    with pair.database.read_session() as session:
        wanted = select(Document.event_json).join(Event, Event.data_hash == Document.data_hash)  # type: ignore[arg-type]
        found = [json.loads(text)["eventID"] for text in session.exec(wanted).all() if text]
    return sorted(one for one in found if one.split(":")[2] in names)


async def test_both_work_and_none_does_anothers(pair: Pair) -> None:
    """All jobs are about one thing, so each event builds on one that another process records."""
    names = [f"job{n}" for n in range(4)]
    bodies = [document(name, 6, serial="SHARED") for name in names]
    jobs = await asyncio.gather(*(taken(pair.ports[n % 2], body) for n, body in enumerate(bodies)))
    workers: dict[str, set[int | None]] = {job_id: set() for job_id in jobs}

    def finished() -> bool:
        for job_id in jobs:
            workers[job_id] |= {pair.holder(job_id)} - {None}
        return all(pair.job(job_id).finished_at for job_id in jobs)

    await until(finished, "jobs end", pair)
    assert pair.errors() == []
    assert all(len(some) <= 1 for some in workers.values())
    assert {port for some in workers.values() for port in some} == set(pair.ports)
    wanted = sorted(f"urn:two:{name}:{n}" for name in names for n in range(6))
    await until(lambda: len(recorded(pair, *names)) >= len(wanted), "events", pair)
    assert recorded(pair, *names) == wanted


async def test_a_killed_ones_job_is_taken_over(pair: Pair) -> None:
    """One kept whole, then one that is stored event by event."""
    for name, count in (("small", 8), ("large", 40)):
        job_id = await taken(pair.ports[0], document(name, count))
        await until(lambda: recorded(pair, name), "its first events", pair)  # noqa: B023
        port = pair.holder(job_id)
        assert port is not None
        assert pair.job(job_id).finished_at is None
        killed = pair.processes.pop(port)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        await until(lambda: pair.holder(job_id), "taken over", pair)  # noqa: B023
        await until(lambda: pair.job(job_id).finished_at, "its end", pair)  # noqa: B023
        assert pair.errors() == []
        with pair.database.read_session() as session:
            apart = select(CaptureEvent).where(CaptureEvent.job_id == job_id)
            assert bool(session.exec(apart).all()) == (name == "large")
        wanted = sorted(f"urn:two:{name}:{n}" for n in range(count))
        await until(lambda: len(recorded(pair, name)) >= count, "events", pair)  # noqa: B023
        assert recorded(pair, name) == wanted
        pair.start("api", port)
        await _ready(port)
