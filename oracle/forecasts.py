"""Commits forecasts on chain before their outcome: `ready -> submitted -> committed`, or `failed`.

The reason of a failure stands in `app.transaction` under the forecast's key.
"""

import asyncio
from typing import Final

import structlog
from sqlmodel import Session, col, select

from core.chain.bindings.forecast_ledger import encode_commit
from core.chain.sender import Sender
from core.crypto import to_hex
from core.db.app_tables import Forecast
from core.db.engine import Database
from core.errors import Retryable

POLL_S: Final = 0.5
_log = structlog.get_logger(__name__)


class Forecasts:
    """Brings every forecast that ml has sealed to ForecastLedger."""

    def __init__(self, database: Database, sender: Sender, contract: bytes) -> None:
        self._database = database
        self._sender = sender
        self._contract = contract

    async def run(self) -> None:
        """Commit and follow until cancelled."""
        while True:
            try:
                await self.advance()
            except Retryable as error:
                _log.warning("forecasts_wait", code=error.code, reason=error.message)
            await asyncio.sleep(POLL_S)

    async def advance(self) -> None:
        """One look at every forecast that is not settled."""
        for forecast in await self._database.read(_unsettled):
            if forecast.state == "ready":
                call = encode_commit(forecast.series_id, forecast.commitment, forecast.cutoff)
                await self._sender.enqueue(key_of(forecast), self._contract, call)
                await self._set(forecast.commitment, "submitted")
            else:
                await self._follow(forecast)

    async def _follow(self, forecast: Forecast) -> None:
        status = await self._sender.status(key_of(forecast))
        if status is None:
            await self._set(forecast.commitment, "ready")
        elif status.state == "final":
            await self._set(forecast.commitment, "committed")
        elif status.state == "failed":
            _log.error(
                "forecast_failed", commitment=to_hex(forecast.commitment), reason=status.error
            )
            await self._set(forecast.commitment, "failed")

    async def _set(self, commitment: bytes, state: str) -> None:
        def change(session: Session) -> None:
            session.add(session.get_one(Forecast, commitment).sqlmodel_update({"state": state}))

        await self._database.write(change)


def key_of(forecast: Forecast) -> str:
    """The outbox key of a forecast's commitment."""
    return f"forecast:{to_hex(forecast.commitment)}"


def _unsettled(session: Session) -> list[Forecast]:
    query = select(Forecast).where(col(Forecast.state).in_(("ready", "submitted")))
    return list(session.exec(query.order_by(col(Forecast.created_at))))
