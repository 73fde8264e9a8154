"""Which method forecasts a series: the best of a rolling backtest, the simplest of equals."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from core.errors import Malformed, Operator
from ml.budget import Budget
from ml.data import Series
from ml.data.series import MAX_EXACT
from ml.evaluate import Backtest, Losses, backtest, losses, origins
from ml.forecast.candidate import Array, Candidate, History, predict
from ml.forecast.intervals import calibrate, calibrated_losses, is_off
from ml.forecast.nixtla import CES, ETS, SEASONAL_NAIVE, THETA
from ml.forecast.prophet import Prophet

CANDIDATES: Final[tuple[Candidate, ...]] = (SEASONAL_NAIVE, THETA, ETS, CES, Prophet())

_TIE: Final = 0.01
"""MASE within 1 % of the best counts as equal."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate's backtest, or why it has none."""

    candidate: Candidate
    seconds: float
    test: Backtest | None = None
    native: Losses | None = None
    calibrated: Losses | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The forecast to publish and the comparison it was chosen by."""

    model: str
    calibrated: bool
    """Whether the intervals were stretched, the method's own having been off."""
    values: tuple[tuple[int, ...], ...]
    """Quantiles for each period ahead, rounded to the series' smallest unit."""
    origins: tuple[int, ...]
    trials: tuple[Trial, ...]


def choose(
    series: Series,
    horizon: int,
    budget: Budget,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> Choice:
    """Judge every candidate on the past, then forecast `horizon` periods with the best.

    Raises:
        Malformed: the series is too short.
        Operator: every candidate failed; the message says how.
    """
    history = History.of(series)
    season = history.season_length
    at = origins(len(history.values), horizon, season, budget.origins, budget.stride)
    trials = tuple(attempt(candidate, history, at, horizon) for candidate in candidates)
    for trial in by_preference(trials):
        made = _forecast(trial, history, horizon)
        if made is not None:
            calibrated, values = made
            return Choice(trial.candidate.name, calibrated, values, at, trials)
    reasons = "; ".join(f"{trial.candidate.name}: {trial.failure}" for trial in trials)
    raise Operator(f"no method could forecast {series.name!r}: {reasons}")


def attempt(candidate: Candidate, history: History, at: tuple[int, ...], horizon: int) -> Trial:
    """Backtest one candidate; a method that fails on this series is out, with its reason."""
    began = perf_counter()
    try:
        test = backtest(candidate, history, at, horizon)
    except Exception as error:  # a numerical library may raise anything; the others go on
        return Trial(candidate, perf_counter() - began, failure=repr(error))
    seconds = perf_counter() - began
    native = losses(test.actual, test.quantiles, test.scale)
    return Trial(candidate, seconds, test, native, calibrated_losses(test))


def by_preference(trials: Sequence[Trial]) -> list[Trial]:
    """The usable trials, best first; the simplest of those within the tie goes to the front."""
    ranked = sorted(
        ((trial.native.mase, trial) for trial in trials if trial.native is not None),
        key=lambda pair: (pair[0], pair[1].candidate.rank),
    )
    if not ranked:
        return []
    best = ranked[0][0]
    equals = [trial for mase, trial in ranked if mase <= best * (1 + _TIE)]
    equals.sort(key=lambda trial: trial.candidate.rank)
    return equals + [trial for mase, trial in ranked if mase > best * (1 + _TIE)]


def _forecast(
    trial: Trial, history: History, horizon: int
) -> tuple[bool, tuple[tuple[int, ...], ...]] | None:
    assert trial.test is not None
    assert trial.native is not None
    try:
        quantiles = predict(trial.candidate, history, horizon)
    except Exception:  # judged well, yet fails on the whole series: the next one takes over
        return None
    calibration = calibrate(trial.test, len(history.values)) if is_off(trial.native) else None
    if calibration is not None:
        quantiles = calibration.apply(quantiles)
    if history.values.min() >= 0:
        quantiles = np.maximum(
            quantiles, 0
        )  # what never was negative, sales say, is not forecast so
    return calibration is not None, _rounded(quantiles)


def _rounded(quantiles: Array) -> tuple[tuple[int, ...], ...]:
    if np.abs(quantiles).max() > MAX_EXACT:
        raise Malformed("the forecast exceeds 2^53 of the series' unit", hint="Use a larger unit.")
    return tuple(tuple(round(float(value)) for value in row) for row in quantiles)
