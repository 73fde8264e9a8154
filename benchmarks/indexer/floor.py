"""The floor: what no indexer can do without. Download logs, cut out five values, COPY.

No proof, no typed value, no reorganisation, no index but the primary key.
"""

import asyncio
import os
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import orjson
import psycopg

from benchmarks.indexer.events import Shape, Slot, shapes

RANGE: Final = 100
"""Blocks in a request: larger ones cost memory and save nothing."""
TABLE: Final = """
CREATE TABLE event (
  block bigint, log_index bigint, tx_hash bytea, name text, product_id bytea, actor bytea,
  data_hash bytea, PRIMARY KEY (block, log_index))"""
COPY: Final = "COPY event FROM STDIN"
_SHAPES: Final = {shape.topic: shape for shape in shapes()}


async def main() -> None:
    first, last = int(os.environ["BENCH_FIRST"]), int(os.environ["BENCH_LAST"])
    with psycopg.connect(os.environ["BENCH_DB"], autocommit=True) as connection:
        connection.execute(TABLE)
        async with aiohttp.ClientSession() as session:
            for start in range(first, last + 1, RANGE):
                logs = await fetch(session, start, min(start + RANGE - 1, last))
                with connection.cursor().copy(COPY) as copy:
                    copy.write("".join(lines(logs)))


async def fetch(session: aiohttp.ClientSession, first: int, last: int) -> list[Any]:
    query = {
        "address": os.environ["BENCH_CONTRACT"],
        "fromBlock": hex(first),
        "toBlock": hex(last),
    }
    asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [query]}
    headers = {"content-type": "application/json"}
    url = os.environ["BENCH_RPC"]
    async with session.post(url, data=orjson.dumps(asked), headers=headers) as answer:
        found: list[Any] = orjson.loads(await answer.read())["result"]
        return found


def lines(logs: list[Any]) -> Iterator[str]:
    """Rows in COPY's text format."""
    for log in logs:
        shape: Shape | None = _SHAPES.get(log["topics"][0])
        if shape is None:
            continue
        data_hash = "\\N" if shape.data_hash is None else "\\\\x" + word(log, shape.data_hash)
        yield (
            f"{int(log['blockNumber'], 16)}\t{int(log['logIndex'], 16)}"
            f"\t\\\\x{log['transactionHash'][2:]}\t{shape.name}\t\\\\x{word(log, shape.product)}"
            f"\t\\\\x{word(log, shape.actor)[24:]}\t{data_hash}\n"
        )


def word(log: Any, slot: Slot) -> str:
    """64 hex digits."""
    in_topics, number = slot
    if in_topics:
        return str(log["topics"][number][2:])
    return str(log["data"][2 + 64 * number : 66 + 64 * number])


if __name__ == "__main__":
    asyncio.run(main())
