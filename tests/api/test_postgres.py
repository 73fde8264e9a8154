"""The same rows give the same answers on PostgreSQL as on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import SQLModel, select

from api.graphql.context import Context
from api.graphql.schema import schema
from api.passport.gather import gather
from api.passport.story import story as told
from api.queries.snapshot import Snapshot
from core.config import DbSettings, Settings
from core.db.engine import Writes, connect, open_database
from scripts import story

if TYPE_CHECKING:
    from pathlib import Path

    from core.db.engine import Database
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUERIES = [
    """{events(first:5,newestFirst:true){edges{cursor node{id words actor{name} product{uri}
       document{json products{uri role quantity}} blockTimestamp state}} pageInfo{hasNextPage}}}""",
    """{products(last:3,recalled:false,gtin:"10860009999920"){edges{cursor node{uri seq
       events(last:2){edges{node{seq kind}}} custodyTransfers{edges{node{from{name} to{name}}}}
       recalls{edges{node{level}}} attestations{edges{node{median count registration{validUntil}}}}
       trace(depth:3){steps{sourceUri depth confirmed}}}}}}""",
    """{actors(role:SUPPLIER,active:true){edges{node{name identifier events(first:2){edges{node{
       seq}}}}}} creditBatches{edges{node{issuedKg retiredKg}}} documents(media:MANIFEST){edges{
       node{status cid}}} recalls{edges{node{level actor{name}}}}}""",
]


@pytest.fixture
def copied(salad: Running, postgres_url: str, tmp_path: Path) -> Any:
    """Every row of the story in PostgreSQL."""
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url))
    open_database(settings).close()
    target = connect(settings, Writes.BOTH)
    with salad.database.read_session() as source, target.write_session() as session:
        for mapper in SQLModel._sa_registry.mappers:
            for row in source.exec(select(mapper.class_)).all():
                session.add(mapper.class_(**row.model_dump()))
    yield target
    target.close()


@pytest.mark.parametrize("query", QUERIES)
async def test_graphql_answers_are_equal(salad: Running, copied: Database, query: str) -> None:
    answers = []
    for database in (salad.database, copied):
        services: Any = type("S", (), {"database": database, "settings": salad.settings})()
        result = await schema.execute(query, context_value=Context(services))
        assert result.errors is None
        answers.append(result.data)
    assert answers[0] == answers[1]


async def test_passports_are_equal(salad: Running, copied: Database) -> None:
    stories = []
    for database in (salad.database, copied):
        async with Snapshot(database) as snapshot:
            gathered = await gather(snapshot, story.SALAD_LOT)
        assert gathered is not None
        stories.append(told(gathered, "http://here"))
    assert stories[0] == stories[1]
