"""The forecasting service: new observations in, a sealed forecast out; outcomes in, a score out."""

import asyncio
from collections import Counter
from datetime import date
from typing import Final, NoReturn

import structlog
from sqlmodel import Session, col, select

from core.config import Settings
from core.crypto import to_hex
from core.db.app_tables import Forecast as ForecastRow
from core.db.engine import Database, open_database
from core.errors import BadInput, Conflict, Operator, Retryable
from ml import store
from ml.budget import DEMO_BUDGET, Budget
from ml.data import Series
from ml.document import read
from ml.judge import judge
from ml.publish import MOST_ATTEMPTS, needs_forecast, publish, rows_of
from ml.score import Score
from ml.worker import Job, work

POLL_INTERVAL_S: Final = 1.0
TIMEOUT_S: Final = 300.0
COMMITTED: Final = ("committed", "revealed", "scored", "unscored")
"""States of a forecast whose commitment is final on chain."""

log = structlog.get_logger("ml")


async def run(settings: Settings, budget: Budget = DEMO_BUDGET) -> NoReturn:
    """Forecast every series when it has news, until cancelled.

    Raises:
        BadConfig: no database can be reached with these settings.
    """
    database = open_database(settings)
    try:
        await Service(settings, database, budget).loop()
    finally:
        database.close()


class Service:
    """Passes over all series. Progress is in SQL; only what failed here is remembered here."""

    def __init__(self, settings: Settings, database: Database, budget: Budget) -> None:
        self._database = database
        self._budget = budget
        self._compiled = (settings.cache_dir / "numba").absolute()
        self._failures: Counter[tuple[bytes, date]] = Counter()
        self._scored: set[bytes] = set()

    async def loop(self) -> NoReturn:
        while True:
            try:
                await self.once()
            except Retryable as error:
                log.warning("will try again", code=error.code, error=error.message)
            await asyncio.sleep(POLL_INTERVAL_S)

    async def once(self) -> int:
        """Forecast what is due and score what came true; returns how many were published."""
        published = [await self._refresh(key) for key in await self._database.read(self._due)]
        for committed, found in await self._database.read(self._came_true):
            _report(committed, found)
            self._scored.add(committed)
        return sum(published)

    def _due(self, session: Session) -> list[tuple[bytes, date]]:
        return [
            key
            for key in store.newest_periods(session).items()
            if self._failures[key] < MOST_ATTEMPTS
            and needs_forecast(rows_of(session, key[0]), key[1])
        ]

    async def _refresh(self, key: tuple[bytes, date]) -> bool:
        try:
            series = await self._database.read(lambda session: store.load(session, key[0]))
            done = await work(self._job(series), TIMEOUT_S)
        except BadInput as error:  # the same observations cannot fare better
            self._failures[key] = MOST_ATTEMPTS
            log.error("no forecast", code=error.code, error=error.message, hint=error.hint)
            return False
        except Operator as error:
            self._failures[key] += 1
            log.error("forecast failed", code=error.code, error=error.message)
            return False
        committed = await self._database.write(lambda session: publish(session, done.forecast))
        if committed is not None:
            log.info(
                "forecast ready",
                series=series.name,
                model=done.forecast.model,
                intervals=done.forecast.intervals,
                through=series.last.isoformat(),
                commitment=to_hex(committed),
                seconds=done.seconds,
            )
        return committed is not None

    def _job(self, series: Series) -> Job:
        return Job(
            name=series.name,
            unit=series.unit,
            frequency=series.frequency,
            source=series.source,
            points=series.points,
            horizon=series.frequency.season_length,
            origins=self._budget.origins,
            stride=self._budget.stride,
            compiled=self._compiled,
        )

    def _came_true(self, session: Session) -> list[tuple[bytes, Score]]:
        """Forecasts whose every period is known, with their first score."""
        rows = session.exec(select(ForecastRow).where(col(ForecastRow.state).in_(COMMITTED))).all()
        open_rows = [row for row in rows if row.commitment not in self._scored]
        found = [(row, _judged(session, row)) for row in open_rows]
        return [
            (row.commitment, result)
            for row, result in found
            if result is not None and result.steps == len(read(row.document).points)
        ]


def _judged(session: Session, row: ForecastRow) -> Score | None:
    try:
        return judge(session, row.commitment)
    except (BadInput, Conflict):  # not final, not disclosed, or disclosed too early: no score
        return None


def _report(committed: bytes, found: Score) -> None:
    log.info(
        "forecast came true",
        commitment=to_hex(committed),
        model=found.model,
        mean_absolute_error=f"{float(found.mean_absolute_error):.1f}",
        mean_pinball=f"{float(found.mean_pinball):.1f}",
        inside_80=f"{found.inside_80}/{found.steps}",
        inside_95=f"{found.inside_95}/{found.steps}",
    )
