"""ForecastLedger: forecasts fixed before their outcome."""

from core.chain.bindings.forecast_ledger import ForecastCommitted
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def forecast_committed(event: ForecastCommitted, at: Place, _state: State) -> list[Row]:
    """A commitment, with the block that proves when it was made."""
    return [
        rows.ForecastCommitment(
            **at.key,
            tx_hash=at.tx_hash,
            series_id=event.series_id,
            forecaster=event.forecaster,
            commitment=event.commitment,
            cutoff=rows.small(event.cutoff, "cutoff"),
        )
    ]
