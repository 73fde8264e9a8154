"""Who is measured, how each is run, and where its rows lie.

Each gets an empty database and the same chain, and is done when its own progress record says so;
its rows are then compared with the floor's, one by one. What each is given to be fast:

- ours: nothing. It proves every log and keeps the raw one, too.
- Ponder: `ponder start` (production), no rate limit, 0.16 in ranges of 1,000 blocks.
- Subsquid: ten requests at a time, no rate limit, hot blocks off, rows inserted by the batch.
- DipDup: pages of 500 blocks (its ceiling), no rate limit, no rollback copies, bulk inserts.
- web3.py: ranges of 100 blocks, decoder found by topic, executemany as a pipeline.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.indexer.chain import FOLDER, Chain
from core.crypto import to_hex
from scripts.tools import ROOT

PEERS: Final = Path(__file__).resolve().parent / "peers"
WORK: Final = FOLDER / "peers"
PLAIN_ROWS: Final = """
SELECT block, log_index, encode(product_id, 'hex'), encode(actor, 'hex'), encode(data_hash, 'hex')
FROM event ORDER BY block, log_index"""
TEXT_ROWS: Final = """
SELECT block, log_index, substr(product_id, 3), lower(substr(actor, 3)), substr(data_hash, 3)
FROM {} ORDER BY block, log_index"""
OUR_ROWS: Final = """
SELECT block_number, log_index, encode(product_id, 'hex'), encode(actor, 'hex'),
  encode(data_hash, 'hex')
FROM (
  SELECT block_number, log_index, product_id, actor, data_hash FROM chain.event
  UNION ALL
  SELECT block_number, log_index, product_id, from_actor, data_hash FROM chain.handover_offer
  UNION ALL
  SELECT block_number, log_index, product_id, actor, NULL FROM chain.mass_declaration) all_rows
ORDER BY block_number, log_index"""


@dataclass(frozen=True)
class Place:
    """What a tool is pointed at."""

    chain: Chain
    rpc_url: str
    database_url: str
    folder: Path
    """For what the tool leaves behind; empty."""

    @property
    def environment(self) -> dict[str, str]:
        """What every peer's project reads."""
        return {
            "BENCH_RPC": self.rpc_url,
            "BENCH_WS": self.rpc_url.replace("http", "ws", 1),
            "BENCH_DB": self.database_url,
            "DB_URL": self.database_url,
            "BENCH_DB_PORT": str(urlsplit(self.database_url).port),
            "BENCH_CONTRACT": to_hex(self.chain.deployment.supply_chain),
            "BENCH_FIRST": str(self.chain.deployment.start_block),
            "BENCH_LAST": str(self.chain.head),
        }


@dataclass(frozen=True)
class Tool:
    """One indexer."""

    name: str
    command: Sequence[str]
    rows: str
    """SQL: block, log index, and hex without 0x of product, actor, data hash; in order."""
    height: str | None = None
    """SQL: the last block it has indexed; None for a program that ends when it is done."""
    cwd: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    """Of a Python tool: what it imports, compiled before the clock starts."""
    environment: str = ""
    """Folder in peers/ with the locked versions it needs; empty = ours."""
    schema: Path | None = None
    """SQL that is applied before the clock starts, where the tool's own command would do that."""
    proven: bool = False
    """Whether it checks a log against its block's header."""


def ours(place: Place) -> dict[str, str]:
    """Settings of our indexer for a place.

    Nothing listens on the IPFS ports: the chain's documents exist nowhere, and there is no switch
    for the second stage, so its failing attempts are part of what is measured.
    """
    return {
        "SR360_STATE_DIR": str(place.folder),
        "SR360_CHAIN__RPC_URL": place.rpc_url,
        "SR360_DB__URL": place.database_url,
        "SR360_INDEXER__PORT": "0",
        "SR360_IPFS__API_PORT": "1",
        "SR360_IPFS__GATEWAY_PORT": "1",
        "PYTHONPATH": str(ROOT),
    }


_PYTHON: Final = {"PYTHONPATH": str(ROOT)}

FLOOR: Final = Tool(
    "floor",
    (sys.executable, "-m", "benchmarks.indexer.floor"),
    PLAIN_ROWS,
    env=_PYTHON,
    modules=("benchmarks.indexer.floor",),
)
OURS: Final = Tool(
    "SmartRetail360",
    (sys.executable, "-m", "scripts.service", "indexer"),
    OUR_ROWS,
    height="SELECT block_number FROM chain.checkpoint",
    modules=("indexer.main", "psycopg", "ipfshttpclient"),
    proven=True,
)
WEB3: Final = Tool(
    "web3.py loop",
    (sys.executable, "-m", "benchmarks.indexer.plain_web3"),
    PLAIN_ROWS,
    env=_PYTHON,
    modules=("benchmarks.indexer.plain_web3",),
)


def _node(
    name: str,
    folder: str,
    command: Sequence[str],
    rows: str,
    height: str,
    schema: Path | None = None,
) -> Tool:
    home = WORK / folder
    env = {
        "BENCH_ABI": str(ROOT / "contracts/abi/SupplyChain.json"),
        "PONDER_TELEMETRY_DISABLED": "1",
    }
    return Tool(name, command, rows, height, cwd=home, env=env, environment=folder, schema=schema)


_PONDER: Final = (
    "node_modules/.bin/ponder",
    "start",
    "--schema",
    "bench",
    "--log-level",
    "warn",
    "--port",
    "42069",
)
_PONDER_READY: Final = """
SELECT max(CASE WHEN value->>'is_ready' IN ('1', 'true') THEN 2147483647 ELSE 0 END)
FROM bench._ponder_meta"""
PONDER: Final = _node(
    "Ponder 0.16.10", "ponder", _PONDER, TEXT_ROWS.format("bench.entry"), _PONDER_READY
)
PONDER_NPM: Final = _node(
    "Ponder 1.0.0",
    "ponder-npm",
    _PONDER,
    TEXT_ROWS.format("bench.entry"),
    # It says "ready" before the first row is there; the load's blocks end with log 99.
    "SELECT block FROM bench.entry WHERE log_index = 99 ORDER BY block DESC LIMIT 1",
)
SUBSQUID: Final = _node(
    "Subsquid",
    "subsquid",
    ("node", "lib/main.js"),
    TEXT_ROWS.format("entry"),
    "SELECT height FROM squid_processor.status",
    schema=PEERS / "subsquid/schema.sql",
)
DIPDUP: Final = Tool(
    "DipDup",
    (".venv/bin/dipdup", "-c", "bench_dipdup/dipdup.yaml", "run"),
    TEXT_ROWS.format("entry"),
    "SELECT level FROM dipdup_index",
    cwd=WORK / "dipdup",
    # DIPDUP_TEST only keeps it from asking the internet for a newer version of itself.
    env={"DIPDUP_TEST": "1", "DIPDUP_NO_HOOKS": "1", "PYTHONPATH": str(WORK / "dipdup")},
    modules=("dipdup.cli",),
    environment="dipdup",
)
TOOLS: Final = (FLOOR, OURS, SUBSQUID, PONDER_NPM, PONDER, DIPDUP, WEB3)
