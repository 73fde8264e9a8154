"""Deriving anew: the same tables, whole at every moment, whoever reads, writes or kills."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text

from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database, schema
from core.db.schema import is_outdated
from indexer import reindex as reindexing
from indexer.digest import scan_digest
from indexer.reindex import reindex, reindex_if_outdated
from indexer.store import Store
from tests.indexer.test_store import EXTRA, GENESIS, REGISTRY, TABLES, story

FULL = [(kind, product, 1) for product in (1, 0, 2) for kind in "rahcpxloedn?"]
STEPS = [FULL, [("p", 0, 1), ("p", 2, 0)], [("h", 1, 2)], 2, FULL, 1, *([[("r", 0, 1)]] * 30)]
EVENTS, BLOCKS, _ = story(STEPS)
LAST_DIGEST = "SELECT state_digest FROM chain.block ORDER BY number DESC LIMIT 1"


@pytest.fixture(params=["sqlite", "postgres", "partitions"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    blocks = 3 if request.param == "partitions" else 0
    return Settings(state_dir=tmp_path, db=DbSettings(url=url, partition_blocks=blocks))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = open_database(settings, Writes.CHAIN)
    yield opened
    opened.close()


def fill(database: Database, events=EVENTS) -> None:
    store = Store(database, REGISTRY)
    store.handle(store.start(GENESIS.hash, GENESIS), events)
    with database.write_session() as session:
        run = session.connection().execute
        # one document was read, and names its product
        found = run(text("SELECT data_hash AS h, product_id AS id FROM chain.event")).first()
        for statement in (
            "UPDATE chain.document SET status = 'ready', payload = data_hash WHERE data_hash = :h",
            "INSERT INTO chain.document_product (data_hash, position, product_id, uri, role) "
            "VALUES (:h, 0, :id, 'https://x', 'object')",
            "UPDATE chain.product SET uri = 'https://x' WHERE product_id = :id",
        ):
            run(text(statement), dict(found._mapping))


def tables(database: Database) -> dict[str, list[Any]]:
    """Every row by column name: a migrated table has its columns in another order."""
    with database.read_session() as session:
        run = session.connection().exec_driver_sql
        return {
            name: sorted(
                (sorted(row._mapping.items()) for row in run(f"SELECT * FROM chain.{name}")),
                key=repr,
            )
            for name in (*EXTRA, *TABLES)
        }


def indices(database: Database) -> dict[str, list[Any]]:
    """The indices of every table, a partition's left out: they are those of the whole."""
    with database.read_session() as session:
        looked = inspect(session.connection())
        return {
            name: sorted((one["name"], one["column_names"]) for one in found)
            for (_, name), found in looked.get_multi_indexes(schema="chain").items()
            if "_from_" not in name
        }


def quiet(_at: int, _to: int) -> None:
    pass


def edit(database: Database) -> None:
    with database.write_session() as session:
        run = session.connection().exec_driver_sql
        run("DELETE FROM chain.recall")
        run("UPDATE chain.event SET kind = 9")
        run("UPDATE chain.product SET seq = 1")


def test_derived_anew_the_tables_are_the_same(settings: Settings, database: Database) -> None:
    fill(database)
    before, quick = tables(database), indices(database)
    assert before["orphaned_block"], "the story has a reorganisation"
    edit(database)
    tip = reindex(settings, REGISTRY, quiet)
    assert tables(database) == before
    assert indices(database) == quick
    assert quick["event"], "partitioned or not"
    assert tip == Store(database, REGISTRY).tip()
    with database.read_session() as session:
        last = session.connection().exec_driver_sql(LAST_DIGEST).scalar_one()
        assert scan_digest(session.connection()) == bytes(last)


def test_an_empty_mirror_stays_empty(settings: Settings, database: Database) -> None:
    assert reindex(settings, REGISTRY, quiet) is None
    assert tables(database)["checkpoint"] == []


