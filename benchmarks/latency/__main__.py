"""How long a visitor waits: from a block to the GraphQL answer, and for a passport's first paint.

    python -m benchmarks.latency --api http://127.0.0.1:8360 --rpc http://127.0.0.1:8545

Needs a running demo on a development chain: it records events there that have no document, so
use a stack you can throw away. Figures are of this machine, over loopback.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.api import latency

SALAD = "/01/10860009998039/10/SALAD-20260420-A"
PAINT = Path(__file__).with_name("paint.mjs")


def paints(url: str, runs: int) -> dict[str, list[float]]:
    """Milliseconds since the navigation began, per measure, of a page opened in fresh profiles."""
    command = ["node", str(PAINT), url, str(runs)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    measured = json.loads(ran.stdout)
    return {name: [run[name] for run in measured] for name in measured[0]}


def row(name: str, values: Sequence[float]) -> tuple[str, ...]:
    """A measure's name, count, minimum, median, 99th percentile and maximum."""
    ordered = sorted(values)
    p99 = ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
    figures = (ordered[0], statistics.median(ordered), p99, ordered[-1])
    return name, str(len(ordered)), *(f"{figure:.0f}" for figure in figures)


async def block_to_answer(api: str, rpc: str, rounds: int) -> dict[str, float]:
    """The figures of benchmarks.api.latency for the way from a block into an answer."""
    found = await latency.main(api, rpc, rounds)
    return dict(found["block_to_graphql_answer_ms"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--api", default="http://127.0.0.1:8360")
    parser.add_argument("--rpc", default="http://127.0.0.1:8545")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--paints", type=int, default=5)
    given = parser.parse_args()
    table = Table("milliseconds", "n", "min", "median", "p99", "max")
    for name, values in paints(given.api + SALAD, given.paints).items():
        table.add_row(*row(f"passport: {name}", values))
    a = asyncio.run(block_to_answer(given.api, given.rpc, given.rounds))
    figures = (a["min"], a["p50"], a["p99"], a["max"])
    name = "block to GraphQL answer"
    table.add_row(name, f"{a['n']:.0f}", *(f"{figure:.0f}" for figure in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
