"""The indexer's way through history as a bar on a terminal: rate and time left."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from core.chain.client import Rpc, to_int
from core.config import Settings
from core.db import Database, Writes, open_database
from core.errors import Retryable
from indexer.progress import Meter, Progress, Tell, log_line

POLL_S: Final = 0.5
WORTH_A_BAR: Final = 50
"""Blocks behind the head."""


@contextmanager
def history_bar(console: Console) -> Iterator[Tell]:
    """What draws a bar for each Progress it is given; log lines where there is no terminal."""
    if not console.is_terminal:
        yield log_line
        return
    columns = (
        TextColumn("history"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("blocks  {task.fields[rate]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("history", total=None, rate="", visible=False)

        def tell(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.block,
                total=progress.head,
                rate=rate(progress),
                visible=progress.blocks_left > 0,
            )

        yield tell


def rate(progress: Progress) -> str:
    """Such as `1,200 blocks/s, 90 s left`."""
    words = [f"{progress.blocks_per_s:,.0f} blocks/s"]
    if progress.logs_per_s:
        words.append(f"{progress.logs_per_s:,.0f} events/s")
    if progress.eta_s is not None:
        words.append(f"{progress.eta_s:,.0f} s left")
    return ", ".join(words)


async def watch(settings: Settings, console: Console) -> None:
    """Draw the way of an indexer in another process until it has come to the chain's head."""
    database = await asyncio.to_thread(open_database, settings, Writes.NOTHING)
    try:
        async with Rpc(settings.chain.rpc_url) as rpc:
            with history_bar(console) as tell:
                meter = Meter(tell, every_s=POLL_S)
                while (left := await _look(database, rpc, meter)) is None or left > WORTH_A_BAR:
                    await asyncio.sleep(POLL_S)
    finally:
        database.close()


async def _look(database: Database, rpc: Rpc, meter: Meter) -> int | None:
    """Blocks between the mirror and the head; None while either does not answer."""
    query = "SELECT max(block_number) FROM chain.checkpoint"
    try:
        head = to_int(await rpc.call("eth_blockNumber"))
        block = await database.read(lambda s: s.connection().exec_driver_sql(query).scalar())
    except Retryable:
        return None
    if block is None:
        return None
    meter.read(block, 0, head)
    return head - int(block)
