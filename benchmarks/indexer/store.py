"""CPU of the store alone: decode, derive, digest and write, without a node.

`python -m benchmarks.indexer.store [--url postgresql://...] [--blocks 2500] [--profile FILE]
[--partition-blocks 250]` makes blocks of 100 history entries in memory (four batches of 25
products, one document each), hands them to `Store.handle` and prints microseconds of CPU of this
process per log, and how long it takes to read the history of a product, whose blocks nobody names.
"""

import argparse
import cProfile
import gc
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import col, select

from benchmarks.indexer.arguments import count
from core.chain.bindings.supply_chain import EventRecorded
from core.chain.deployments import Contract, Deployment
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.db.chain_tables import Event
from core.types import Address, BlockHash, TxHash
from indexer.main import COLLECT_EVERY
from indexer.model import Block, Log, Tip
from indexer.registry import Registry, registry_of
from indexer.store import Store

PER_BLOCK, BATCH, PRODUCTS, CHUNK = 100, 25, 5000, 100
NAMES = ("Authority", "ActorRegistry", "SupplyChain", "DeviceRegistry")
PLACES = {name: Address(bytes([i + 1]) * 20) for i, name in enumerate(NAMES)}
GENESIS = Block(0, BlockHash(keccak256(b"genesis")), BlockHash(bytes(32)), 0, ())


def registry() -> Registry:
    """Three contracts of one deployment."""
    contracts = {name: Contract(at, bytes(32)) for name, at in PLACES.items()}
    return registry_of(Deployment(31337, 1, contracts))


def blocks(count: int) -> Iterator[Block]:
    """Linked blocks of history entries, each product's in order."""
    products = [keccak256(b"product %d" % i) for i in range(PRODUCTS)]
    seqs, turn, parent = [0] * PRODUCTS, 0, GENESIS.hash
    for number in range(1, count + 1):
        logs = []
        for index in range(PER_BLOCK):
            which, turn = turn, (turn + 1) % PRODUCTS
            seqs[which] += 1
            logs.append(_log(products[which], seqs[which], number, index))
        found = BlockHash(keccak256(parent + number.to_bytes(8, "big")))
        yield Block(number, found, parent, 1_776_000_000 + number, tuple(logs))
        parent = found


def _log(product: bytes, seq: int, number: int, index: int) -> Log:
    batch = keccak256(b"batch %d %d" % (number, index // BATCH))
    topics = (EventRecorded.TOPIC0, product, bytes(12) + b"\7" * 20, batch)
    data = b"".join(n.to_bytes(32, "big") for n in (seq, 1_776_000_000_000 + number, 2))
    return Log(PLACES["SupplyChain"], topics, data, TxHash(batch), index)


def fill(store: Store, tip: Tip, count: int) -> tuple[Tip, float]:
    """Hand over all blocks in chunks; the tip and the CPU seconds that took."""
    spent, waiting = 0.0, []
    for block in blocks(count):
        waiting.append(block)
        if len(waiting) == CHUNK or block.number == count:
            before = time.process_time()
            tip, _ = store.handle(tip, waiting)
            spent += time.process_time() - before
            waiting = []
    return tip, spent


def main() -> None:
    gc.set_threshold(COLLECT_EVERY)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="")
    parser.add_argument("--blocks", type=count, default=2500)
    parser.add_argument("--profile")
    parser.add_argument("--partition-blocks", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = DbSettings(url=SecretStr(options.url), partition_blocks=options.partition_blocks)
        settings = Settings(state_dir=Path(folder), db=db)
        database = open_database(settings, Writes.CHAIN)
        _measure(database, options.blocks, options.profile)
        database.close()


def _measure(database: Database, count: int, profile: str | None) -> None:
    store = Store(database, registry())
    tip = store.start(GENESIS.hash, GENESIS)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    _, spent = fill(store, tip, count)
    if profile:
        profiler.disable()
        profiler.dump_stats(profile)
    logs = count * PER_BLOCK
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{logs} logs: {spent:.2f} CPU s, {spent / logs * 1e6:.1f} us a log, {peak:.0f} MB peak")
    print(f"a product's history: {_read(database) * 1e3:.2f} ms")


def _read(database: Database) -> float:
    """Seconds, the fastest of 500 reads on one connection: the rest is the machine's other work."""
    with database.read_session() as session:
        asked = select(Event).order_by(col(Event.seq)).limit(21)
        took = []
        for which in range(500):
            mine = asked.where(Event.product_id == keccak256(b"product %d" % which))
            before = time.perf_counter()
            session.exec(mine).all()
            took.append(time.perf_counter() - before)
    return min(took)


if __name__ == "__main__":
    main()
