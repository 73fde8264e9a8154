"""From a series to a forecast in document form: the whole of the numerical work."""

from importlib.metadata import version
from typing import Final

from core.crypto import to_hex
from ml.budget import Budget
from ml.data import Series, series_id
from ml.document import BacktestSummary, Comparison, Forecast, Losses, Point, data_hash
from ml.evaluate import Losses as Measured
from ml.forecast.choose import Choice, Trial, choose

_SOFTWARE: Final = ("numpy", "prophet", "statsforecast")


def make(series: Series, horizon: int, budget: Budget) -> tuple[Forecast, Choice]:
    """The best candidate's forecast of the next `horizon` periods, and the trials behind it.

    Raises:
        Malformed: too few observations.
        Operator: no candidate could forecast.
    """
    choice = choose(series, horizon, budget)
    forecast = Forecast(
        series=series.name,
        series_id=to_hex(series_id(series.name)),
        unit=series.unit,
        frequency=series.frequency,
        source=series.source,
        trained_from=series.first,
        trained_through=series.last,
        observations=len(series.points),
        data_hash=data_hash(series.points),
        model=choice.model,
        intervals="calibrated" if choice.calibrated else "native",
        points=_points(series, choice),
        backtest=BacktestSummary(
            horizon=horizon,
            origins=choice.origins,
            candidates=tuple(_comparison(trial) for trial in choice.trials),
        ),
        software={name: version(name) for name in _SOFTWARE},
    )
    return forecast, choice


def _points(series: Series, choice: Choice) -> tuple[Point, ...]:
    return tuple(
        Point(period=series.frequency.after(series.last, step), values=row)
        for step, row in enumerate(choice.values, 1)
    )


def _comparison(trial: Trial) -> Comparison:
    return Comparison(
        model=trial.candidate.name,
        native=trial.native and _figures(trial.native),
        calibrated=trial.calibrated and _figures(trial.calibrated),
    )


def _figures(measured: Measured) -> Losses:
    return Losses(
        mase=f"{measured.mase:.4f}",
        smape=f"{measured.smape:.4f}",
        pinball=f"{measured.pinball:.4f}",
        coverage_80=f"{measured.coverage_80:.4f}",
        coverage_95=f"{measured.coverage_95:.4f}",
    )
