"""The index over events: built for what an older indexer read, gone with its block.

test_query.py says what is found by it.
"""

from typing import Any

from core.db import Database
from indexer import undo
from indexer.event_index import index_older
from tests.epcis_rest.repository import Repository, made

LOT = {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 200.5, "uom": "KGM"}
TABLES = ("event_index", "event_value")


def rows(database: Database) -> dict[str, list[Any]]:
    with database.read_session() as session:
        connection = session.connection()
        return {
            table: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM chain.{table}")))
            for table in TABLES
        }


async def test_a_mirror_of_an_earlier_version_is_indexed(repository: Repository) -> None:
    repository.record([made("a", quantityList=[LOT]), made("b", bizStep="shipping")])
    before = rows(repository.database)
    assert all(before.values())
    with repository.database.write_session() as session:
        for table in TABLES:
            session.connection().exec_driver_sql(f"DELETE FROM chain.{table}")
    await index_older(repository.database)
    assert rows(repository.database) == before
    await index_older(repository.database)  # nothing is left to do
    assert rows(repository.database) == before


async def test_an_orphaned_event_is_found_no_more(repository: Repository) -> None:
    stays, _ = repository.record([made("stays", quantityList=[LOT]), made("goes")])
    with repository.database.write_session() as session:
        undo._forget_documents(session.connection(), stays)
    assert await repository.ids() == ["urn:event:stays"]
    left = rows(repository.database)
    assert len(left["event_index"]) == 1
    assert {row[0] for row in left["event_value"]} == {left["event_index"][0][0]}


async def test_values_no_index_can_hold_do_no_harm(repository: Repository) -> None:
    long = "x" * 100_000
    event = made("long", bizStep=f"urn:{long}", **{f"ex:{long}": long, "ex:nul": "a\0b"})
    event["epcList"] = [f"urn:{long}"]
    repository.record([event])
    assert await repository.ids(**{"EXISTS_ex:nul": "true"}) == ["urn:event:long"]
    assert await repository.ids() == ["urn:event:long"]
