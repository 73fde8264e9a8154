"""A forecast becomes a row of `app.forecast`; the oracle commits it on chain from there."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlmodel import Session, col, func, select

from core.clock import now_ms, now_s
from core.crypto import from_hex
from core.crypto.forecasts import SALT_BYTES
from core.db.app_tables import Forecast as ForecastRow
from core.db.app_tables import Series as SeriesRow
from core.db.chain_tables import Block
from ml.document import Document, Forecast, commitment, read

REPLAY_LEAD_S: Final = 30
"""How long a commitment may take when the first period ahead has begun: replayed history. Its
outcome can be scored on chain only afterwards; one that comes too late is made anew."""

MOST_ATTEMPTS: Final = 3


def publish(session: Session, forecast: Forecast) -> bytes | None:
    """Write the forecast as `ready`, once; None if its training period needs no (more) forecast.

    Returns the commitment.
    """
    series = from_hex(forecast.series_id)
    # PostgreSQL: two publishers of one series take turns. SQLite has one writer anyway.
    session.exec(select(SeriesRow).where(SeriesRow.series_id == series).with_for_update()).one()
    if not needs_forecast(rows_of(session, series), forecast.trained_through):
        return None
    row = seal(forecast, cutoff_of(forecast.points[0].period, _now(session)))
    session.add(row)
    session.flush()
    return row.commitment


def seal(forecast: Forecast, cutoff: int) -> ForecastRow:
    """The row: canonical bytes, a fresh salt, and the commitment to both."""
    document = Document(**forecast.model_dump(), cutoff=cutoff).canonical()
    salt = secrets.token_bytes(SALT_BYTES)
    return ForecastRow(
        commitment=commitment(document, salt),
        series_id=from_hex(forecast.series_id),
        document=document,
        salt=salt,
        cutoff=cutoff,
        state="ready",
        created_at=now_ms(),
    )


def cutoff_of(first_period: date, now: int) -> int:
    """Unix seconds by which a forecast of `first_period` must be on chain.

    That is the period's beginning; for a series that ends in the past, whose outcome is withheld
    and disclosed later, it is REPLAY_LEAD_S from now.
    """
    begins = int(datetime(*first_period.timetuple()[:3], tzinfo=UTC).timestamp())
    return begins if begins > now else now + REPLAY_LEAD_S


def _now(session: Session) -> int:
    """Unix seconds, by the clock or by the chain: a busy development chain runs ahead of it."""
    head = session.exec(select(func.max(Block.timestamp))).one()
    return max(now_s(), head or 0)


def needs_forecast(rows: Sequence[ForecastRow], trained_through: date) -> bool:
    """Whether no forecast from this past is alive, and failed ones leave attempts to make."""
    made = [row for row in rows if read(row.document).trained_through == trained_through]
    alive = any(row.state != "failed" for row in made)
    return not alive and len(made) < MOST_ATTEMPTS


def rows_of(session: Session, series: bytes) -> list[ForecastRow]:
    """Every forecast of a series, oldest first."""
    return list(
        session.exec(
            select(ForecastRow)
            .where(ForecastRow.series_id == series)
            .order_by(col(ForecastRow.created_at))
        )
    )
