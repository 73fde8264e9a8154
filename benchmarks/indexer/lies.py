"""Who notices that the node lies: ours and the others, before one that drops a log and alters one.

    python -m benchmarks.indexer.lies             the table
    python -m benchmarks.indexer.lies --write     and into docs/reference/indexer.md

Each tool fills an empty PostgreSQL from the benchmark's chain twice: through a proxy that tells
the truth, where its rows must be right, and through the same proxy when it lies. Ours runs a third
time, with an honest endpoint beside. An alarm is a warning or an error in the tool's log of a kind
that it did not write when the node was honest.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import psycopg

from benchmarks.indexer.__main__ import PAGE, chosen, installed, say, write
from benchmarks.indexer.arguments import count
from benchmarks.indexer.chain import Chain, built, served
from benchmarks.indexer.liar import Lie, lying
from benchmarks.indexer.liar import Place as LogPlace
from benchmarks.indexer.measure import ToolFailed, Watch
from benchmarks.indexer.postgres import Cluster, cluster
from benchmarks.indexer.processes import Program
from benchmarks.indexer.tools import FLOOR, OURS, TOOLS, Place, Tool, ours
from benchmarks.indexer.verdict import Outcome, Rows, Verdict, judged, render
from core.chain.bindings.supply_chain import EventRecorded
from core.chain.client import Rpc, to_int
from core.crypto import to_hex
from scripts.compile import compile_contracts

START: Final = "<!-- measured: python -m benchmarks.indexer.lies --write -->"
PATIENCE: Final = 3
"""A lying run may take so many times as long as the honest one, and GRACE_S more."""
GRACE_S: Final = 15.0
LATE_S: Final = 0.2


@dataclass(frozen=True)
class Nodes:
    """Addresses of one chain's endpoints."""

    honest: str
    late: str
    """Honest, but the liar is quicker, so that it is the one who is asked."""
    liar: str
    lie: Lie


