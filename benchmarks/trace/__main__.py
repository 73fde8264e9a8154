"""How long a trace over 8 levels takes among a million recorded events.

    python -m benchmarks.trace [--events 1000000] [--traces 100] [--postgres URL]

The world is trees: each product is made of two others, eight levels deep, so a trace back from a
root meets 511 products and a trace forward from a leaf nine. Seconds are those of the process's CPU
and of the wall, beside each other.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from api.queries.snapshot import Snapshot
from api.queries.tracing.walk import Direction, trace
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.db import chain_tables as t
from core.types import EventKind

LEVELS = 8
NODES = 2 ** (LEVELS + 1) - 1
MADE = 2**LEVELS - 1
EVENTS_A_TREE = 3 * MADE
WORD, ACTOR = b"\x07" * 32, b"\x01" * 20


def uri(tree: int, node: int) -> str:
    return f"https://id.gs1.org/01/10860009999920/10/T{tree}N{node}"


def id_of(tree: int, node: int) -> bytes:
    return keccak256(uri(tree, node).encode())


def documents(trees: int) -> Iterator[tuple[int, int, int]]:
    """(place, tree, node): node is made of 2n+1 and 2n+2, as in a heap."""
    for tree in range(trees):
        for node in range(MADE):
            yield tree * MADE + node + 1, tree, node


def rows_of(place: int, tree: int, node: int) -> dict[Any, list[dict[str, Any]]]:
    """What the mirror holds of one transformation that all three products record."""
    data_hash = keccak256(b"%d" % place)
    things = [(node, "output"), (2 * node + 1, "input"), (2 * node + 2, "input")]
    names = [(id_of(tree, n), uri(tree, n), role) for n, role in things]
    document = {"data_hash": data_hash, "status": "ready", "first_block": place,
                "event_type": "TransformationEvent", "event_json": "{}"}  # fmt: skip
    products = [
        {"data_hash": data_hash, "position": position, "product_id": product, "uri": name,
         "role": role, "quantity": "10", "uom": "KGM"}
        for position, (product, name, role) in enumerate(names)
    ]  # fmt: skip
    events = [
        {"block_number": place, "log_index": index, "tx_hash": WORD, "product_id": product,
         "seq": 1 if role == "output" else 2, "kind": int(EventKind.TRANSFORMATION),
         "actor": ACTOR, "counterparty": bytes(20), "data_hash": data_hash,
         "occurred_at": place, "head": WORD}
        for index, (product, _, role) in enumerate(names)
    ]  # fmt: skip
    return {t.Document: [document], t.DocumentProduct: products, t.Event: events}


def fill(database: Database, trees: int) -> None:
    """All rows, 20,000 documents at a time."""
    waiting = documents(trees)
    while batch := list(islice(waiting, 20_000)):
        gathered: dict[Any, list[dict[str, Any]]] = {}
        for place, tree, node in batch:
            for model, rows in rows_of(place, tree, node).items():
                gathered.setdefault(model, []).extend(rows)
        with database.write_session() as session:
            for model, rows in gathered.items():
                session.execute(insert(model), rows)


async def measured(database: Database, trees: int, traces: int, way: Direction) -> str:
    """A row of the table."""
    chosen = random.Random(360)
    cpu, wall, products = [], [], set()
    for _ in range(traces):
        node = 0 if way is Direction.BACK else chosen.randrange(MADE, NODES)
        start = id_of(chosen.randrange(trees), node)
        began = time.perf_counter(), time.process_time()
        async with Snapshot(database) as snapshot:
            found = await trace(snapshot, start, way)
        wall.append(time.perf_counter() - began[0])
        cpu.append(time.process_time() - began[1])
        products.add(len(found.products))
    figures = [sorted(times)[len(times) * share // 100] for times in (cpu, wall)
               for share in (50, 95)]  # fmt: skip
    told = " | ".join(f"{1000 * figure:,.0f} ms" for figure in figures)
    return f"| {way.value} | {'/'.join(map(str, sorted(products)))} | {told} |"


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--traces", type=int, default=100)
    parser.add_argument("--postgres", default="")
    given = parser.parse_args()
    trees = max(1, given.events // EVENTS_A_TREE)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder), db=DbSettings(url=given.postgres))
        database = open_database(settings, Writes.CHAIN)
        fill(database, trees)
        print(f"{trees * EVENTS_A_TREE:,} events, {trees:,} trees of {NODES} products")
        print("| trace | products | CPU p50 | CPU p95 | wall p50 | wall p95 |")
        print("|---|---|---|---|---|---|")
        for way in Direction:
            print(await measured(database, trees, given.traces, way))
        database.close()


if __name__ == "__main__":
    asyncio.run(main())
