"""Intervals that cover what they promise: a method's own, or stretched by its past misses.

Split conformal prediction on the backtest (Vovk et al. 2005; Romano et al. 2019 for the
normalised score). Origins overlap, so coverage is not guaranteed, only measured: always on
outcomes later than every residual used.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from ml.evaluate import HALF_UNIT, Backtest, Losses, losses
from ml.forecast.candidate import CENTRE, COVERAGES, INTERVALS, Array

_LEAST_RESIDUALS: Final = 20  # fewer cannot bound a 95 % interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Factors that stretch a method's intervals about its centre, one for each coverage."""

    factors: tuple[float, ...]

    def apply(self, quantiles: Array) -> Array:
        """Stretched quantiles of the same shape (..., 5), in ascending order."""
        found = quantiles.copy()
        centre = quantiles[..., CENTRE]
        for factor, (low, high) in zip(self.factors, INTERVALS, strict=True):
            found[..., low] = centre - factor * _width(centre, quantiles[..., low])
            found[..., high] = centre + factor * _width(centre, quantiles[..., high])
        return np.sort(found, axis=-1)


def is_off(measured: Losses) -> bool:
    """Whether either coverage misses its nominal value by over half the promised miss rate."""
    found = (measured.coverage_80, measured.coverage_95)
    return any(
        abs(share - level) > (1 - level) / 2 + 1e-9
        for share, level in zip(found, COVERAGES, strict=True)
    )


def calibrate(test: Backtest, now: int) -> Calibration | None:
    """Factors from the outcomes known when `now` values were; None if they are too few."""
    known = np.array(test.origins)[:, None] + np.arange(test.actual.shape[1]) < now
    if known.sum() < _LEAST_RESIDUALS:
        return None
    actual, quantiles = test.actual[known], test.quantiles[known]
    pairs = zip(COVERAGES, INTERVALS, strict=True)
    return Calibration(tuple(_factor(actual, quantiles, pair, level) for level, pair in pairs))


def calibrated_losses(test: Backtest) -> Losses | None:
    """Losses of stretched intervals on the later half of the origins, each calibrated before it.

    None if too little was known at one of them.
    """
    rows = later_half(test)
    calibrations = [calibrate(test, test.origins[row]) for row in rows]
    stretched = [
        calibration.apply(test.quantiles[row])
        for row, calibration in zip(rows, calibrations, strict=True)
        if calibration is not None
    ]
    if len(stretched) < len(rows):
        return None
    return losses(test.actual[rows], np.stack(stretched), test.scale[rows])


def later_half(test: Backtest) -> list[int]:
    """Rows of the origins that stretched intervals are judged on; the others only teach."""
    count = len(test.origins)
    return list(range(count // 2, count))


def _factor(actual: Array, quantiles: Array, pair: tuple[int, int], level: float) -> float:
    centre = quantiles[..., CENTRE]
    low, high = (_width(centre, quantiles[..., column]) for column in pair)
    misses = np.sort(np.maximum((centre - actual) / low, (actual - centre) / high))
    # The finite-sample quantile of conformal prediction: the ceil((n + 1) * level)-th smallest.
    place = min(ceil((len(misses) + 1) * level), len(misses))
    return float(misses[place - 1])


def _width(centre: Array, bound: Array) -> Array:
    return np.maximum(np.abs(bound - centre), HALF_UNIT)
