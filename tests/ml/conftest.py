from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.config import Settings
from core.db.engine import Database, Writes, open_database
from ml.document import PER_MILLE, BacktestSummary, Comparison, Forecast, Losses, Point

ZERO_HASH = "0x" + "00" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A fresh SQLite database that also plays the indexer's part, hence writes both schemas."""
    opened = open_database(settings, Writes.BOTH)
    yield opened
    opened.close()


@pytest.fixture
def forecast() -> Forecast:
    """Two months ahead of a tiny series, with figures that are easy to check by hand."""
    figures = Losses(
        mase="0.5000", smape="0.0100", pinball="0.1000", coverage_80="0.8000", coverage_95="0.9500"
    )
    return Forecast(
        series="tiny",
        series_id=ZERO_HASH,
        unit="piece",
        frequency="MS",
        source="test",
        trained_from=date(2015, 1, 1),
        trained_through=date(2020, 12, 1),
        observations=72,
        data_hash=ZERO_HASH,
        model="SeasonalNaive",
        intervals="native",
        quantiles=PER_MILLE,
        points=(
            Point(period=date(2021, 1, 1), values=(6, 8, 9, 11, 12)),
            Point(period=date(2021, 2, 1), values=(21, 22, 24, 25, 26)),
        ),
        backtest=BacktestSummary(
            horizon=2,
            origins=(60, 70),
            candidates=(Comparison(model="SeasonalNaive", native=figures, calibrated=None),),
        ),
        software={"numpy": "2.0"},
    )
