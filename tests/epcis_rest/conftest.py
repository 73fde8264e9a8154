"""Each test of this room runs on SQLite and on PostgreSQL, over a mirror emptied before."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest
import pytest_asyncio

from api.app import create_app
from api.capture.jobs import Jobs
from api.deps import Services
from core.config import DbSettings, Settings, WebhookSettings
from core.db import Database, Writes, open_database
from core.db.schema import metadata
from tests.epcis_rest.repository import Repository


@dataclass
class Prepared:
    """A database with its schemas; making them takes longer than a test."""

    settings: Settings
    database: Database


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def prepared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    url = _postgres(request) if request.param == "postgres" else ""
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("rest"),
        db=DbSettings(url=url),
        webhook=WebhookSettings(allow_private=True, poll_interval_s=0.05),
    )
    open_database(settings).close()
    database = open_database(settings, Writes.BOTH)
    yield Prepared(settings, database)
    database.close()


def _postgres(request: pytest.FixtureRequest) -> str:
    """A database for the session; it goes with its cluster."""
    cluster = request.getfixturevalue("postgres_cluster")
    with psycopg.connect(f"host={cluster} user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE epcis_rest")
    return f"postgresql://postgres@/epcis_rest?host={cluster}"


@pytest_asyncio.fixture
async def repository(prepared: Prepared) -> AsyncIterator[Repository]:
    with prepared.database.write_session() as session:
        for table in metadata().sorted_tables:
            session.connection().execute(table.delete())
    jobs = Jobs(prepared.database, None)
    services = Services(prepared.settings, prepared.database, *[None] * 5, jobs)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Repository(prepared.database, http)
