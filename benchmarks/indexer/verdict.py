"""What a tool made of a lying node: its rows against the truth, its log against an honest run's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.indexer.liar import Place

HEADINGS: Final = ("tool", "endpoints", "rows wrong", "rows missing", "reaches the head", "alarm")
_LOUD: Final = re.compile(r'\b(warn|warning|error|fatal|critical|traceback)\b|"level":[345]', re.I)
_VARYING: Final = re.compile(r"0x[0-9a-fA-F]+|\d+")

Rows = Mapping[Place, tuple[Any, ...]]


@dataclass(frozen=True)
class Outcome:
    """What a run left."""

    rows: Rows
    log: str
    whole: bool
    """Whether it came to the chain's head."""
    wall_s: float


@dataclass(frozen=True)
class Verdict:
    """What a tool made of a lying node."""

    tool: str
    endpoints: str
    wrong: int
    missing: int
    whole: bool
    alarm: str
    """The first line that it wrote about it; empty = none."""


def judged(tool: str, endpoints: str, true: Rows, honest: Outcome, found: Outcome) -> Verdict:
    """Compare a run with the truth, and its log with that of the honest run."""
    wrong = [place for place, row in found.rows.items() if true.get(place) != row]
    missing = true.keys() - found.rows.keys()
    known = set(map(_shape, _loud(honest.log)))
    heard = [line for line in _loud(found.log) if _shape(line) not in known]
    alarm = heard[0] if heard else ""
    return Verdict(tool, endpoints, len(wrong), len(missing), found.whole, alarm)


def render(verdicts: Sequence[Verdict]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---:|---:|---|---|"]
    for one in verdicts:
        reaches = "yes" if one.whole else "no: stands before the lie" if not one.wrong else "no"
        alarm = f"`{_told(one.alarm)}`" if one.alarm else "none"
        cells = (one.tool, one.endpoints, f"{one.wrong:,}", f"{one.missing:,}", reaches, alarm)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _loud(log: str) -> list[str]:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log)
    return [line for line in plain.splitlines() if _LOUD.search(line)]


def _shape(line: str) -> str:
    return _VARYING.sub("#", line)


def _told(line: str) -> str:
    """A line of a log without its time, and not longer than a cell."""
    code = re.search(r"\bcode=(\w+)", line)
    return code[1] if code else re.sub(r"^[\d:.TZ\s-]*(AM|PM)?\s*", "", line)[:80].replace("|", "/")
