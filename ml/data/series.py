"""A time series without holes: what every forecast is made from and judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from core.crypto import keccak256
from core.errors import Issue, Malformed

MAX_EXACT: Final = 2**53 - 1
"""RFC 8785 numbers and float64 models are exact up to here (RFC 7493 section 2.2)."""
_LAST_YEAR: Final = 9000  # Python's calendar ends in 9999


class Frequency(StrEnum):
    """The pandas offset alias of a series' calendar."""

    MONTHLY = "MS"
    WEEKLY = "7D"
    DAILY = "D"

    @property
    def season_length(self) -> int:
        """Periods in the season that repeats: a year of months or weeks, a week of days."""
        return {Frequency.MONTHLY: 12, Frequency.WEEKLY: 52, Frequency.DAILY: 7}[self]

    def after(self, start: date, steps: int = 1) -> date:
        """The start of the period `steps` after the one that starts at `start`."""
        match self:
            case Frequency.MONTHLY:
                years, month = divmod(start.month - 1 + steps, 12)
                return start.replace(year=start.year + years, month=month + 1)
            case Frequency.WEEKLY:
                return start + timedelta(weeks=steps)
            case Frequency.DAILY:
                return start + timedelta(days=steps)


class Observed(NamedTuple):
    """One period's value in the series' smallest unit."""

    period: date
    value: int


@dataclass(frozen=True, slots=True)
class Series:
    """Consecutive periods from the first to the last, each observed exactly once."""

    name: str
    unit: str
    frequency: Frequency
    source: str
    points: tuple[Observed, ...]

    @property
    def first(self) -> date:
        return self.points[0].period

    @property
    def last(self) -> date:
        return self.points[-1].period

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(point.value for point in self.points)

    def split(self, withheld: int) -> tuple["Series", tuple[Observed, ...]]:
        """The series without its last `withheld` periods, and those periods.

        Raises:
            Malformed: nothing would remain.
        """
        if not 0 < withheld < len(self.points):
            raise Malformed(f"cannot withhold {withheld} of {len(self.points)} periods")
        return replace(self, points=self.points[:-withheld]), self.points[-withheld:]


def series_id(name: str) -> bytes:
    """keccak256 of the name in UTF-8: the series' identity in SQL and on chain."""
    return keccak256(name.encode())


def build(
    name: str, unit: str, frequency: Frequency, source: str, points: Iterable[Observed]
) -> Series:
    """A series whose calendar has been checked.

    Raises:
        Malformed: empty, or gaps, duplicates, disorder, values no model holds exactly; `issues`
            names each by its row (the first observation is row 1).
    """
    rows = tuple(points)
    issues = find_issues(frequency, rows)
    if issues:
        raise Malformed(f"series {name!r}: {issues[0].message}", issues=issues)
    return Series(name, unit, frequency, source, rows)


def find_issues(
    frequency: Frequency, rows: Sequence[Observed], first_row: int = 1
) -> tuple[Issue, ...]:
    """Everything wrong with the calendar and the values, in row order."""
    if not rows:
        return (Issue("series.empty", "", "no observations", "Give at least one."),)
    found = [_value_issue(row, f"row {n}") for n, row in enumerate(rows, first_row)]
    found.append(_start_issue(frequency, rows[0].period, f"row {first_row}"))
    for n, (before, here) in enumerate(pairwise(rows), first_row + 1):
        found.append(_step_issue(frequency, before.period, here.period, f"row {n}"))
    return tuple(issue for issue in found if issue)


def _value_issue(row: Observed, pointer: str) -> Issue | None:
    if row.period.year > _LAST_YEAR:
        message = f"{pointer}: {row.period} leaves no room for a forecast"
        return Issue("series.range", pointer, message, f"Stay before {_LAST_YEAR}.")
    if abs(row.value) <= MAX_EXACT:
        return None
    return Issue(
        "series.range", pointer, f"{pointer}: {row.value} is over 2^53", "Use a larger unit."
    )


def _start_issue(frequency: Frequency, period: date, pointer: str) -> Issue | None:
    if frequency is not Frequency.MONTHLY or period.day == 1:
        return None
    message = f"{pointer}: {period} is not the first day of a month"
    return Issue("series.start", pointer, message, "Name each month by its first day.")


def _step_issue(frequency: Frequency, before: date, here: date, pointer: str) -> Issue | None:
    expected = frequency.after(before)
    if here == expected:
        return None
    if here == before:
        rule, what, hint = "series.duplicate", "is given twice", "Keep one value for each period."
    elif here < before:
        rule, what, hint = "series.order", f"comes after {before}", "Sort by period, oldest first."
    else:
        rule, what = "series.gap", f"follows {before}: {expected} is missing"
        hint = "Fill the missing periods, or use a coarser frequency."
    return Issue(rule, pointer, f"{pointer}: {here} {what}", hint)
