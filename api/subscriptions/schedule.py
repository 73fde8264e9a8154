"""The standard's schedules: like cron, with seconds, and ranges in brackets.

Source: EPCIS 2.0 section 8.2.5.3 (QuerySchedule): `5,[10-20]`; day 1 of the week is Monday. UTC.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.epcis.query.errors import SubscriptionControlsInvalid

FIELDS: Final = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
"""Each field with its lowest and highest value."""
_ELEMENT: Final = re.compile(r"(\d{1,2})|\[(\d{1,2})-(\d{1,2})\]|(\d{1,2})/(\d{1,2})")
"""A value, a range, or as in the OpenAPI's example, `0/30`: every 30 from 0 on."""
_FARTHEST_DAYS: Final = 366 * 8
"""29 February comes again within eight years."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a query runs: the values each field may have, all of them if it is not given."""

    allowed: Mapping[str, tuple[int, ...]]

    def after(self, moment: datetime) -> datetime:
        """The first time later than `moment`. Raises SubscriptionControlsInvalid if never."""
        start = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        for days in range(_FARTHEST_DAYS):
            day = (start + timedelta(days=days)).replace(hour=0, minute=0, second=0)
            if self._has_day(day) and (found := self._within(max(day, start))):
                return found
        raise SubscriptionControlsInvalid("the schedule names a day that never comes")

    def _has_day(self, day: datetime) -> bool:
        named = {"dayOfMonth": day.day, "month": day.month, "dayOfWeek": day.isoweekday()}
        return all(value in self.allowed[field] for field, value in named.items())

    def _within(self, start: datetime) -> datetime | None:
        """The first time of a day from `start` on."""
        for hour in self.allowed["hour"]:
            for minute in self.allowed["minute"]:
                if (hour, minute) < (start.hour, start.minute):
                    continue
                for second in self.allowed["second"]:
                    found = start.replace(hour=hour, minute=minute, second=second)
                    if found >= start:
                        return found
        return None


def read_schedule(fields: Mapping[str, object]) -> Schedule:
    """A schedule from its fields; seconds are 0 where only larger units are given.

    Raises SubscriptionControlsInvalid naming the field.
    """
    if not fields:
        raise SubscriptionControlsInvalid("the schedule is empty", pointer="/schedule")
    for name in fields:
        if name not in FIELDS:
            raise SubscriptionControlsInvalid(
                f"{name[:40]!r} is no field of a schedule", hint=f"Use {', '.join(FIELDS)}.",
                pointer=f"/schedule/{name[:40]}",
            )  # fmt: skip
    allowed = {name: _values(name, fields.get(name)) for name in FIELDS}
    if "second" not in fields:
        allowed["second"] = (0,)
    return Schedule(allowed)


def _values(name: str, text: object) -> tuple[int, ...]:
    low, high = FIELDS[name]
    if text is None:
        return tuple(range(low, high + 1))
    found: set[int] = set()
    for element in str(text).split(","):
        part = _element(element.strip(), high)
        if not part or part[0] < low or part[-1] > high:
            raise SubscriptionControlsInvalid(
                f"{name} {str(text)[:40]!r} is no list of {low} to {high}",
                hint="Write it like 5 or 0,15,[30-45].",
                pointer=f"/schedule/{name}",
            )
        found.update(part)
    return tuple(sorted(found))


def _element(text: str, high: int) -> range:
    match = _ELEMENT.fullmatch(text)
    if match is None:
        return range(0)
    value, first, last, start, step = (None if one is None else int(one) for one in match.groups())
    if value is not None:
        return range(value, value + 1)
    if first is not None and last is not None:
        return range(first, last + 1)
    return range(start or 0, high + 1, step) if step else range(0)
