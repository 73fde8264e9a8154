"""The tables of docs/reference/forecast.md, measured: python -m benchmarks.forecast.compare

Trains on US retail sales without the last 12 months, judges every candidate at 60 monthly origins
before that, and once on the withheld months, which no method is chosen by.
"""

import platform
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from ml.budget import DEMO_BUDGET, FULL_BUDGET
from ml.data import Series
from ml.data.files import retail
from ml.evaluate import Losses, losses, naive_error
from ml.forecast.candidate import Array, History, predict
from ml.forecast.choose import CANDIDATES, Choice, Trial, choose
from ml.forecast.intervals import later_half
from ml.forecast.nixtla import keep_compiled

HORIZON = 12
FIGURES = "MASE | sMAPE | pinball | in 80 % | in 95 %"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keep_compiled(Path(folder))
        series, withheld = retail().split(HORIZON)
        cold = timed_choice(series)
        print(f"Demo budget, nothing compiled: {cold:.1f} s; in the same process: ", end="")
        print(f"{timed_choice(series):.1f} s ({platform.machine()}, one core)\n")
        choice = choose(series, HORIZON, FULL_BUDGET)
        report(choice, series, np.array([point.value for point in withheld], dtype=np.float64))


def timed_choice(series: Series) -> float:
    began = perf_counter()
    choose(series, HORIZON, DEMO_BUDGET)
    return perf_counter() - began


def report(choice: Choice, series: Series, actual: Array) -> None:
    origins = f"origins {choice.origins[0]} to {choice.origins[-1]}"
    print(f"## Native intervals, {len(choice.origins)} {origins}\n")
    print(f"| method | {FIGURES} | ms a forecast |\n|---|" + "---:|" * 6)
    for trial in choice.trials:
        assert trial.native
        each = 1000 * trial.seconds / len(choice.origins)
        print(f"| {label(trial, choice)} | {figures(trial.native)} | {each:.1f} |")
    print(f"\n## The later half of the origins: native, then calibrated\n\n| method | {FIGURES} |")
    print("|---|" + "---:|" * 5)
    for trial in choice.trials:
        assert trial.calibrated
        print(f"| {trial.candidate.name} native | {figures(native_later(trial))} |")
        print(f"| {trial.candidate.name} calibrated | {figures(trial.calibrated)} |")
    print(f"\n## The 12 withheld months, which no method is chosen by\n\n| method | {FIGURES} |")
    print("|---|" + "---:|" * 5)
    history = History.of(series)
    scale = np.array(naive_error(history.values, history.season_length))
    for candidate in CANDIDATES:
        found = losses(actual, predict(candidate, history, HORIZON), scale)
        print(f"| {candidate.name} | {figures(found)} |")


def native_later(trial: Trial) -> Losses:
    assert trial.test
    rows = later_half(trial.test)
    return losses(trial.test.actual[rows], trial.test.quantiles[rows], trial.test.scale[rows])


def label(trial: Trial, choice: Choice) -> str:
    return (
        f"**{trial.candidate.name}**"
        if trial.candidate.name == choice.model
        else trial.candidate.name
    )


def figures(found: Losses) -> str:
    return (
        f"{found.mase:.3f} | {found.smape:.4f} | {found.pinball:.4f} | "
        f"{found.coverage_80:.1%} | {found.coverage_95:.1%}"
    )


if __name__ == "__main__":
    main()
