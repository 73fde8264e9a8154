"""The service as a whole, on real retail sales and with the real libraries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from core.config import Settings
from core.db.app_tables import Forecast as ForecastRow
from core.db.engine import Database
from core.errors import Malformed, Operator, Retryable
from ml import store
from ml.budget import Budget
from ml.data import Series
from ml.data.files import retail
from ml.document import Document, data_hash, read
from ml.main import Service, run
from ml.score import score
from ml.worker import Job, work

SMALL = Budget(origins=3, stride=6)


def _job(series: Series, compiled: Path) -> Job:
    return Job(
        name=series.name,
        unit=series.unit,
        frequency=series.frequency,
        source=series.source,
        points=series.points,
        horizon=12,
        origins=SMALL.origins,
        stride=SMALL.stride,
        compiled=compiled,
    )


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[None]:
    task = asyncio.create_task(run(settings, SMALL))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_series_too_short_is_refused_by_the_worker(tmp_path: Path) -> None:
    series, _ = retail().split(280)
    with pytest.raises(Malformed, match="13 observations are too few"):
        await work(_job(series, tmp_path), timeout_s=60)


async def test_a_worker_that_breaks_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Operator, match="NotADirectoryError"):
        await work(_job(retail(), tmp_path / "file" / "numba"), timeout_s=60)


async def test_a_worker_over_time_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Retryable, match="within"):
        await work(_job(retail(), tmp_path), timeout_s=0.01)


async def test_a_hopeless_series_is_not_tried_again(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    series, _ = retail().split(280)
    await database.write(lambda session: store.add_series(session, series))
    service = Service(settings, database, SMALL)
    assert await service.once() == 0
    monkeypatch.setattr("ml.main.work", None)  # a second try would call it
    assert await service.once() == 0


@pytest.mark.slow  # compiles statsforecast's inner loops, some 20 s
@pytest.mark.timeout(600)
async def test_the_service_forecasts_retail_sales_once_for_each_past(
    settings: Settings, database: Database
) -> None:
    series, withheld = retail().split(12)
    key = await database.write(lambda session: store.add_series(session, series))
    async with _running(settings):
        (row,) = await _rows(database, 1)
        await asyncio.sleep(2.5)  # two more passes have nothing to do
        assert len(await _rows(database, 1)) == 1
        await database.write(lambda session: store.disclose(session, key, withheld))
        _, second = await _rows(database, 2)
    document = read(row.document)
    compiled = settings.cache_dir / "numba"
    assert list(compiled.rglob("*.nbc"))
    again = await work(_job(series, compiled), timeout_s=300)
    assert document == Document(**again.forecast.model_dump(), cutoff=document.cutoff)
    assert document.data_hash == data_hash(series.points)
    assert [point.period for point in document.points] == [seen.period for seen in withheld]
    assert document.backtest.candidates[-1].model == "Prophet"
    assert all(each.native for each in document.backtest.candidates)
    assert document.model not in ("Prophet", "SeasonalNaive")
    # twice the seasonal naive's accuracy in the backtest, so it cannot be far off here
    found = score(document, withheld)
    assert found.mean_absolute_error < 12_000
    assert found.inside_95 >= 10
    assert read(second.document).points[0].period == date(2016, 6, 1)


async def _rows(database: Database, count: int) -> list[ForecastRow]:
    async with asyncio.timeout(300):
        while True:
            rows = await database.read(lambda session: session.exec(select(ForecastRow)).all())
            if len(rows) >= count:
                return sorted(rows, key=lambda row: row.created_at)
            await asyncio.sleep(0.2)
