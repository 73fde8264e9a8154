"""Forecasting methods behind one protocol, compared by rolling backtest, the best one kept."""

from ml.forecast.candidate import COVERAGES, QUANTILES, Candidate, History
from ml.forecast.choose import DEMO_BUDGET, FULL_BUDGET, Budget, Choice, choose

__all__ = [
    "COVERAGES",
    "DEMO_BUDGET",
    "FULL_BUDGET",
    "QUANTILES",
    "Budget",
    "Candidate",
    "Choice",
    "History",
    "choose",
]
