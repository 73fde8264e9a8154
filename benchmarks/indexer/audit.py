"""What it costs to doubt everything: `sr360 verify` of a whole mirror, beside the indexing of it.

    python -m benchmarks.indexer.audit                 250,000 logs
    python -m benchmarks.indexer.audit --blocks 250    a first look

Builds the benchmark's chain once, lets the indexer fill an empty PostgreSQL from it, then runs the
audit on the result: every header, every receipts root, every row, every head by `eth_getProof`,
every standing by `eth_call`. CPU seconds are those of the program with all its processes.

The chain's documents exist nowhere and nothing listens on the IPFS port, so that documents are
part of neither side.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.indexer.__main__ import say
from benchmarks.indexer.arguments import count
from benchmarks.indexer.chain import FOLDER, Chain, built, served
from benchmarks.indexer.measure import POLL_S, Watch
from benchmarks.indexer.postgres import Cluster, cluster
from benchmarks.indexer.processes import Program
from benchmarks.indexer.tools import OURS, Place, ours
from scripts.compile import compile_contracts
from scripts.tools import ROOT

AUDIT: Final = (sys.executable, "-m", "scripts.sr360", "verify", "--json")
EXITS: Final = {0: "good", 1: "bad", 2: "not all could be checked"}


@dataclass(frozen=True)
class Spent:
    """What a program took."""

    cpu_s: float
    database_cpu_s: float
    wall_s: float
    peak_rss_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.cpu_s:.1f} CPU s, PostgreSQL {self.database_cpu_s:.1f} CPU s, "
            f"{self.wall_s:.1f} s, {self.peak_rss_bytes / 2**20:.0f} MB"
        )


def indexed(place: Place, server: Cluster, limit_s: float) -> Spent:
    """Fill the mirror. Raises ToolFailed."""
    watch = Watch(OURS, place, say, limit_s)
    before, began = server.usage().cpu_s, time.monotonic()
    program = Program(OURS.command, cwd=ROOT, env=ours(place), log=watch.log)
    try:
        watch.until_done(program)
        wall, cpu = time.monotonic() - began, program.usage().cpu_s
        return Spent(cpu, server.usage().cpu_s - before, wall, watch.peak)
    finally:
        program.stop()


def audited(place: Place, server: Cluster, limit_s: float) -> tuple[Spent, int, dict[str, Any]]:
    """Doubt the mirror; what it took, the exit status and the report."""
    log = FOLDER / "audit.log"
    before, began = server.usage().cpu_s, time.monotonic()
    program = Program(AUDIT, cwd=ROOT, env=ours(place), log=log)
    peak = 0
    try:
        while (status := program.exit_status()) is None and time.monotonic() - began < limit_s:
            time.sleep(POLL_S)
            peak = max(peak, program.usage().rss_bytes)
        wall, cpu = time.monotonic() - began, program.usage().cpu_s
        if status is None:
            raise SystemExit(f"not done in {limit_s:.0f} s")
    finally:
        program.stop()
    report = json.loads(log.read_text())
    return Spent(cpu, server.usage().cpu_s - before, wall, peak), status, report


def compare(chain: Chain, rpc_url: str, limit_s: float) -> None:
    """Both, one after the other, and their ratio."""
    folder = Path(tempfile.mkdtemp(prefix="sr360-bench-", dir="/tmp"))
    shutil.copytree(chain.folder / "deployments", folder / "deployments")
    try:
        with cluster() as server, server.database("bench") as url:
            place = Place(chain, rpc_url, url, folder)
            first = indexed(place, server, limit_s)
            print(f"indexed  {first}", flush=True)
            second, status, report = audited(place, server, limit_s)
            print(f"audited  {second}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cpu, wall = second.cpu_s / first.cpu_s, second.wall_s / first.wall_s
    print(f"ratio    {cpu:.2f} in CPU s, {wall:.2f} in time")
    print(f"exit {status} ({EXITS[status]}), findings {len(report['findings'])}")
    print(", ".join(f"{count:,} {what}" for what, count in report["checked"].items()))
    for reason in report["unchecked"][:5]:
        print(f"unchecked: {reason}")


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexer.audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--blocks", type=count, default=2_500, help="100 logs each; default 2500")
    parser.add_argument("--limit", type=float, default=900, help="seconds each may take")
    return parser.parse_args(words)


async def main(given: argparse.Namespace) -> None:
    compile_contracts()
    chain = await built(given.blocks, say)
    async with served(chain) as anvil:
        await asyncio.to_thread(compare, chain, anvil.url, given.limit)


if __name__ == "__main__":
    asyncio.run(main(parse()))
