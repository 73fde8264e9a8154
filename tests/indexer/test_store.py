"""Any sequence of blocks and reorganisations leaves what a replay of the final chain gives."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.chain.bindings.supply_chain import CustodyTransferred, EventRecorded, ProductRecalled
from core.chain.deployments import Contract, Deployment
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.types import Address, BlockHash, TxHash
from indexer.model import Block, Finalized, Log, Reorg, Tip
from indexer.registry import registry_of
from indexer.store import SecondWriter, Store
from indexer.verify.compare import compare_order, compare_tables
from indexer.verify.replay import Replay
from indexer.verify.report import Report
from indexer.verify.snapshot import take_snapshot

NAMES = (
    "Authority",
    "ActorRegistry",
    "SupplyChain",
    "CarbonToken",
    "SensorOracle",
    "ForecastLedger",
)
PLACES = {name: Address(bytes([i + 1]) * 20) for i, name in enumerate(NAMES)}
REGISTRY = registry_of(
    Deployment(31337, 1, {name: Contract(at, bytes(32)) for name, at in PLACES.items()})
)
GENESIS = Block(0, BlockHash(keccak256(b"genesis")), BlockHash(bytes(32)), 0, ())

ACTION = st.tuples(st.sampled_from("rrrhcab?"), st.integers(0, 3), st.integers(1, 3))
STEP = st.one_of(
    st.lists(ACTION, max_size=5),  # a block
    st.integers(1, 4),  # a reorganisation of that depth
)


@dataclass
class World:
    """What the contracts would hold, so that generated events are ones they could emit."""

    seqs: dict[int, int] = field(default_factory=dict)
    actors: set[int] = field(default_factory=set)
    count: int = 0

    def log(self, action: tuple[str, int, int], index: int) -> Log | None:
        kind, product, who = action
        self.count += 1
        actor, unique = word(who), keccak256(b"%d" % self.count)
        if kind == "a" and who not in self.actors:
            self.actors.add(who)
            text = (1).to_bytes(32, "big") + b"x".ljust(32, b"\0")
            data = word(64) + word(128) + text + text
            return made("ActorRegistry", ActorRegistered, [actor, word(1)], data, index)
        if kind == "b" and who in self.actors:
            self.actors.remove(who)
            return made("ActorRegistry", ActorRevoked, [actor], b"", index)
        if kind == "?":
            return Log(PLACES["SupplyChain"], (unique,), b"", TxHash(unique), index)
        return self._entry(kind, product, actor, unique, index)

    def _entry(
        self, kind: str, product: int, actor: bytes, unique: bytes, index: int
    ) -> Log | None:
        if (kind in "hc" and product not in self.seqs) or kind in "ab":
            return None
        self.seqs[product] = seq = self.seqs.get(product, 0) + 1
        name, tail = keccak256(b"p%d" % product), word(seq) + word(1000 + self.count)
        if kind == "h":
            topics = [name, actor, word(9)]
            return made("SupplyChain", CustodyTransferred, topics, unique + tail, index)
        event = ProductRecalled if kind == "c" else EventRecorded
        return made("SupplyChain", event, [name, actor, unique], tail + word(2), index)


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def made(contract: str, event, topics: list[bytes], data: bytes, index: int) -> Log:
    tx_hash = TxHash(keccak256(data + bytes([index])))
    return Log(PLACES[contract], (event.TOPIC0, *topics), data, tx_hash, index)


@pytest.fixture(scope="module", params=["sqlite"])
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("store")), Writes.CHAIN)
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=14), chunk=st.integers(1, 4))
def test_any_history_equals_its_replay(database: Database, steps, chunk: int) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    events, chain = story(steps)
    for start in range(0, len(events), chunk):
        tip, _ = store.handle(tip, events[start : start + chunk])
    assert (tip.number, tip.hash) == (chain[-1].number, chain[-1].hash)
    assert store.tip() == tip
    report = compare(database, chain)
    assert report.findings == []
    assert report.checked["block rows"] == len(chain)


def story(steps) -> tuple[list[Block | Reorg | Finalized], list[Block]]:
    """The stream a source would yield, and the chain it ends with."""
    events: list[Block | Reorg | Finalized] = []
    chain, worlds = [GENESIS], [World()]
    for nonce, step in enumerate(steps):
        if isinstance(step, int):
            keep = max(1, len(chain) - step)
            if keep < len(chain):
                del chain[keep:], worlds[keep:]
                events.append(Reorg(chain[-1].number, chain[-1].hash))
        else:
            world = copy.deepcopy(worlds[-1])
            world.count += 1000 * nonce
            logs = [world.log(action, index) for index, action in enumerate(step)]
            parent = chain[-1]
            block_hash = BlockHash(keccak256(parent.hash + word(nonce)))
            found = tuple(log for log in logs if log is not None)
            chain.append(Block(parent.number + 1, block_hash, parent.hash, nonce, found))
            worlds.append(world)
            events.append(chain[-1])
    return events, chain


def compare(database: Database, chain: list[Block]) -> Report:
    replay, report = Replay(REGISTRY.decode, REGISTRY.fingerprint), Report()
    replay.base(chain[0])
    for block in chain[1:]:
        replay.take(block)
    with database.read_session() as session:
        found = take_snapshot(session).tables
    compare_order(replay.tables, found, lambda _row: True, report)
    compare_tables(replay.tables, found, lambda _row: True, report)
    assert found["document"].keys() == replay.tables["document"].keys()
    return report


def empty(database: Database) -> None:
    with database.write_session() as session:
        for table in ("checkpoint", "log", "document", "document_product", *TABLES):
            session.connection().exec_driver_sql(f"DELETE FROM chain.{table}")


TABLES = ("block", "event", "custody_transfer", "recall", "product", "actor", "unknown_log")


def test_a_second_writer_is_refused(database: Database) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    _, chain = story([[("r", 0, 1)], [("r", 0, 1)]])
    store.handle(tip, [chain[1]])
    with pytest.raises(SecondWriter):
        store.handle(tip, [chain[1]])
    assert store.tip() == Tip(1, chain[1].hash, 0)


def test_a_failing_chunk_leaves_nothing(database: Database) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    _, chain = story([[("r", 0, 1)], [("r", 0, 1)]])
    gap = Block(1, chain[1].hash, GENESIS.hash, 0, chain[2].logs)  # entry 2 without entry 1
    with pytest.raises(Exception, match="follows entry 0"):
        store.handle(tip, [gap])
    assert store.tip() == tip
    assert compare(database, chain[:1]).findings == []


def test_postgres_too(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(
        Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url)), Writes.CHAIN
    )
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    full = [("r", 0, 1), ("a", 1, 1), ("h", 0, 2), ("c", 0, 1), ("?", 0, 1)]
    events, chain = story([full, full, [("b", 0, 1)], full, 2, full, 1, [("r", 3, 2)]])
    store.handle(tip, events)
    assert compare(database, chain).findings == []
    database.close()
