"""Who loses the indexer's lock and gets it back looks at node and database anew.

given the node and the database of before -> it goes on
given a node that tells of another genesis -> refused as a lie, and it goes on with a true answer
given a database that somebody filled from another chain meanwhile -> it ends, and says what to do
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from core.config import Settings
from core.crypto import keccak256
from core.db import Writes
from core.db.engine import connect
from indexer.main import run
from indexer.store import OtherChain
from tests.indexer.test_hostile_nodes import _endpoints, _invents_a_genesis, _served

LOSE = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """A file lock cannot be lost; PostgreSQL's falls with its connection."""
    return postgres_url


@pytest_asyncio.fixture
async def node(chain) -> AsyncIterator[Any]:
    async with _served(chain.url) as served:
        yield served


def execute(settings: Settings, *statements: str) -> None:
    database = connect(settings, Writes.CHAIN)
    with database.write_session() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)
    database.close()


async def test_it_goes_on(chain, settings, start_mirror) -> None:
    async with start_mirror(settings) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        with capture_logs() as logs:
            execute(settings, LOSE)
            await mirror.until(lambda: _logged(logs, "lock_lost"), "the loss")
        await chain.record(keccak256(b"after"))
        await mirror.reaches(chain)


async def test_a_node_with_another_genesis_is_refused(chain, settings, node, start_mirror) -> None:
    async with start_mirror(_endpoints(settings, node.url)) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
        honest = await mirror.tables()
        node.lie = _invents_a_genesis
        with capture_logs() as logs:
            execute(settings, LOSE)
            await mirror.until(lambda: _logged(logs, "lock_lost"), "the loss")
            await mirror.until(lambda: _logged(logs, "source_lied"), "the refusal")
        await chain.record(keccak256(b"after"))
        assert await mirror.tables() == honest
        node.lie = None
        await mirror.reaches(chain)


async def test_a_database_of_another_chain_ends_it(chain, settings, start_mirror) -> None:
    async with start_mirror(settings) as mirror:
        await chain.record(keccak256(b"before"))
        await mirror.reaches(chain)
    with pytest.raises(OtherChain, match="began with") as caught:
        async with asyncio.timeout(60):
            await _run_and_take_over(chain, settings)
    assert "--reset" in caught.value.hint
    assert "SR360_DB__URL" in caught.value.hint


async def _run_and_take_over(chain, settings: Settings) -> None:
    """Run, and give the database to another chain at the moment the lock is lost."""
    running = asyncio.create_task(run(settings))
    await asyncio.sleep(3)
    assert not running.done()
    other = "UPDATE chain.checkpoint SET genesis_hash = sha256('another chain')"
    await asyncio.to_thread(execute, settings, other, LOSE)
    await running


async def _logged(logs: list[Any], code: str) -> bool:
    return any(entry.get("code") == code for entry in logs)
