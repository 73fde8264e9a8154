"""Indexers as processes of their own, to be killed without warning."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.config import Settings
from core.db import Database
from scripts.anvil import free_port
from tests.conftest import ROOT

# Each child is forked from a server that has imported all, so 200 of them start in 200 blinks.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["indexer.main", "core.db.schema", "core.db.migrations"])


def start_fork(settings: Settings) -> Any:
    """An indexer process; `kill()` is SIGKILL."""
    process = _FORKS.Process(target=_index, args=(settings,), daemon=True)
    process.start()
    return process


async def kill(process: Any) -> None:
    """SIGKILL, and wait until it is gone."""
    process.kill()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL, "it had ended by itself"


def _index(settings: Settings) -> None:
    from core.telemetry import logs
    from indexer.main import run

    logs.configure(settings, "indexer")
    asyncio.run(run(settings))


@asynccontextmanager
async def command(settings: Settings, log: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`sr360 run indexer`, ended with the block."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.sr360", "run", "indexer"],
            cwd=ROOT,
            env=environment(settings),
            stdout=said,
            stderr=said,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.to_thread(process.wait)


def environment(settings: Settings) -> dict[str, str]:
    """What tells another process these settings."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SR360_STATE_DIR": str(settings.state_dir),
        "SR360_CHAIN__RPC_URL": settings.chain.rpc_url,
        "SR360_CHAIN__POLL_INTERVAL_S": str(settings.chain.poll_interval_s),
        "SR360_CHAIN__LOG_RANGE": str(settings.chain.log_range),
        "SR360_INDEXER__PORT": str(free_port()),
        "SR360_DB__URL": settings.db.url.get_secret_value(),
    }


async def standing(database: Database) -> tuple[int, int]:
    """The checkpoint's block, and how many blocks there are; (0, 0) before the first."""
    query = (
        "SELECT (SELECT max(block_number) FROM chain.checkpoint), "
        "(SELECT count(*) FROM chain.block), (SELECT min(number) FROM chain.block)"
    )
    number, blocks, first = await database.read(
        lambda s: s.connection().exec_driver_sql(query).one()
    )
    if number is None:
        assert blocks == 0, "blocks without a checkpoint"
        return 0, 0
    assert blocks == number - first + 1, "not every block up to the checkpoint is there"
    return number, blocks
