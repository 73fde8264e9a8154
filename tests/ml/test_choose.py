"""Choosing a method
├── the lowest backtest MASE wins
├── within 1 % of it, the simplest wins
├── a method that raises or gives no number is out, with its reason
├── one that fails on the whole series only hands over to the next
└── if all fail, the operator hears why
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Malformed, Operator
from ml.budget import Budget
from ml.data import Frequency, Observed, Series
from ml.data.files import retail
from ml.data.series import build
from ml.evaluate import Backtest, Losses
from ml.forecast.candidate import Array, Candidate, History
from ml.forecast.choose import choose
from ml.forecast.intervals import Calibration, calibrate, calibrated_losses, is_off

BUDGET = Budget(origins=6, stride=2)


@dataclass(frozen=True)
class Last:
    """Last year's value, times `factor`, within `width` on either side."""

    name: str
    rank: int
    factor: float = 1.0
    width: float = 40_000.0
    fails_from: int = 10**9

    def quantiles(self, history: History, horizon: int) -> Array:
        if len(history.values) >= self.fails_from:
            raise FloatingPointError("diverged")
        centre = self.factor * history.values[-12:][:horizon]
        return centre[:, None] + self.width * np.array([-1.5, -1, 0, 1, 1.5])


def _winner(*candidates: Candidate, series: Series | None = None) -> str:
    return choose(series or retail(), 12, BUDGET, candidates).model


def test_the_best_wins_whatever_its_rank() -> None:
    assert _winner(Last("poor", 0, factor=0.5), Last("good", 9)) == "good"


def test_of_equals_the_simplest_wins() -> None:
    assert _winner(Last("complex", 2), Last("simple", 1, factor=0.9999)) == "simple"


def test_a_failing_method_is_out_and_says_why() -> None:
    choice = choose(retail(), 12, BUDGET, [Last("broken", 0, fails_from=0), Last("good", 1)])
    assert choice.model == "good"
    assert "diverged" in choice.trials[0].failure


def test_a_method_without_numbers_is_out() -> None:
    choice = choose(retail(), 12, BUDGET, [Last("nan", 0, factor=np.nan), Last("good", 1)])
    assert choice.model == "good"
    assert "no finite forecast" in choice.trials[0].failure


def test_a_method_that_fails_at_the_last_moment_hands_over() -> None:
    assert _winner(Last("late", 0, fails_from=290), Last("good", 1, factor=0.9)) == "good"


def test_if_all_fail_the_operator_hears_why() -> None:
    with pytest.raises(Operator, match="broken: FloatingPointError"):
        _winner(Last("broken", 0, fails_from=0))


def test_a_short_series_is_refused_with_the_length_needed() -> None:
    series = retail()
    short = replace(series, points=series.points[:47])
    with pytest.raises(Malformed) as caught:
        _winner(Last("good", 0), series=short)
    assert caught.value.hint == "Give at least 48."


def test_intervals_far_too_narrow_are_stretched_and_sound_ones_kept() -> None:
    narrow = choose(retail(), 12, BUDGET, [Last("narrow", 0, width=10.0)])
    assert narrow.calibrated
    widths = [row[3] - row[1] for row in narrow.values]
    assert min(widths) > 10_000
    assert all(list(row) == sorted(row) for row in narrow.values)


def test_sales_are_never_forecast_below_zero() -> None:
    choice = choose(retail(), 12, BUDGET, [Last("zero", 0, factor=0.0)])
    assert min(row[0] for row in choice.values) == 0


@given(st.lists(st.integers(-(2**40), 2**40), min_size=48, max_size=60))
@settings(max_examples=30)
def test_any_series_gets_integer_ascending_quantiles(values: Sequence[int]) -> None:
    points = [
        Observed(Frequency.MONTHLY.after(date(2000, 1, 1), step), value)
        for step, value in enumerate(values)
    ]
    series = build("any", "u", Frequency.MONTHLY, "", points)
    choice = choose(series, 12, BUDGET, [Last("last", 0, width=1.0)])
    assert len(choice.values) == 12
    assert all(type(value) is int for row in choice.values for value in row)
    assert all(list(row) == sorted(row) for row in choice.values)


def _noise(origins: int, width: float, seed: int = 0) -> Backtest:
    """Forecasts of 0 for standard normal outcomes, with bounds at `width` and 1.5 `width`."""
    actual = np.random.default_rng(seed).normal(size=(origins, 6)) * 100
    quantiles = np.tile(width * np.array([-1.5, -1, 0, 1, 1.5]), (origins, 6, 1))
    return Backtest(tuple(range(100, 100 + 6 * origins, 6)), quantiles, actual, np.ones(origins))


def test_stretching_brings_coverage_to_its_nominal_value() -> None:
    found = calibrated_losses(_noise(800, width=10.0))
    assert found is not None
    assert found.coverage_80 == pytest.approx(0.8, abs=0.03)
    assert found.coverage_95 == pytest.approx(0.95, abs=0.02)


def test_calibration_uses_nothing_that_was_still_to_come() -> None:
    test = _noise(20, width=10.0)
    known = calibrate(test, now=test.origins[10])
    changed = test.actual.copy()
    changed[10:] = 10.0**9
    assert calibrate(replace(test, actual=changed), now=test.origins[10]) == known
    assert calibrate(replace(test, actual=changed), now=10**6) != known


def test_too_few_outcomes_calibrate_nothing() -> None:
    assert calibrate(_noise(3, width=10.0), now=10**6) is None
    assert calibrated_losses(_noise(3, width=10.0)) is None


def test_stretching_keeps_quantiles_in_order_even_if_the_wider_shrinks_more() -> None:
    quantiles = np.array([[-15.0, -10, 0, 10, 15]])
    found = Calibration((3.0, 0.1)).apply(quantiles)
    assert found.tolist() == [[-30, -1.5, 0, 1.5, 30]]


@pytest.mark.parametrize(
    ("narrow", "wide", "off"),
    [(0.8, 0.95, False), (0.7, 0.925, False), (0.69, 0.95, True), (0.8, 0.98, True)],
)
def test_coverage_is_off_beyond_half_the_miss_rate(narrow: float, wide: float, off: bool) -> None:
    assert is_off(Losses(1, 1, 1, narrow, wide)) is off
