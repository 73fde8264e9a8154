"""What a forecasting method is: a past in, quantiles of the future out."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import Malformed
from ml.data import Frequency, Series

Array = NDArray[np.float64]

QUANTILES: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Ascending and symmetric about the middle; the centre stands for the point forecast."""

COVERAGES: Final = (0.8, 0.95)
"""Of the central intervals QUANTILES spans, narrow to wide."""

INTERVALS: Final = ((1, 3), (0, 4))
"""Columns of QUANTILES that bound each of COVERAGES."""

CENTRE: Final = 2


@dataclass(frozen=True, slots=True)
class History:
    """What a method may see: consecutive values that end where its forecast begins."""

    values: Array
    first: date
    frequency: Frequency

    @classmethod
    def of(cls, series: Series) -> "History":
        """The series as float64, which holds its integers exactly (ml.data.series.MAX_EXACT)."""
        return cls(np.array(series.values, dtype=np.float64), series.first, series.frequency)

    def until(self, origin: int) -> "History":
        """The first `origin` values, copied: no method can look at or spoil what follows."""
        return History(self.values[:origin].copy(), self.first, self.frequency)

    @property
    def season_length(self) -> int:
        return self.frequency.season_length

    def period(self, index: int) -> date:
        """Start of the period at `index`; from `len(values)` on these are the future's."""
        return self.frequency.after(self.first, index)


class Candidate(Protocol):
    """A forecasting method that needs nothing but the past."""

    @property
    def name(self) -> str: ...

    @property
    def rank(self) -> int:
        """Simplicity; of equally good methods the lowest rank wins."""
        ...

    def quantiles(self, history: History, horizon: int) -> Array:
        """QUANTILES of the next `horizon` periods, shape (horizon, 5), in the series' unit."""
        ...


def predict(candidate: Candidate, history: History, horizon: int) -> Array:
    """The candidate's quantiles, checked: shape, finite, ascending.

    Raises:
        Malformed: the method gave something that is no forecast.
    """
    found = candidate.quantiles(history, horizon)
    if found.shape != (horizon, len(QUANTILES)) or not np.isfinite(found).all():
        raise Malformed(f"{candidate.name} gave no finite forecast")
    return np.sort(found, axis=1)  # quantiles that cross are put in order (rearrangement)
