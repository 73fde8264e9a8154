"""ForecastLedger: forecasts fixed before their outcome."""

from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class ForecastCommitment(SQLModel, table=True):
    """The hash of a forecast, on chain before its cutoff (ForecastCommitted)."""

    __tablename__ = "forecast_commitment"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob(index=True)
    cutoff: int = big()
    """Unix seconds."""


class ForecastBond(SQLModel, table=True):
    """Money behind the promise to show a forecast (BondPosted)."""

    __tablename__ = "forecast_bond"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob()
    cutoff: int = big()
    beneficiary: bytes = blob()
    amount: str = text()
    """Wei, decimal (uint96)."""


class BondSettlement(SQLModel, table=True):
    """Whose money a bond became: the forecaster's, or its beneficiary's (BondSettled)."""

    __tablename__ = "bond_settlement"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    account: bytes = blob()
    cutoff: int = big()
    amount: str = text()
    """Wei, decimal (uint96)."""


class ForecastReveal(SQLModel, table=True):
    """A forecast that was shown on chain (ForecastRevealed)."""

    __tablename__ = "forecast_reveal"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob(index=True)
    cutoff: int = big()
    salt: bytes = blob()
    document_hash: bytes = blob()
    points: bytes = blob()
    """48 bytes a period: its start and five quantiles, big-endian."""


class ForecastOutcome(SQLModel, table=True):
    """What came in a period, by the series' observer (OutcomeReported)."""

    __tablename__ = "forecast_outcome"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    observer: bytes = blob()
    period: int = big()
    """Unix seconds of its start."""
    name_hash: bytes = blob()
    value: int = big()


class ForecastScore(SQLModel, table=True):
    """The loss the contract computed (ForecastScored)."""

    __tablename__ = "forecast_score"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    series_id: bytes = blob()
    forecaster: bytes = blob()
    commitment: bytes = blob(index=True)
    cutoff: int = big()
    loss: str = text()
    """Pinball loss in thousandths of the series' unit over five quantiles, decimal (uint128)."""
    steps: int = big()
    """Periods it is summed over."""
