"""What `sr360 reindex` costs: every table derived anew from the raw logs, no node asked.

    python -m benchmarks.indexer.again --runs 5             the table
    python -m benchmarks.indexer.again --runs 5 --write     and into docs/reference/indexer.md

The indexer fills a PostgreSQL from the benchmark's chain; anvil ends; then the command itself runs
as often as asked, each time on what the last run left. CPU seconds are those of its process, start
and command line included, and of PostgreSQL. After each run the state digests of all blocks, the
rows of the events and the raw logs are compared with those before the first.
"""

import argparse
import asyncio
import contextlib
import hashlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.indexer.__main__ import PAGE, say, write
from benchmarks.indexer.arguments import count
from benchmarks.indexer.chain import FOLDER, Chain, built, served
from benchmarks.indexer.measure import ToolFailed, Watch
from benchmarks.indexer.postgres import Cluster, cluster
from benchmarks.indexer.processes import Program
from benchmarks.indexer.tools import OUR_ROWS, OURS, Place, Tool, ours
from scripts.compile import compile_contracts

START: Final = "<!-- measured: python -m benchmarks.indexer.again --write -->"
REINDEX: Final = Tool("sr360 reindex", (sys.executable, "-m", "scripts.sr360", "reindex"), "")
CONTENT: Final = (
    OUR_ROWS,
    "SELECT number, hash, state_digest FROM chain.block ORDER BY number",
    "SELECT * FROM chain.log ORDER BY block_number, log_index",
    "SELECT * FROM chain.product ORDER BY product_id",
)


@dataclass(frozen=True)
class Again:
    """What one run took."""

    cpu_s: float
    database_cpu_s: float
    wall_s: float
    peak_rss_bytes: int


def content(url: str) -> str:
    """SHA-256 of what must be the same before and after."""
    digest = hashlib.sha256()
    with psycopg.connect(url) as connection:
        for query in CONTENT:
            with connection.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as copy:
                for block in copy:
                    digest.update(block)
    return digest.hexdigest()


@contextmanager
def filled(chain: Chain, rpc_url: str, server: Cluster, limit_s: float) -> Iterator[Place]:
    """A database that the indexer has filled up to the load's last block."""
    folder = Path(tempfile.mkdtemp(prefix="sr360-bench-", dir="/tmp"))
    shutil.copytree(chain.folder / "deployments", folder / "deployments")
    try:
        with server.database("bench") as url:
            place = Place(chain, rpc_url, url, folder)
            watch = Watch(OURS, place, say, limit_s)
            program = Program(OURS.command, cwd=OURS.cwd, env=ours(place), log=watch.log)
            try:
                watch.until_done(program)
            finally:
                program.stop()
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(place: Place, server: Cluster, limit_s: float) -> Again:
    """Once. Raises ToolFailed."""
    before, began = server.usage().cpu_s, time.monotonic()
    watch = Watch(REINDEX, place, say, limit_s)
    program = Program(REINDEX.command, cwd=REINDEX.cwd, env=ours(place), log=watch.log)
    try:
        watch.until_done(program)
        wall, used = time.monotonic() - began, program.usage()
        return Again(used.cpu_s, server.usage().cpu_s - before, wall, watch.peak)
    finally:
        program.stop()


def measure(chain: Chain, place: Place, server: Cluster, runs: int, limit_s: float) -> list[Again]:
    """As often as asked. Raises ToolFailed when a run leaves other rows than it found."""
    true, found = content(place.database_url), []
    # one that is not counted, so that the others find the command's modules compiled
    for number in range(runs + 1):
        took = run(place, server, limit_s)
        if content(place.database_url) != true:
            raise ToolFailed("sr360 reindex left other rows than the indexer")
        say(f"run {number} of {runs}: {took.cpu_s:.1f} CPU s, {took.wall_s:.1f} s")
        found.append(took)
    return found[1:]


def render(found: Sequence[Again], chain: Chain) -> str:
    """The medians as a Markdown table."""
    cpu = [one.cpu_s for one in found]
    cells = [
        f"{chain.logs:,}",
        f"{statistics.median(cpu):.1f} ({min(cpu):.1f} to {max(cpu):.1f})",
        f"{statistics.median(one.database_cpu_s for one in found):.1f}",
        f"{statistics.median(one.wall_s for one in found):.1f}",
        f"{statistics.median(one.peak_rss_bytes for one in found) / 1e6:.0f}",
        "all",
    ]
    return (
        "| logs | CPU s, tool | CPU s, database | wall s | peak MB | rows equal |\n"
        "|---:|---:|---:|---:|---:|---|\n"
        f"| {' | '.join(cells)} |\n\nMedians of {len(found)} runs."
    )


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexer.again",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--blocks", type=count, default=2_500, help="100 logs each; default 2500")
    parser.add_argument("--runs", type=count, default=5, help="default 5")
    parser.add_argument("--limit", type=float, default=300, help="seconds a run may take")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    return parser.parse_args(words)


async def main(given: argparse.Namespace) -> None:
    compile_contracts()
    chain = await built(given.blocks, say)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with cluster() as server, contextlib.ExitStack() as opened:
        async with served(chain) as anvil:
            place = opened.enter_context(filled(chain, anvil.url, server, given.limit))
        table = render(measure(chain, place, server, given.runs, given.limit), chain)
    print(table)
    if given.write:
        write(PAGE, table, START)


if __name__ == "__main__":
    asyncio.run(main(parse()))
