"""ForecastLedger: forecasts fixed before their outcome, shown, and scored."""

from typing import Any

from core.chain.bindings.forecast_ledger import (
    BondPosted,
    BondSettled,
    ForecastCommitted,
    ForecastRevealed,
    ForecastScored,
    OutcomeReported,
)
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def forecast_committed(event: ForecastCommitted, at: Place, _state: State) -> list[Row]:
    """A commitment, with the block that proves when it was made."""
    return [rows.ForecastCommitment(**_forecast(event, at), commitment=event.commitment)]


def bond_posted(event: BondPosted, at: Place, _state: State) -> list[Row]:
    """Money that is lost if the forecast is never shown."""
    return [
        rows.ForecastBond(
            **_forecast(event, at),
            commitment=event.commitment,
            beneficiary=event.beneficiary,
            amount=str(event.amount),
        )
    ]


def bond_settled(event: BondSettled, at: Place, _state: State) -> list[Row]:
    """The bond is somebody's own money again."""
    return [
        rows.BondSettlement(**_forecast(event, at), account=event.account, amount=str(event.amount))
    ]


def forecast_revealed(event: ForecastRevealed, at: Place, _state: State) -> list[Row]:
    """The forecast itself; the contract has checked it against the commitment."""
    return [
        rows.ForecastReveal(
            **_forecast(event, at),
            commitment=event.commitment,
            salt=event.salt,
            document_hash=event.document_hash,
            points=event.points,
        )
    ]


def outcome_reported(event: OutcomeReported, at: Place, _state: State) -> list[Row]:
    """What came, by the one who may say so. Anybody may invent a series, and any period of it."""
    return [
        rows.ForecastOutcome(
            **at.key,
            tx_hash=at.tx_hash,
            series_id=event.series_id,
            observer=event.observer,
            period=rows.clamped(event.period),
            name_hash=event.name_hash,
            value=event.value,
        )
    ]


def forecast_scored(event: ForecastScored, at: Place, _state: State) -> list[Row]:
    """The loss, by the contract's own arithmetic."""
    return [
        rows.ForecastScore(
            **_forecast(event, at),
            commitment=event.commitment,
            loss=str(event.loss),
            steps=event.steps,
        )
    ]


def _forecast(event: Any, at: Place) -> dict[str, Any]:
    """The columns that say which forecast an event is about."""
    return {
        **at.key,
        "tx_hash": at.tx_hash,
        "series_id": event.series_id,
        "forecaster": event.forecaster,
        "cutoff": rows.small(event.cutoff, "cutoff"),
    }