class Bench:
    """One chain, one server, three endpoints."""

    def __init__(self, chain: Chain, server: Cluster, nodes: Nodes, limit_s: float) -> None:
        self._chain, self._server, self._nodes, self._limit_s = chain, server, nodes, limit_s

    def truth(self) -> Rows:
        """The rows as `eth_getLogs` of the honest node has them."""
        return self.run(FLOOR, self._nodes.honest, {}, self._limit_s).rows

    def verdicts(self, tool: Tool, true: Rows) -> Iterator[Verdict]:
        """Raises ToolFailed: it fails, or has other rows, even before an honest node."""
        honest = self.run(tool, self._nodes.honest, {}, self._limit_s)
        if not honest.whole or dict(honest.rows) != dict(true):
            raise ToolFailed(f"{tool.name} fails before an honest node\n{honest.log[-2000:]}")
        limit_s = PATIENCE * honest.wall_s + GRACE_S
        found = self._lied_to(tool, {}, limit_s)
        yield judged(tool.name, "a liar", true, honest, found)
        if tool is OURS:
            second = {"SR360_CHAIN__RPC_URLS": orjson.dumps([self._nodes.late]).decode()}
            found = self._lied_to(tool, second, limit_s)
            yield judged(tool.name, "a liar, an honest one", true, honest, found)

    def _lied_to(self, tool: Tool, env: Mapping[str, str], limit_s: float) -> Outcome:
        self._nodes.lie.told.clear()
        found = self.run(tool, self._nodes.liar, env, limit_s)
        if not self._nodes.lie.told:
            raise ToolFailed(f"{tool.name} never asked for what was lied about")
        return found

    def run(self, tool: Tool, rpc_url: str, env: Mapping[str, str], limit_s: float) -> Outcome:
        """Let a tool fill an empty database until it is done, ends, or `limit_s` are over."""
        with self._place(rpc_url) as place:
            if tool.schema is not None:
                with psycopg.connect(place.database_url) as connection:
                    connection.execute(tool.schema.read_bytes())
            own = ours(place) if tool is OURS else place.environment
            watch, began = Watch(tool, place, say, limit_s), time.monotonic()
            program = Program(
                tool.command, cwd=tool.cwd, env={**tool.env, **own, **env}, log=watch.log
            )
            try:
                whole = _ends_well(watch, program)
                wall_s, log = time.monotonic() - began, watch.log.read_text(errors="replace")
            finally:
                program.stop()
            return Outcome(rows_of(tool, place.database_url), log, whole, wall_s)

    @contextmanager
    def _place(self, rpc_url: str) -> Iterator[Place]:
        folder = Path(tempfile.mkdtemp(prefix="sr360-bench-", dir="/tmp"))
        shutil.copytree(self._chain.folder / "deployments", folder / "deployments")
        try:
            with self._server.database("bench") as url:
                yield Place(self._chain, rpc_url, url, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _ends_well(watch: Watch, program: Program) -> bool:
    try:
        watch.until_done(program)
    except ToolFailed:
        return False
    return True


def rows_of(tool: Tool, url: str) -> Rows:
    """A tool's rows by their places; none where it made no table."""
    with psycopg.connect(url) as connection:
        try:
            found = connection.execute(tool.rows.encode()).fetchall()
        except psycopg.errors.UndefinedTable:
            return {}
    return {(int(row[0]), int(row[1])): row[2:] for row in found}


async def lie_about(chain: Chain, rpc_url: str) -> Lie:
    """One log to drop, at a third of the load, and an `EventRecorded` to alter, at two thirds."""
    count = chain.last - chain.first + 1
    async with Rpc(rpc_url) as rpc:
        dropped = await _log_of(rpc, chain, chain.first + count // 3)
        altered = await _log_of(rpc, chain, chain.first + 2 * count // 3)
    return Lie(dropped, altered)


async def _log_of(rpc: Rpc, chain: Chain, block: int) -> LogPlace:
    query = {
        "address": to_hex(chain.deployment.supply_chain),
        "fromBlock": hex(block),
        "toBlock": hex(block),
        "topics": [to_hex(EventRecorded.TOPIC0)],
    }
    found = await rpc.call("eth_getLogs", query)
    return block, to_int(found[len(found) // 2]["logIndex"])


async def compare(chain: Chain, tools: Sequence[Tool], limit_s: float) -> list[Verdict]:
    """What each tool makes of the lie; one that fails before an honest node is left out."""
    async with served(chain) as anvil:
        lie = await lie_about(chain, anvil.url)
        async with (
            lying(anvil.url, None) as honest,
            lying(anvil.url, None, LATE_S) as late,
            lying(anvil.url, lie) as liar,
        ):
            with cluster() as server:
                bench = Bench(chain, server, Nodes(honest, late, liar, lie), limit_s)
                # in a thread: the proxies live in this one's loop
                return await asyncio.to_thread(_all, bench, tools)


def _all(bench: Bench, tools: Sequence[Tool]) -> list[Verdict]:
    true = bench.truth()
    found: list[Verdict] = []
    for tool in tools:
        say(tool.name)
        try:
            for verdict in bench.verdicts(tool, true):
                say(f"  {verdict}")
                found.append(verdict)
        except (ToolFailed, OSError) as error:  # OSError: its program does not start here
            say(f"{tool.name} is left out: {error}")
    return found


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexer.lies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--blocks", type=count, default=250, help="100 logs each; default 250")
    parser.add_argument(
        "--tools", nargs="*", metavar="NAME", help=f"of: {', '.join(t.name for t in TOOLS)}"
    )
    parser.add_argument("--limit", type=float, default=300, help="seconds an honest run may take")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    return parser.parse_args(words)


async def main(given: argparse.Namespace) -> None:
    compile_contracts()
    chain = await built(given.blocks, say)
    tools = [tool for tool in installed(chosen(given.tools)) if tool is not FLOOR]
    table = render(await compare(chain, tools, given.limit))
    print(table)
    if given.write:
        write(PAGE, table, START)


if __name__ == "__main__":
    asyncio.run(main(parse()))
