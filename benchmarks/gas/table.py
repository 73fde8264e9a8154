"""Measured gas beside the goals of the house plan."""

from collections.abc import Sequence
from dataclasses import dataclass

START = "<!-- measured: python -m benchmarks.gas --write -->"
END = "<!-- /measured -->"


@dataclass(frozen=True)
class Row:
    """One measured call."""

    call: str
    gas: int
    events: int = 1
    """Entries the transaction wrote: the goal is per entry."""
    goal: int | None = None
    prototype: int | None = None


def render(rows: Sequence[Row]) -> str:
    """A Markdown table; goals and prototypes per entry."""
    lines = [
        "| call | gas | per entry | goal | prototype |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        each = row.gas // row.events
        cells = [row.call, f"{row.gas:,}", f"{each:,}", _number(row.goal), _number(row.prototype)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def replace_table(page: str, table: str) -> str:
    """The page with its measured part replaced."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{table}\n{END}{after}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
