"""How much it costs to index a busy chain: ours, four others, and the floor below them all.

    python -m benchmarks.indexer --blocks 250 --runs 1      a first look, ten minutes
    python -m benchmarks.indexer --runs 5 --write           the table in docs/reference/indexer.md

It builds a chain of SupplyChain events (100 in a block) once, serves it with anvil, starts a
PostgreSQL of its own, and lets each tool in turn fill an empty database from block 1 to the head.
What is measured: CPU seconds of the tool with all its processes and of PostgreSQL with all of its,
wall time, and the most memory the tool had. When a tool is done, its rows (block, log index,
product, actor, data hash) are hashed and compared with the floor's, so a tool that is fast because
it left something out is seen.

Runs are interleaved, so that a slow minute of the machine falls on all. Each is written down as it
ends: stopped and started again, the benchmark goes on; sources that changed are measured anew.
Everything lies under .build/bench and may be deleted. Needs PostgreSQL's programs, Node.js, a
package index, and Python 3.12 for DipDup; a peer that cannot be installed is left out, with the
reason.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.indexer.arguments import count
from benchmarks.indexer.chain import FOLDER, Chain, built, served
from benchmarks.indexer.installing import Unavailable, install
from benchmarks.indexer.measure import Measurement, ToolFailed, measure
from benchmarks.indexer.postgres import Cluster, cluster
from benchmarks.indexer.results import Results
from benchmarks.indexer.table import START, render, replace_table, spread
from benchmarks.indexer.tools import FLOOR, OURS, TOOLS, Tool
from scripts.compile import compile_contracts
from scripts.tools import ROOT

PAGE = ROOT / "docs/reference/indexer.md"


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.indexer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--blocks", type=count, default=2_500, help="100 logs each; default 2500")
    parser.add_argument("--runs", type=count, default=5, help="of each tool; default 5")
    parser.add_argument(
        "--tools", nargs="*", metavar="NAME", help=f"of: {', '.join(t.name for t in TOOLS)}"
    )
    parser.add_argument("--limit", type=float, default=900, help="seconds a run may take")
    parser.add_argument("--fresh", action="store_true", help="forget earlier measurements")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    return parser.parse_args(words)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def chosen(names: Sequence[str] | None) -> list[Tool]:
    """The tools to run; the floor always, because all rows are compared with its."""
    if unknown := set(names or ()) - {tool.name for tool in TOOLS}:
        raise SystemExit(f"no such tool: {', '.join(unknown)}")
    return [t for t in TOOLS if not names or t.name in names or t is FLOOR]


def installed(tools: Sequence[Tool]) -> list[Tool]:
    """Those that can run here; the others are said to be left out."""
    ready = []
    for tool in tools:
        try:
            install(tool, say)
            ready.append(tool)
        except Unavailable as error:
            say(f"{tool.name} is left out: {error}")
    return ready


def run_all(
    tools: Sequence[Tool], given: argparse.Namespace, chain: Chain, rpc_url: str, results: Results
) -> None:
    """Measure what is missing; a tool that fails is not tried again."""
    failed: set[str] = set()
    with cluster() as server:
        for number in range(given.runs):
            for tool in tools:
                if len(results.of(tool)) <= number and tool.name not in failed:
                    say(f"run {number + 1} of {given.runs}: {tool.name}")
                    if not run_one(tool, given.limit, chain, rpc_url, server, results):
                        failed.add(tool.name)


def run_one(
    tool: Tool, limit_s: float, chain: Chain, rpc_url: str, server: Cluster, results: Results
) -> bool:
    try:
        found = measure(tool, chain, rpc_url, server, say, limit_s=limit_s)
    except ToolFailed as error:
        say(f"{error}")
        return False
    results.add(tool, found)
    say(f"  {found.cpu_s:.1f} CPU s, {found.wall_s:.0f} s, {found.rows:,} rows")
    return True


def report(tools: Sequence[Tool], chain: Chain, results: Results) -> str:
    """The table of all that was measured. Raises SystemExit when the floor itself is not whole."""
    floor: Measurement = results.of(FLOOR)[0]
    if floor.rows != chain.logs:
        raise SystemExit(f"the floor has {floor.rows:,} rows, the chain {chain.logs:,} logs")
    runs = {tool.name: results.of(tool) for tool in (OURS, *tools) if results.of(tool)}
    runs = dict(sorted(runs.items(), key=lambda item: _cpu(item[1])))
    proven = frozenset(tool.name for tool in TOOLS if tool.proven)
    return f"{render(runs, OURS.name, floor, proven)}\n\n{spread(runs)}"


def _cpu(measured: Sequence[Measurement]) -> float:
    ordered = sorted(m.cpu_s for m in measured)
    return ordered[len(ordered) // 2]


async def main(given: argparse.Namespace) -> None:
    compile_contracts()
    chain = await built(given.blocks, say)
    results = Results(FOLDER / f"results-{chain.folder.name}.jsonl")
    if given.fresh:
        results.forget()
    tools = installed(chosen(given.tools))
    if any(len(results.of(tool)) < given.runs for tool in tools):
        say("starting anvil")
        async with served(chain) as anvil:
            # Nothing else runs in this process, and a thread would outlive ctrl-C.
            run_all(tools, given, chain, anvil.url, results)
    table = report(tools, chain, results)
    print(table)
    if given.write:
        write(PAGE, table)


def write(page: Path, table: str, start: str = START) -> None:
    page.write_text(replace_table(page.read_text(), table, start))
    say(f"written to {page.relative_to(ROOT)}")


if __name__ == "__main__":
    asyncio.run(main(parse()))