def test_readers_see_the_old_tables_or_the_new(settings: Settings, database: Database) -> None:
    fill(database)
    whole = tables(database)
    edit(database)
    edited, seen, failed, done = tables(database), [], [], threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                seen.append(tables(database))
            except Exception as error:
                failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    time.sleep(0.2)
    reindex(settings, REGISTRY, quiet)
    time.sleep(0.3)
    done.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert all(one in (edited, whole) for one in seen)
    assert edited in seen
    assert whole in seen


def test_a_writer_goes_on_meanwhile(settings: Settings, database: Database) -> None:
    fill(database, EVENTS[:-25])
    store, tip = Store(database, REGISTRY), None
    failed: list[BaseException] = []

    def write() -> None:
        try:
            tip = store.tip()
            for event in EVENTS[-25:]:
                tip, _ = store.handle(tip, [event])
                time.sleep(0.02)
        except BaseException as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.1)
    reindex(settings, REGISTRY, quiet)
    writer.join()
    assert failed == []
    tip = store.tip()
    assert (tip.number, tip.hash) == (BLOCKS[-1].number, BLOCKS[-1].hash)
    with database.read_session() as session:
        last = session.connection().exec_driver_sql(LAST_DIGEST).scalar_one()
        assert scan_digest(session.connection()) == bytes(last)


def test_killed_at_any_moment_it_is_the_old_or_the_new(
    settings: Settings, database: Database
) -> None:
    fill(database)
    whole = tables(database)
    edit(database)
    edited = tables(database)
    outcomes = set()
    for moment in range(12):
        child = os.fork()
        if not child:
            reindex_and_exit(settings)
        time.sleep(0.05 * moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = tables(database)
        assert found in (edited, whole)
        outcomes.add(found == whole)
        if found == whole:
            edit(database)
    reindex(settings, REGISTRY, quiet)
    assert tables(database) == whole
    assert False in outcomes


def reindex_and_exit(settings: Settings) -> None:
    """In small steps, in a forked child."""
    reindexing.BATCH_BLOCKS = 2
    try:
        reindex(settings, REGISTRY, quiet)
    finally:
        os._exit(0)


def test_a_mirror_of_an_older_shape_is_derived_anew(settings: Settings) -> None:
    with schema._migrating(settings) as connection:
        command.upgrade(schema._config("chain", connection), "0002")
        for table, columns in OLDER.items():
            places = ", ".join("%s" if settings.db.url.get_secret_value() else "?" for _ in columns)
            sql = f"INSERT INTO chain.{table} ({', '.join(columns)}) VALUES ({places})"
            connection.exec_driver_sql(sql, older_rows(table))
    assert is_outdated(settings)
    told: list[tuple[int, int]] = []
    reindex_if_outdated(settings, REGISTRY, lambda at, to: told.append((at, to)))
    assert told[-1][0] == told[-1][1] > 0
    assert not is_outdated(settings)
    opened = open_database(settings, Writes.CHAIN)
    store = Store(opened, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    assert (tip.number, tip.hash) == (BLOCKS[-1].number, BLOCKS[-1].hash)
    found = tables(opened)
    opened.close()
    assert len(found["block"]) == len(BLOCKS)
    assert len(found["log"]) == sum(len(block.logs) for block in BLOCKS)
    assert found["event"]


OLDER = {
    "block": ("number", "hash", "parent_hash", "timestamp", "state_digest"),
    "log": (
        *("block_hash", "block_number", "address", "topics", "data", "tx_hash", "log_index"),
        "orphaned",
    ),
    "checkpoint": (
        *("chain_id", "block_number", "block_hash", "finalized_number", "reorg_epoch"),
        *("genesis_hash", "deployment"),
    ),
}


def older_rows(table: str) -> list[tuple[Any, ...]]:
    """What the release before migration 0004 would have held."""
    if table == "block":
        return [(b.number, b.hash, b.parent_hash, b.timestamp, b"old") for b in BLOCKS]
    if table == "log":
        return [
            (b.hash, b.number, x.address, b"".join(x.topics), x.data, x.tx_hash, x.log_index, False)
            for b in BLOCKS
            for x in b.logs
        ]
    last = BLOCKS[-1]
    return [(31337, last.number, last.hash, 0, 1, GENESIS.hash, REGISTRY.fingerprint)]
