"""Medians as a Markdown table, and the page's measured part replaced."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.indexer.measure import Measurement

START: Final = "<!-- measured: python -m benchmarks.indexer --write -->"
END: Final = "<!-- /measured -->"
HEADINGS: Final = (
    "tool",
    "CPU s, tool",
    "x ours",
    "CPU s, database",
    "wall s",
    "events/s",
    "peak MB",
    "proven",
    "rows equal",
)
Runs = Mapping[str, Sequence[Measurement]]


def render(runs: Runs, ours: str, reference: Measurement, proven: frozenset[str]) -> str:
    """One row a tool, in the order given; a tool with other rows than the floor's says so."""
    base = _median([m.cpu_s for m in runs[ours]]) if runs.get(ours) else None
    lines = [f"| {' | '.join(HEADINGS)} |", f"|---|{'---:|' * 6}---|---|"]
    for name, measured in runs.items():
        if measured:
            cells = [name, *_numbers(measured, base)]
            cells += ["every log" if name in proven else "no", _equal(measured, reference)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(runs: Runs) -> str:
    """How many runs there were and how far a tool's CPU time strayed from its median."""
    counts = {len(measured) for measured in runs.values() if measured}
    strayed = [
        abs(m.cpu_s / _median([other.cpu_s for other in measured]) - 1)
        for measured in runs.values()
        for m in measured
    ]
    least, most = min(counts), max(counts)
    of = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"Medians of {of} runs; no run's CPU time strayed more than {max(strayed):.0%} from them."
    )


def replace_table(page: str, table: str, start: str = START) -> str:
    """The page with the measured part that begins with `start` replaced."""
    before, rest = page.split(start)
    _, after = rest.split(END, 1)
    return f"{before}{start}\n{table}\n{END}{after}"


def _numbers(measured: Sequence[Measurement], base: float | None) -> list[str]:
    cpu = _median([m.cpu_s for m in measured])
    wall = _median([m.wall_s for m in measured])
    return [
        f"{cpu:.1f}",
        "" if base is None else f"{cpu / base:.2f}",
        f"{_median([m.database_cpu_s for m in measured]):.1f}",
        f"{wall:.1f}",
        f"{measured[0].logs / wall:,.0f}",
        f"{_median([m.peak_rss_bytes for m in measured]) / 1e6:.0f}",
    ]


def _equal(measured: Sequence[Measurement], reference: Measurement) -> str:
    wrong = [m for m in measured if m.digest != reference.digest]
    if not wrong:
        return f"{reference.rows:,}"
    return f"**no**: {wrong[0].rows:,} rows in {len(wrong)} of {len(measured)} runs"


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)
