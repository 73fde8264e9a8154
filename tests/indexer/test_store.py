"""Any sequence of blocks and reorganisations leaves what a replay of the final chain gives."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.types import BlockHash
from indexer import rows
from indexer.derive import decode_block
from indexer.digest import scan_digest
from indexer.model import Block, Finalized, Reorg, Tip
from indexer.store import SecondWriter, Store
from indexer.verify.compare import Comparison
from indexer.verify.replay import Replay
from indexer.verify.report import Report
from indexer.verify.snapshot import Snapshot
from tests.indexer.world import REGISTRY, World, name, word

GENESIS = Block(0, BlockHash(keccak256(b"genesis")), BlockHash(bytes(32)), 0, ())

ACTION = st.tuples(st.sampled_from("rrhhppucxleodabngkvm?"), st.integers(0, 4), st.integers(0, 4))
STEP = st.one_of(
    st.lists(ACTION, max_size=6),  # a block
    st.integers(1, 4),  # a reorganisation of that depth
)


@pytest.fixture(scope="module", params=["sqlite"])
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("store")), Writes.CHAIN)
    yield opened
    opened.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=14), chunk=st.integers(1, 4))
def test_any_history_equals_its_replay(database: Database, steps, chunk: int) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    events, blocks, world = story(steps)
    for start in range(0, len(events), chunk):
        tip, _ = store.handle(tip, events[start : start + chunk])
    assert (tip.number, tip.hash) == (blocks[-1].number, blocks[-1].hash)
    assert store.tip() == tip
    report = compare(database, blocks, world)
    assert report.findings == []
    assert report.checked["block rows"] == len(blocks)


def story(steps) -> tuple[list[Block | Reorg | Finalized], list[Block], World]:
    """The stream a source would yield, the chain it ends with, and what is true there."""
    events: list[Block | Reorg | Finalized] = []
    blocks, worlds = [GENESIS], [World()]
    for nonce, step in enumerate(steps):
        if isinstance(step, int):
            keep = max(1, len(blocks) - step)
            if keep < len(blocks):
                del blocks[keep:], worlds[keep:]
                events.append(Reorg(blocks[-1].number, blocks[-1].hash))
        else:
            world = copy.deepcopy(worlds[-1])
            world.count += 1000 * nonce
            logs = [world.log(action, index) for index, action in enumerate(step)]
            parent = blocks[-1]
            block_hash = BlockHash(keccak256(parent.hash + word(nonce)))
            found = tuple(log for log in logs if log is not None)
            blocks.append(Block(parent.number + 1, block_hash, parent.hash, nonce, found))
            worlds.append(world)
            events.append(blocks[-1])
    return events, blocks, worlds[-1]


def compare(database: Database, blocks: list[Block], world: World) -> Report:
    replay, report = Replay(REGISTRY.fingerprint), Report()
    expected = replay.base(blocks[0])
    for block in blocks[1:]:
        expected += replay.take(decode_block(block, REGISTRY.decode))
    with database.read_session() as session:
        snapshot = Snapshot(session)
        comparison = Comparison(snapshot, None)
        comparison.facts(blocks[0].number, blocks[-1].number, expected)
        comparison.outside(blocks[0].number, blocks[-1].number)
        comparison.states(replay.states)
        comparison.tell(replay.products, report)
        found = {kind.table.name: snapshot.whole(kind) for kind in SHOWN}
        assert scan_digest(session.connection()) == replay.digest
    assert {row.data_hash for row in found["document"]} == replay.documents.keys()
    assert standings(found) == {
        name(p): (
            word(world.custodians[p])[12:],
            name(world.parents[p]) if p in world.parents else None,
            world.levels.get(p, 0),
            seq,
        )
        for p, seq in world.seqs.items()
    }
    last = {row.publisher: row for row in sorted(found["anchor"], key=lambda r: r.index)}
    assert {publisher: row.tip for publisher, row in last.items()} == {
        word(publisher)[12:]: tip for publisher, tip in world.tips.items()
    }
    told = ("calibration_hash", "valid_until", "revoked_since", "subject")
    assert {row.address: {one: getattr(row, one) for one in told} for row in found["device"]} == {
        word(who)[12:]: state for who, state in world.devices.items()
    }
    return report


SHOWN = (rows.Document, rows.Product, rows.Anchor, rows.Device)


def standings(found) -> dict[bytes, tuple[bytes, bytes | None, int, int]]:
    return {
        row.product_id: (row.custodian, row.parent_id, row.recall_level, row.seq)
        for row in found["product"]
    }


def empty(database: Database) -> None:
    with database.write_session() as session:
        for table in (*EXTRA, *TABLES):
            session.connection().exec_driver_sql(f"DELETE FROM chain.{table}")


EXTRA = (
    "checkpoint",
    "log",
    "document",
    "document_product",
    "event_index",
    "event_value",
    "orphaned_block",
    "orphaned_row",
)
TABLES = ("block", *(kind.table.name for kind in (*rows.HISTORY, *rows.STATES)))


def test_a_second_writer_is_refused(database: Database) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    _, blocks, _ = story([[("r", 0, 1)], [("r", 0, 1)]])
    store.handle(tip, [blocks[1]])
    with pytest.raises(SecondWriter):
        store.handle(tip, [blocks[1]])
    assert store.tip() == Tip(1, blocks[1].hash, 0)


def test_a_failing_chunk_leaves_nothing(database: Database) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    _, blocks, _ = story([[("r", 0, 1)], [("r", 0, 1)]])
    gap = Block(1, blocks[1].hash, GENESIS.hash, 0, blocks[2].logs)  # entry 2 without entry 1
    with pytest.raises(Exception, match="follows entry 0"):
        store.handle(tip, [gap])
    assert store.tip() == tip
    assert compare(database, blocks[:1], World()).findings == []


@pytest.mark.parametrize("partition_blocks", [0, 2])
def test_postgres_too(postgres_url: str, tmp_path: Path, partition_blocks: int) -> None:
    db = DbSettings(url=postgres_url, partition_blocks=partition_blocks)
    database = open_database(Settings(state_dir=tmp_path, db=db), Writes.CHAIN)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    full = [(kind, product, 1) for product in (1, 0, 2) for kind in "rahcpxloedngkm?"]
    steps = [
        full,
        [("p", 0, 1), ("p", 2, 0)],
        [("h", 1, 2)],
        2,
        full,
        1,
        [("u", 0, 1), ("b", 0, 1), ("v", 1, 1)],
    ]
    events, blocks, world = story([*steps, [("h", 1, 2)], full, 2, [("r", 3, 2)]])
    store.handle(tip, events)
    assert compare(database, blocks, world).findings == []
    database.close()
