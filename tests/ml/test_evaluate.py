"""A backtest never shows a method what it must forecast, and its losses are the textbook's."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Malformed
from ml.data import Frequency
from ml.evaluate import backtest, coverage, losses, naive_error, origins, pinball, smape
from ml.forecast.candidate import Array, History


@dataclass
class Echo:
    """Forecasts the last value it saw, remembers and then spoils all it was shown."""

    name: str = "Echo"
    rank: int = 0

    def __post_init__(self) -> None:
        self.seen: list[int] = []

    def quantiles(self, history: History, horizon: int) -> Array:
        self.seen.append(len(history.values))
        last = history.values[-1]
        history.values[:] = -1
        return np.tile(last + np.array([-2.0, -1, 0, 1, 2]), (horizon, 1))


def _history(values: Array) -> History:
    return History(values, date(2000, 1, 1), Frequency.MONTHLY)


def test_the_scale_of_an_origin_ignores_what_comes_after() -> None:
    values = np.arange(60, dtype=np.float64)
    values[48:] = 10.0**6
    assert backtest(Echo(), _history(values), (48,), horizon=12).scale.tolist() == [12.0]


def test_a_method_sees_only_what_precedes_each_origin() -> None:
    values = np.arange(60, dtype=np.float64)
    echo = Echo()
    found = backtest(echo, _history(values), (40, 44, 48), horizon=12)
    assert echo.seen == [40, 44, 48]
    assert found.quantiles[:, 0, 2].tolist() == [39, 43, 47]
    assert found.actual[:, 0].tolist() == [40, 44, 48]
    assert values.tolist() == list(range(60))


@given(st.integers(0, 400), st.integers(1, 24), st.integers(1, 30), st.integers(1, 6))
def test_every_outcome_lies_inside_the_series(
    length: int, horizon: int, count: int, stride: int
) -> None:
    try:
        found = origins(length, horizon, 12, count, stride)
    except Malformed:
        assert length < 36 + horizon
        return
    assert found[-1] + horizon == length
    assert found[0] >= 36
    assert len(found) <= count
    assert all(later - earlier == stride for earlier, later in pairwise(found))


def test_a_perfect_forecast_loses_nothing_and_covers_all() -> None:
    actual = np.array([[3.0, 5, 8]])
    quantiles = np.repeat(actual[..., None], 5, axis=-1)
    found = losses(actual, quantiles, np.array([2.0]))
    assert (found.mase, found.smape, found.pinball) == (0, 0, 0)
    assert (found.coverage_80, found.coverage_95) == (1, 1)


def test_losses_by_hand() -> None:
    actual = np.array([[10.0, 20.0]])
    quantiles = np.array([[[6.0, 8, 9, 11, 12], [21, 22, 24, 25, 26]]])
    # row 1: 0.025*4 + 0.1*2 + 0.5*1 + 0.1*1 + 0.025*2 = 0.95; row 2: above by 1, 2, 4, 5, 6:
    # 0.975*1 + 0.9*2 + 0.5*4 + 0.1*5 + 0.025*6 = 5.425
    assert pinball(actual, quantiles)[0] == pytest.approx((0.95 + 5.425) / 10)
    found = losses(actual, quantiles, np.array([5.0]))
    assert found.mase == pytest.approx((1 + 4) / 2 / 5)
    assert found.smape == pytest.approx((2 / 19 + 8 / 44) / 2)
    assert (found.coverage_80, found.coverage_95) == (0.5, 0.5)


def test_the_bounds_of_an_interval_count_as_inside() -> None:
    quantiles = np.array([[[1.0, 2, 3, 4, 5]]])
    assert coverage(np.array([[2.0]]), quantiles, (1, 3)) == 1
    assert coverage(np.array([[1.9]]), quantiles, (1, 3)) == 0


def test_the_median_minimises_pinball_loss_among_constants() -> None:
    rng = np.random.default_rng(1)
    actual = rng.normal(0, 10, (1, 999))
    spread = np.quantile(actual, [0.025, 0.1, 0.5, 0.9, 0.975])
    best = pinball(actual, np.tile(spread, (1, 999, 1)))[0]
    for shift in (-3, -1, 1, 3):
        assert best < pinball(actual, np.tile(spread + shift, (1, 999, 1)))[0]


def test_zero_against_zero_is_no_error() -> None:
    assert smape(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0


def test_the_naive_error_of_a_constant_series_is_half_a_unit() -> None:
    assert naive_error(np.full(30, 7.0), 12) == 0.5
    assert naive_error(np.arange(30, dtype=np.float64), 12) == 12
