"""Tables in partitions of a few blocks hold what whole tables hold.

given any history, on PostgreSQL with and without partitions and on SQLite
└── every row, digest and checkpoint is the same
given blocks that come
├── each has its partition before it comes, and one more is ready
├── the first partitions are where the mirror begins
└── a reader with an old snapshot neither waits nor keeps the writer waiting
given whole tables that are to be split -> `sr360 reindex` does, and back again
given an empty mirror made whole by a service without the setting -> it is split
given a partition that was detached
├── the rest goes on, and what is attached again is whole
├── deriving anew without raw logs is refused
└── a block without partition is the operator's, not the node's, fault
given a user who does not own the tables -> a typed error
given a real chain with reorganisations -> equal to a mirror in SQLite
"""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.db.partitions import PARTITIONED, PartitionMissing, ranges, width
from core.types import BlockHash
from indexer.digest import scan_digest
from indexer.model import Block
from indexer.reindex import reindex
from indexer.store import Store
from tests.indexer.test_reindex import BLOCKS, EVENTS, LAST_DIGEST, edit, fill, quiet, tables
from tests.indexer.test_store import GENESIS, REGISTRY, STEP, compare, empty, story

WIDE = 3
LAST = BLOCKS[-1].number


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def partition_blocks() -> int:
    return WIDE


@pytest.fixture
def split(postgres_url: str, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url, partition_blocks=WIDE))


@pytest.fixture
def database(split: Settings) -> Iterator[Database]:
    opened = open_database(split, Writes.CHAIN)
    yield opened
    opened.close()


