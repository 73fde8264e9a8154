"""Brings forecasts on chain before their outcome, and their outcome after it.

`ready -> submitted -> committed -> revealed -> scored`; `failed` if it could not be committed,
`unscored` if not the rest. Each call has a key of its own in the sender's outbox, so a state that
is visited again after a kill sends nothing twice. The reason of a failure stands in
`app.transaction` under that key.
"""

import asyncio
from typing import Final

import structlog
from sqlmodel import Session, col, select

from core.chain.bindings.forecast_ledger import (
    encode_commit,
    encode_report,
    encode_reveal,
    encode_score,
)
from core.chain.client import Rpc, to_int
from core.chain.sender import Sender, TxStatus
from core.clock import now_s
from core.crypto import forecasts, to_hex
from core.db.app_tables import Forecast
from core.db.engine import Database
from core.errors import AlreadyExists, ContractReverted, Malformed, Retryable
from oracle.outcomes import Outcome, outcomes

POLL_S: Final = 0.5
_UNSETTLED: Final = ("ready", "submitted", "committed", "revealed")
_log = structlog.get_logger(__name__)


class Forecasts:
    """Commits every forecast that ml has sealed; shows and scores it when its outcome is known.

    The oracle's key is both forecaster and observer here: it says what our own tables say.
    """

    def __init__(self, database: Database, rpc: Rpc, sender: Sender, contract: bytes) -> None:
        self._database = database
        self._rpc = rpc
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
            if forecast.state in ("ready", "submitted"):
                await self._commit(forecast)
            else:
                await self._judge(forecast)

    async def _commit(self, forecast: Forecast) -> None:
        call = encode_commit(self._series(forecast), forecast.commitment, forecast.cutoff)
        status = await self._settled(key_of(forecast), call)
        if status is None:
            await self._set(forecast, "submitted")
        elif status.state == "final":
            await self._set(forecast, "committed")
        else:
            await self._give_up(forecast, "failed", status.error)

    async def _judge(self, forecast: Forecast) -> None:
        known = await self._database.read(lambda session: outcomes(session, forecast))
        if not known:
            return
        try:
            opening = forecasts.opening(forecast.document, forecast.salt)
            if forecast.state == "committed":
                await self._reveal(forecast, opening)
            else:
                await self._score(forecast, opening, {seen.period: seen for seen in known})
        except (ContractReverted, Malformed) as refused:
            await self._give_up(forecast, "unscored", refused.message)

    async def _reveal(self, forecast: Forecast, opening: forecasts.Opening) -> None:
        call = encode_reveal(
            *self._place(forecast), opening.salt, opening.document_hash, opening.points
        )
        if await self._done(f"forecast-reveal:{to_hex(forecast.commitment)}", call):
            await self._set(forecast, "revealed")

    async def _score(
        self, forecast: Forecast, opening: forecasts.Opening, known: dict[int, Outcome]
    ) -> None:
        wanted = [known.get(period) for period, _ in forecasts.unpack(opening.points)]
        said = [await self._reported(forecast, seen) for seen in wanted if seen is not None]
        if len(said) < len(wanted) or not all(said):
            return
        call = encode_score(*self._place(forecast), opening.points)
        if await self._done(f"forecast-score:{to_hex(forecast.commitment)}", call):
            await self._set(forecast, "scored")

    async def _reported(self, forecast: Forecast, seen: Outcome) -> bool:
        key = f"outcome:{to_hex(forecast.series_id)}:{seen.period}"
        if await self._sender.status(key) is None and await self._now() < seen.held_until:
            return False
        return await self._done(key, encode_report(forecast.series_id, seen.period, seen.value))

    async def _done(self, key: str, call: bytes) -> bool:
        """Whether what the call does is done, by whoever.

        Anybody may reveal and score: then the ledger refuses ours, and its result is the same.
        Raises ContractReverted: it never will be.
        """
        status = await self._settled(key, call)
        if status is None:
            return False
        if status.state == "failed" and status.error_code != AlreadyExists.code:
            raise ContractReverted(status.error or "the call failed")
        return True

    async def _settled(self, key: str, call: bytes) -> TxStatus | None:
        """What became of the call for good; None before that. Sends it the first time."""
        status = await self._sender.status(key)
        if status is None:
            await self._sender.enqueue(key, self._contract, call)
        return status if status and status.state in ("final", "failed") else None

    async def _now(self) -> int:
        """The chain's time, in which the ledger will date what is sent now (Unix seconds)."""
        block = await self._rpc.call("eth_getBlockByNumber", "pending", False)
        if block is None:  # not every node makes one
            block = await self._rpc.call("eth_getBlockByNumber", "latest", False)
        return min(now_s(), to_int(block["timestamp"]))

    def _place(self, forecast: Forecast) -> tuple[bytes, bytes, int]:
        return self._sender.address, self._series(forecast), forecast.cutoff

    def _series(self, forecast: Forecast) -> bytes:
        return forecasts.series_of(self._sender.address, forecast.series_id)

    async def _give_up(self, forecast: Forecast, state: str, reason: str | None) -> None:
        _log.error(f"forecast_{state}", commitment=to_hex(forecast.commitment), reason=reason)
        await self._set(forecast, state)

    async def _set(self, forecast: Forecast, state: str) -> None:
        def change(session: Session) -> None:
            row = session.get_one(Forecast, forecast.commitment)
            session.add(row.sqlmodel_update({"state": state}))

        if forecast.state != state:
            await self._database.write(change)


def key_of(forecast: Forecast) -> str:
    """The outbox key of a forecast's commitment."""
    return f"forecast:{to_hex(forecast.commitment)}"


def _unsettled(session: Session) -> list[Forecast]:
    query = select(Forecast).where(col(Forecast.state).in_(_UNSETTLED))
    return list(session.exec(query.order_by(col(Forecast.created_at))))
