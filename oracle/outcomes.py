"""What became known of a series since it was forecast, and from when the chain may hear it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.crypto.forecasts import period_start
from core.db.app_tables import Forecast, Observation


@dataclass(frozen=True, slots=True)
class Outcome:
    """One period that is over."""

    period: int
    """Unix seconds of its start."""
    value: int
    held_until: int
    """Unix seconds: the last cutoff of the forecasts made before this became known. Said earlier,
    it would make them hindsight, which the ledger does not score."""


def outcomes(session: Session, forecast: Forecast) -> list[Outcome]:
    """Observations that became known after the forecast was made, in order."""
    known = session.exec(
        select(Observation)
        .where(
            Observation.series_id == forecast.series_id,
            Observation.disclosed_at > forecast.created_at,
        )
        .order_by(col(Observation.period))
    ).all()
    rivals = session.exec(
        select(Forecast.created_at, Forecast.cutoff).where(
            Forecast.series_id == forecast.series_id, Forecast.state != "failed"
        )
    ).all()
    return [
        Outcome(
            period_start(seen.period),
            seen.value,
            max((cutoff for made, cutoff in rivals if made < seen.disclosed_at), default=0),
        )
        for seen in known
    ]