@pytest.fixture
def others(postgres_cluster: Path, tmp_path: Path) -> Iterator[list[Database]]:
    """The same without partitions: another PostgreSQL database, and SQLite."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"host={postgres_cluster} user=postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        db = DbSettings(url=f"postgresql://postgres@/{name}?host={postgres_cluster}")
        opened = [
            open_database(Settings(state_dir=tmp_path, db=one), Writes.CHAIN)
            for one in (db, DbSettings())
        ]
        yield opened
        for one in opened:
            one.close()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def found(database: Database) -> dict[str, Any]:
    """Every row as both databases can say it, but for when an orphan was made one."""
    shown = {
        name: sorted(
            [
                (column, int(value) if isinstance(value, bool) else value)
                for column, value in row
                if column != "orphaned_at"
            ]
            for row in rows
        )
        for name, rows in tables(database).items()
    }
    with database.read_session() as session:
        return {**shown, "digest": scan_digest(session.connection())}


def parts(database: Database, table: str = "event") -> list[tuple[int, int]]:
    with database.read_session() as session:
        return ranges(session.connection(), table)


def run(database: Database, sql: str) -> Any:
    with database.write_session() as session:
        result = session.connection().exec_driver_sql(sql)
        return result.all() if result.returns_rows else None


@hypothesis(max_examples=15, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=1, max_size=14), chunk=st.integers(1, 4))
def test_any_history_leaves_the_same_rows(
    database: Database, others: list[Database], steps, chunk: int
) -> None:
    events, blocks, world = story(steps)
    for one in (database, *others):
        empty(one)
        store = Store(one, REGISTRY)
        tip = store.start(GENESIS.hash, GENESIS)
        for start in range(0, len(events), chunk):
            tip, _ = store.handle(tip, events[start : start + chunk])
    assert compare(database, blocks, world).findings == []
    whole, sqlite = map(found, others)
    assert found(database) == whole == sqlite


def test_each_block_has_its_partition_before_it_comes(database: Database) -> None:
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    for block in story([[("r", 0, 1)]] * 10)[1][1:]:
        assert parts(database)[-1][1] > block.number
        tip, _ = store.handle(tip, [block])
        assert parts(database)[-1][1] > block.number + WIDE
    expected = [(at, at + WIDE) for at in range(0, 15, WIDE)]
    assert {name: parts(database, name) for name in PARTITIONED} == dict.fromkeys(
        PARTITIONED, expected
    )
    placed = run(database, "SELECT tableoid::regclass::text, block_number FROM chain.event")
    assert len(placed) == 10
    assert all(name == f"chain.event_from_{at - at % WIDE}" for name, at in placed)


def test_the_first_partition_is_where_the_mirror_begins(database: Database) -> None:
    far = Block(5_000_122, BlockHash(keccak256(b"far")), GENESIS.hash, 0, ())
    Store(database, REGISTRY).start(GENESIS.hash, far)
    assert parts(database) == [(0, WIDE), (5_000_121, 5_000_124), (5_000_124, 5_000_127)]


def test_a_long_reader_neither_waits_nor_keeps_the_writer(database: Database) -> None:
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    blocks = story([[("r", 0, 1)]] * 12)[1]
    tip, _ = store.handle(tip, blocks[1:3])
    before = len(parts(database))
    with database.read_session() as session:
        read = session.connection().exec_driver_sql
        seen = {name: read(f"SELECT * FROM chain.{name}").all() for name in PARTITIONED}
        writer = threading.Thread(target=store.handle, args=(tip, blocks[3:]))
        writer.start()
        writer.join(20)
        assert not writer.is_alive(), "the reader keeps the writer waiting"
        assert {name: read(f"SELECT * FROM chain.{name}").all() for name in PARTITIONED} == seen
    assert len(parts(database)) > before
    assert store.tip().number == 12


def test_reindex_splits_whole_tables_and_joins_them_again(split: Settings) -> None:
    whole = split.model_copy(update={"db": DbSettings(url=split.db.url)})
    opened = open_database(whole, Writes.CHAIN)
    fill(opened)
    before = tables(opened)
    open_database(split, Writes.CHAIN).close()
    assert parts(opened) == [], "filled tables are left alone"
    edit(opened)
    for settings, wide in ((split, WIDE), (whole, 0)):
        reindex(settings, REGISTRY, quiet)
        with opened.read_session() as session:
            assert width(session.connection()) == wide
        assert tables(opened) == before
    opened.close()


def test_a_running_indexer_goes_on_in_the_partitions_it_finds(split: Settings) -> None:
    whole = split.model_copy(update={"db": DbSettings(url=split.db.url)})
    opened = open_database(whole, Writes.CHAIN)
    fill(opened, EVENTS[:-25])
    store, tip = Store(opened, REGISTRY), None
    tip = store.tip()
    tip, _ = store.handle(tip, EVENTS[-25:-20])
    reindex(split, REGISTRY, quiet)
    for event in EVENTS[-20:]:
        tip, _ = store.handle(tip, [event])
    assert tip.number == LAST
    assert parts(opened)[-1][1] > LAST + WIDE
    with opened.read_session() as session:
        last = session.connection().exec_driver_sql(LAST_DIGEST).scalar_one()
        assert scan_digest(session.connection()) == bytes(last)
    opened.close()


def test_an_attempt_that_was_to_leave_them_whole_is_not_gone_on_with(
    split: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = split.model_copy(update={"db": DbSettings(url=split.db.url)})
    opened = open_database(whole, Writes.CHAIN)
    fill(opened)
    with monkeypatch.context() as patch:
        patch.setattr("core.db.shadow.Shadow.switch", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            reindex(whole, REGISTRY, quiet)
    reindex(split, REGISTRY, quiet)
    assert parts(opened)
    opened.close()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_empty_mirror_that_was_made_whole_is_split(split: Settings) -> None:
    open_database(split.model_copy(update={"db": DbSettings(url=split.db.url)})).close()
    opened = open_database(split, Writes.CHAIN)
    assert parts(opened) == [(0, WIDE)]
    fill(opened)
    opened.close()


def detach(database: Database, table: str, first: int) -> None:
    part = f"{table}_from_{first}"
    run(database, f"ALTER TABLE chain.{table} DETACH PARTITION chain.{part}")


def attach(database: Database, table: str, first: int) -> None:
    part = f"{table}_from_{first}"
    run(
        database,
        f"ALTER TABLE chain.{table} ATTACH PARTITION chain.{part} "
        f"FOR VALUES FROM ({first}) TO ({first + WIDE})",
    )


def test_old_raw_logs_can_be_detached(split: Settings, database: Database) -> None:
    fill(database, EVENTS[:-3])
    before = tables(database)
    detach(database, "log", 0)
    kept = tables(database)
    assert 0 < len(kept["log"]) < len(before["log"])
    assert {**kept, "log": before["log"]} == before
    with pytest.raises(PartitionMissing, match="table log has none for block 0"):
        reindex(split, REGISTRY, quiet)
    store = Store(database, REGISTRY)
    store.handle(store.tip(), EVENTS[-3:])
    attach(database, "log", 0)
    assert len(tables(database)["log"]) == sum(len(event.logs) for event in _blocks_of(EVENTS))
    after = tables(database)
    reindex(split, REGISTRY, quiet)
    assert tables(database) == after


def _blocks_of(events: list[Any]) -> list[Block]:
    return [event for event in events if isinstance(event, Block)]


@pytest.mark.parametrize("table", ["log", "event", "block"])
def test_a_block_without_partition_is_not_the_nodes_lie(database: Database, table: str) -> None:
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    blocks = story([[("r", 0, 1)]] * 3)[1]
    run(database, f"DROP TABLE chain.{table}_from_0")
    with pytest.raises(PartitionMissing, match=table) as caught:
        store.handle(tip, blocks[1:])
    assert "database.md#partitions" in caught.value.hint


def test_who_does_not_own_the_tables_is_told(postgres_url: str, database: Database) -> None:
    fill(database)
    user = f"u{uuid.uuid4().hex}"
    roles = Path("core/db/migrations/roles.sql").read_bytes()
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute(roles)
        owner.execute(f"CREATE ROLE {user} LOGIN IN ROLE sr360_indexer".encode())
        try:
            url = postgres_url.replace("postgres@", f"{user}@")
            _write_as(Settings(db=DbSettings(url=url)))
        finally:
            owner.execute(f"DROP ROLE {user}".encode())


def _write_as(settings: Settings) -> None:
    other = open_database(settings, Writes.CHAIN)
    store, coming = Store(other, REGISTRY), [BLOCKS[-1]]
    for nonce in range(2 * WIDE):
        own = BlockHash(keccak256(b"%d" % nonce))
        coming.append(Block(coming[-1].number + 1, own, coming[-1].hash, 0, ()))
    with pytest.raises(PartitionMissing, match="permission denied"):
        store.handle(store.tip(), coming[1:])
    other.close()


async def test_a_real_chain_is_mirrored_as_in_sqlite(
    chain, settings, other_settings, start_mirror
) -> None:
    await chain.story()
    late = settings.chain.model_copy(update={"finality_depth": 12})
    async with start_mirror(settings.model_copy(update={"chain": late})) as mirror:
        await mirror.reaches(chain)
        for who, depth in ((4, 1), (5, 4), (6, 8)):
            for i in range(depth):
                await chain.record(keccak256(b"%d" % (i % 3)))
            await chain.register(who, "Packer")
            await mirror.reaches(chain)
            await chain.rpc.call("anvil_reorg", depth, [])
            await chain.record(keccak256(b"after"))
            await mirror.reaches(chain)
        async with start_mirror(other_settings) as other:
            await other.reaches(chain)
            assert await other.tables() == await mirror.tables()
        assert len(parts(mirror.database)) > 8
        assert await mirror.scalar("SELECT count(*) FROM chain.log WHERE orphaned") > 0
