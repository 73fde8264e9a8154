"""Readings over time as inline SVG: the allowed band, the line, every excursion marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core import clock

WIDTH: Final = 340
HEIGHT: Final = 150
_LEFT: Final = 34
_TOP: Final = 8
_BOTTOM: Final = 22
_MARGIN_MC: Final = 1_000


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates for the template; y grows downwards, as SVG wants it."""

    width: int
    height: int
    left: int
    top: int
    bottom: int
    line: str
    excursions: tuple[tuple[str, str], ...]
    upper_y: str
    lower_y: str
    band_height: str
    ticks: tuple[tuple[str, str], ...]
    start: str
    end: str


def chart(sensor: dict[str, Any]) -> Chart | None:
    """None without at least two readings to draw."""
    points: Sequence[tuple[int, int]] = sensor["points"]
    if len(points) < 2:
        return None
    lower, upper = sensor["lowerBound"], sensor["upperBound"]
    low = min(lower, *(value for _, value in points)) - _MARGIN_MC
    high = max(upper, *(value for _, value in points)) + _MARGIN_MC
    start, end = points[0][0], points[-1][0]

    def x(time: int) -> str:
        return _number(_LEFT + (time - start) * (WIDTH - _LEFT - 6) / max(end - start, 1))

    def y(value: int) -> str:
        return _number(_TOP + (high - value) * (HEIGHT - _TOP - _BOTTOM) / (high - low))

    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        line=" ".join(f"{x(time)},{y(value)}" for time, value in points),
        excursions=tuple((x(t), y(v)) for t, v in points if not lower <= v <= upper),
        upper_y=y(upper),
        lower_y=y(lower),
        band_height=_number(float(y(lower)) - float(y(upper))),
        ticks=tuple((_tenth(v), y(v)) for v in _ticks(lower, upper, low, high)),
        start=short_time(start),
        end=short_time(end),
    )


def degrees(milli: int) -> str:
    """`-0.5` for -500 mC; exact, without a float."""
    sign, rest = ("-" if milli < 0 else ""), abs(milli)
    fraction = f"{rest % 1000:03}".rstrip("0")
    return f"{sign}{rest // 1000}{'.' + fraction if fraction else ''}"


def short_time(milliseconds: int) -> str:
    """`17 Apr 13:26` in UTC."""
    try:
        at = clock.utc(milliseconds)
    except (OverflowError, ValueError, OSError):  # a device may sign any time
        return f"{milliseconds} ms"
    return f"{at.day} {at:%b %H:%M}"


def _ticks(lower: int, upper: int, low: int, high: int) -> list[int]:
    """The bounds, and the extremes where they stand clear of them."""
    clear = (high - low) // 8
    extremes = (low + _MARGIN_MC, high - _MARGIN_MC)
    far = [v for v in extremes if abs(v - lower) > clear and abs(v - upper) > clear]
    return [lower, upper, *far]


def _tenth(milli: int) -> str:
    """A label short enough for the axis; the exact figures stand in the text."""
    return degrees(round(milli, -2))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
