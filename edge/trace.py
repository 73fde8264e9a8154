"""A recorded temperature trace as a stream of values in milli-degrees Celsius."""

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from itertools import dropwhile, islice
from pathlib import Path
from typing import Final

from core.errors import BadInput
from core.types import MilliCelsius

DATA: Final = Path(__file__).parent / "data"
AMBIENT: Final = "ambient_temperature_system_failure.csv"


def milli_celsius(fahrenheit: str) -> MilliCelsius:
    """°F text to milli-degrees Celsius, exact until the last rounding. Raises BadInput."""
    try:
        exact = (Decimal(fahrenheit) - 32) * 5000 / 9
        return MilliCelsius(int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)))
    except InvalidOperation as error:
        raise BadInput(f"{fahrenheit!r} is no temperature") from error


def replay(name: str, *, start: str, count: int, shift_mc: int) -> Iterator[MilliCelsius]:
    """`count` values of a trace in edge/data from the time `start` (as written there) on.

    Raises:
        BadInput: no such trace, or a row without a temperature.
    """
    path = DATA / name
    if path.parent != DATA or not path.exists():
        raise BadInput(f"no trace named {name!r} in edge/data")
    with path.open(newline="") as file:
        rows = dropwhile(lambda row: row["timestamp"] < start, csv.DictReader(file))
        for row in islice(rows, count):
            yield MilliCelsius(milli_celsius(row["value"]) + shift_mc)
