"""A block with logs that make no sense is mirrored like any other: kept, counted, gone on from."""

from pathlib import Path
from typing import Any, Final, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.chain.bindings.anchor_log import EventsAnchored
from core.chain.proof.logs import History
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.errors import Malformed, SourceLied
from core.types import BlockHash, TxHash
from indexer import rows
from indexer.digest import scan_digest
from indexer.model import Block, Log
from indexer.store import Store
from indexer.verify.decode import auditor_decoder
from tests.chain.abi_values import Item, items, values
from tests.chain.garbage import encoded, garbled
from tests.indexer.test_decode import PLACES, REGISTRY
from tests.indexer.test_store import empty

EVENTS: Final = items("event")
AUDITOR: Final = auditor_decoder(REGISTRY)
GENESIS: Final = Block(0, BlockHash(keccak256(b"genesis")), BlockHash(bytes(32)), 0, ())
CHAINED: Final = (*get_args(History), EventsAnchored)
"""Events that must follow one another: out of turn they are not garbage but a lie."""


@st.composite
def garbage(draw: st.DrawFn) -> Log:
    contract, item = draw(st.sampled_from(EVENTS))
    topics, data = draw(garbled(item))
    return Log(PLACES[contract], topics, data, TxHash(bytes(32)), 0)


@st.composite
def extreme(draw: st.DrawFn) -> Log:
    """Any values that an event's types allow, whatever the contract would."""
    contract, item = draw(st.sampled_from(EVENTS))
    given_values = [
        1 if i["name"] in ("seq", "index") else value
        for i, value in zip(item["inputs"], draw(_edgy(item)), strict=True)
    ]
    topics, data = encoded(item, tuple(given_values))
    return Log(PLACES[contract], topics, data, TxHash(bytes(32)), 0)


def _edgy(item: Item) -> st.SearchStrategy[tuple[Any, ...]]:
    """Values of which each integer is the greatest of its type half of the time."""
    return st.tuples(*(_largest(i) | values([i]).map(lambda one: one[0]) for i in item["inputs"]))


def _largest(item: Item) -> st.SearchStrategy[Any]:
    kind = item["type"]
    if not kind.startswith("uint") or kind.endswith("]"):
        return st.nothing()
    return st.just((1 << int(kind[4:])) - 1)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings_ = Settings(state_dir=tmp_path, db=DbSettings(url=url) if url else DbSettings())
    opened = open_database(settings_, Writes.CHAIN)
    yield opened
    opened.close()


@given(log=garbage() | extreme())
@settings(max_examples=600)
def test_the_auditor_reads_or_refuses_alike(log: Log) -> None:
    assert _read(AUDITOR, log) == _read(REGISTRY.decode, log)


@given(logs=st.lists(garbage() | extreme(), min_size=1, max_size=8))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_a_block_with_garbage_is_kept_counted_and_gone_on_from(
    database: Database, logs: list[Log]
) -> None:
    empty(database)
    store = Store(database, REGISTRY)
    tip = store.start(GENESIS.hash, GENESIS)
    first = _block(GENESIS, _in_turn(logs))
    try:
        tip, applied = store.handle(tip, [first])
    except SourceLied:  # two that each can be read, and cannot both be true
        assume(condition=False)
    unreadable = {log.log_index for log in first.logs if _read(REGISTRY.decode, log) is None}
    assert unreadable <= {row.log_index for row in applied.unknown}
    tip, second = store.handle(tip, [_block(first, ())])
    assert (tip.number, second.blocks) == (2, 1)
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(rows.Log.table)) == len(first.logs)
        unknown = session.scalars(select(rows.UnknownLog.table.c.log_index)).all()
        assert sorted(unknown) == [row.log_index for row in applied.unknown]
        kept = session.execute(select(rows.Log.table).order_by("log_index")).all()
        assert [row.data for row in kept] == [log.data for log in first.logs]
        digest = session.scalar(select(rows.Block.table.c.state_digest).filter_by(number=2))
        assert scan_digest(session.connection()) == digest


def test_an_entry_from_the_far_future_is_a_lie(tmp_path: Path) -> None:
    """It can not be left out like garbage, since the next entry's head is built on it."""
    (item,) = [i for c, i in EVENTS if (c, i["name"]) == ("SupplyChain", "EventRecorded")]
    words = (b"\1" * 32, b"\2" * 20, b"\3" * 32, 1, 1 << 63, 1)
    log = Log(PLACES["SupplyChain"], *encoded(item, words), TxHash(bytes(32)), 0)
    database = open_database(Settings(state_dir=tmp_path), Writes.CHAIN)
    store = Store(database, REGISTRY)
    with pytest.raises(SourceLied, match="far future"):
        store.handle(store.start(GENESIS.hash, GENESIS), [_block(GENESIS, (log,))])
    database.close()


def _read(decode: Any, log: Log) -> Any:
    try:
        return decode(log)
    except Malformed:
        return None


def _in_turn(logs: list[Log]) -> tuple[Log, ...]:
    """At most one of those that must follow one another, and that one the first of its chain."""
    chained = [log for log in logs if isinstance(_read(REGISTRY.decode, log), CHAINED)]
    out_of_turn = [log for log in chained if log is not chained[0] or not _possible(log)]
    kept = [log for log in logs if not any(log is one for one in out_of_turn)]
    return tuple(log._replace(log_index=index) for index, log in enumerate(kept))


def _possible(log: Log) -> bool:
    event = REGISTRY.decode(log)
    if isinstance(event, EventsAnchored):
        return bool(event.index == 1)
    return bool(event.seq == 1 and event.occurred_at < 1 << 63)


def _block(parent: Block, logs: tuple[Log, ...]) -> Block:
    hash_ = BlockHash(keccak256(parent.hash))
    return Block(parent.number + 1, hash_, parent.hash, parent.timestamp + 1, logs)
