"""ForecastLedger: forecasts fixed before their outcome."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob


class ForecastCommitment(SQLModel, table=True):
    """The hash of a forecast, on chain before its cutoff (ForecastCommitted)."""

    __tablename__ = "forecast_commitment"
    __table_args__ = (Index("ix_forecast_series", "series_id"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob(index=True)
    cutoff: int = big()
    """Unix seconds."""
