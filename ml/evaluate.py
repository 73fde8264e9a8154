"""How good a forecast would have been: rolling origins, no leakage, scale-free losses.

MASE: Hyndman & Koehler 2006. Pinball loss: Koenker & Bassett 1978, here averaged over QUANTILES
and divided by the MASE scale, so that series of any size compare.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import Malformed
from ml.forecast.candidate import (
    CENTRE,
    INTERVALS,
    QUANTILES,
    Array,
    Candidate,
    History,
    predict,
)

HALF_UNIT: Final = 0.5
"""Values are integers: no error scale or interval is meaningfully finer."""

_SEASONS_TO_LEARN: Final = 3


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecasts made at past origins, beside what then happened."""

    origins: tuple[int, ...]
    """How many values each forecast had seen, oldest first."""
    quantiles: Array
    """Shape (origins, horizon, 5)."""
    actual: Array
    """Shape (origins, horizon)."""
    scale: Array
    """Shape (origins,): in-sample mean error of the seasonal naive forecast."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Means over all origins and steps; lower is better, coverage best at its nominal value."""

    mase: float
    smape: float
    pinball: float
    coverage_80: float
    coverage_95: float


def origins(length: int, horizon: int, season: int, count: int, stride: int) -> tuple[int, ...]:
    """Up to `count` origins, `stride` apart, whose whole outcome lies inside the series.

    Raises:
        Malformed: the series is too short for a single one.
    """
    least = max(_SEASONS_TO_LEARN * season, horizon)
    found = tuple(length - horizon - stride * back for back in range(count))
    usable = tuple(origin for origin in reversed(found) if origin >= least)
    if not usable:
        raise Malformed(
            f"{length} observations are too few to judge a forecast of {horizon} periods",
            hint=f"Give at least {least + horizon}.",
        )
    return usable


def backtest(candidate: Candidate, history: History, at: tuple[int, ...], horizon: int) -> Backtest:
    """What the candidate would have forecast at each origin, from the values before it alone."""
    quantiles = [predict(candidate, history.until(origin), horizon) for origin in at]
    actual = [history.values[origin : origin + horizon] for origin in at]
    scale = [naive_error(history.values[:origin], history.season_length) for origin in at]
    return Backtest(at, np.stack(quantiles), np.stack(actual), np.array(scale))


def naive_error(values: Array, season: int) -> float:
    """Mean absolute error of repeating the last season, in-sample; at least half a unit."""
    return max(float(np.abs(values[season:] - values[:-season]).mean()), HALF_UNIT)


def losses(actual: Array, quantiles: Array, scale: Array) -> Losses:
    """Mean losses of `quantiles` (..., horizon, 5) against `actual` (..., horizon)."""
    centre = quantiles[..., CENTRE]
    narrow, wide = (coverage(actual, quantiles, pair) for pair in INTERVALS)
    return Losses(
        mase=float((np.abs(actual - centre).mean(axis=-1) / scale).mean()),
        smape=smape(actual, centre),
        pinball=float((pinball(actual, quantiles) / scale).mean()),
        coverage_80=narrow,
        coverage_95=wide,
    )


def pinball(actual: Array, quantiles: Array) -> Array:
    """Pinball loss averaged over steps and QUANTILES, one number for each origin."""
    level = np.array(QUANTILES)
    error = actual[..., None] - quantiles
    found: Array = np.maximum(level * error, (level - 1) * error).mean(axis=(-2, -1))
    return found


def smape(actual: Array, centre: Array) -> float:
    """Symmetric MAPE in [0, 2]; a step where both are zero counts as no error."""
    size = np.abs(actual) + np.abs(centre)
    error = 2 * np.abs(actual - centre)
    return float(np.divide(error, size, out=np.zeros_like(size), where=size > 0).mean())


def coverage(actual: Array, quantiles: Array, interval: tuple[int, int]) -> float:
    """Share of outcomes inside the interval between two columns of QUANTILES, bounds included."""
    low, high = (quantiles[..., column] for column in interval)
    return float(((actual >= low) & (actual <= high)).mean())
