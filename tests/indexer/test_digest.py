"""The state digest: the same on every database, after any reorganisation, and from a scan."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database
from indexer import rows
from indexer.digest import SIZE, StateDigest, scan_digest
from indexer.store import Store
from indexer.undo import MirrorDamaged
from tests.indexer.test_store import GENESIS, REGISTRY, STEP, empty, story

FULL = [(kind, product, 1) for product in (1, 0, 2) for kind in "rahcpxloedn?"]
STEPS = [FULL, [("p", 0, 1), ("p", 2, 0)], [("h", 1, 2)], 2, FULL, 1, [("u", 0, 1), ("b", 0, 1)]]


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("digest")), Writes.CHAIN)
    yield opened
    opened.close()


def fill(database: Database, events, chunk: int = 3) -> bytes:
    """The digest a mirror stores after these events; it equals a scan of its tables."""
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    for start in range(0, len(events), chunk):
        tip, _ = store.handle(tip, events[start : start + chunk])
    return stored(database)


def stored(database: Database) -> bytes:
    query = (
        "SELECT b.state_digest FROM chain.block AS b JOIN chain.checkpoint AS c "
        "ON b.number = c.block_number"
    )
    with database.read_session() as session:
        return bytes(session.connection().exec_driver_sql(query).scalar_one())


def scanned(database: Database) -> bytes:
    with database.read_session() as session:
        return scan_digest(session.connection())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=10), chunk=st.integers(1, 4))
def test_a_scan_of_the_tables_gives_the_stored_digest(sqlite: Database, steps, chunk: int) -> None:
    empty(sqlite)
    events, blocks, _ = story(steps)
    after_reorgs = fill(sqlite, events, chunk)
    assert scanned(sqlite) == after_reorgs
    empty(sqlite)
    assert fill(sqlite, blocks[1:]) == after_reorgs, "the path to a block shows in its digest"


def test_sqlite_and_postgres_agree(sqlite: Database, postgres_url: str, tmp_path: Path) -> None:
    empty(sqlite)
    chosen = Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url))
    postgres = open_database(chosen, Writes.CHAIN)
    events, _, _ = story([*STEPS, FULL, 2, FULL])
    assert fill(sqlite, events, 2) == fill(postgres, events, 5)
    assert scanned(sqlite) == scanned(postgres) == stored(postgres)
    postgres.close()


@pytest.mark.parametrize("kind", [*rows.HISTORY, *rows.STATES], ids=lambda kind: kind.__name__)
def test_a_lost_row_shows_in_the_scan(sqlite: Database, kind) -> None:
    empty(sqlite)
    events, _, _ = story(STEPS)
    before = fill(sqlite, events)
    with sqlite.write_session() as session:
        table = kind.table.name
        gone = session.connection().exec_driver_sql(
            f"DELETE FROM chain.{table} WHERE rowid = (SELECT min(rowid) FROM chain.{table})"
        )
    assert (scanned(sqlite) != before) == (gone.rowcount == 1)


def test_a_row_of_no_block_shows_in_the_scan(sqlite: Database) -> None:
    empty(sqlite)
    before = fill(sqlite, story(STEPS)[0])
    with sqlite.write_session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO chain.unknown_log VALUES (3, 99, 'planted')"
        )
    assert scanned(sqlite) != before


@pytest.mark.parametrize(
    "edit",
    ["seq = seq + 1", "seq = seq - 1", "head = custodian", "last_block = 0", "custodian = head"],
)
def test_a_product_that_contradicts_its_newest_entry_shows_in_the_scan(
    sqlite: Database, edit: str
) -> None:
    empty(sqlite)
    before = fill(sqlite, story(STEPS)[0])
    assert scanned(sqlite) == before
    with sqlite.write_session() as session:
        session.connection().exec_driver_sql(
            f"UPDATE chain.product SET {edit} WHERE rowid = (SELECT min(rowid) FROM chain.product)"
        )
    assert scanned(sqlite) != before


def test_undoing_edited_tables_stops_the_indexer(sqlite: Database) -> None:
    empty(sqlite)
    events, _, _ = story([FULL, FULL, FULL])
    store = Store(sqlite, REGISTRY)
    tip, _ = store.handle(store.start(GENESIS.hash, GENESIS), events)
    with sqlite.write_session() as session:
        session.connection().exec_driver_sql(
            "UPDATE chain.event SET kind = 9 WHERE block_number = 3"
        )
    undone, _, _ = story([FULL, FULL, FULL, 1])
    with pytest.raises(MirrorDamaged):
        store.handle(tip, undone[-1:])
    assert store.tip() == tip


def test_what_is_added_can_be_taken_out_in_any_order() -> None:
    digest = StateDigest()
    elements = [bytes([n]) * SIZE for n in (200, 255, 3)]
    digest.add(elements)
    digest.subtract(elements[::-1][:2])
    digest.subtract(elements[:1])
    assert digest.total == bytes(SIZE)
