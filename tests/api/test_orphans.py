"""What a reorganisation took back can be read by an auditor, and leaves when it comes back."""

from pathlib import Path

import orjson
import pytest

from core.config import Settings
from core.crypto import to_hex
from core.db import Writes, open_database
from indexer.model import Reorg
from indexer.store import Store
from tests.api.test_packing import ask
from tests.indexer.test_store import GENESIS, REGISTRY, story

QUERY = """{ orphanedBlocks { edges { node { number hash stateDigest
 logs(first: 1) { edges { node { logIndex txHash } } pageInfo { hasNextPage endCursor } }
 rows { edges { node { table content } } } } } } meta { block stateDigest }
 one: stateDigest(block: 1) none: stateDigest(block: 9) }"""


@pytest.mark.asyncio
async def test_orphans_and_digests_can_be_read(tmp_path: Path) -> None:
    database = open_database(Settings(state_dir=tmp_path), Writes.CHAIN)
    store = Store(database, REGISTRY)
    _, blocks, _ = story([[("r", 0, 1)], [("r", 0, 1), ("r", 1, 1)]])
    tip, _ = store.handle(store.start(GENESIS.hash, GENESIS), blocks[1:])
    stood = await ask(database, QUERY)
    assert stood["orphanedBlocks"]["edges"] == []
    tip, _ = store.handle(tip, [Reorg(1, blocks[1].hash)])

    found = await ask(database, QUERY)
    (edge,) = found["orphanedBlocks"]["edges"]
    assert edge["node"]["hash"] == to_hex(blocks[2].hash)
    assert edge["node"]["stateDigest"] == stood["meta"]["stateDigest"]
    assert edge["node"]["logs"]["pageInfo"]["hasNextPage"]
    rows = [row["node"] for row in edge["node"]["rows"]["edges"]]
    assert [row["table"] for row in rows] == ["event", "event", "custody_transfer"]
    assert orjson.loads(rows[0]["content"])["seq"] == "2"
    assert found["meta"]["stateDigest"] == found["one"] == stood["one"]
    assert found["none"] is None

    store.handle(tip, [blocks[2]])
    assert await ask(database, QUERY) == stood
    database.close()
