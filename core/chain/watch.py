"""What becomes of transactions that were sent: recorded, final, lost, displaced or stuck."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from core import clock
from core.chain.client import to_bytes, to_int
from core.chain.outbox import Attempt, Outbox
from core.chain.wallet import Row, View, Wallet
from core.crypto import to_hex
from core.errors import DeploymentMissing, SmartRetailError

RESEND_MS: Final = 3_000
_UNMINED: Final = {
    "state": "sent",
    "settled": False,
    "block_number": None,
    "block_hash": None,
    "error": None,
    "error_code": None,
}
_log = structlog.get_logger(__name__)


class Watch:
    """Follows one key's transactions until nothing can change any more."""

    def __init__(self, wallet: Wallet, outbox: Outbox, owner: str, stuck_after_ms: int) -> None:
        self._wallet = wallet
        self._outbox = outbox
        self._owner = owner
        self._stuck_after_ms = stuck_after_ms
        self._sent_at: dict[bytes, int] = {}

    async def follow(self, view: View) -> int:
        """Check every transaction that can still change; returns how many are not mined."""
        rows = await self._outbox.watched(view.nonce)
        attempts = await self._outbox.attempts([row["key"] for row in rows])
        receipts = await self._wallet.receipts(
            [one for forms in attempts.values() for one in forms]
        )
        pending = 0
        for row in rows:
            signed, receipt = attempts[row["key"]], receipts.get(row["key"])
            if receipt is None:
                pending += 1
                await self._chase(row, signed, view)
            else:
                await self._settle(row, receipt, view)
        return pending

    async def _settle(self, row: Row, receipt: Mapping[str, Any], view: View) -> None:
        number = to_int(receipt["blockNumber"])
        is_final = number <= view.final
        failure = await self._failure(row, receipt)
        state = "failed" if failure else "final" if is_final else "recorded"
        values = {
            "state": state,
            "tx_hash": to_bytes(receipt["transactionHash"]),
            "block_number": number,
            "block_hash": to_bytes(receipt["blockHash"]),
            "settled": is_final,
            "error": failure and failure.message,
            "error_code": failure and failure.code,
        }
        if any(row[name] != value for name, value in values.items()):
            await self._outbox.mark(row["key"], **values)
            _log.info(f"transaction_{state}", key=row["key"], block=number)

    async def _failure(self, row: Row, receipt: Mapping[str, Any]) -> SmartRetailError | None:
        if to_int(receipt["status"]) != 1:
            return await self._wallet.why(row, receipt["blockNumber"])
        to = to_hex(row["to"])
        if any(log["address"].lower() == to for log in receipt["logs"]):
            return None
        # A call to an account without code has status 1 too.
        return DeploymentMissing(f"the contract at {to} logged nothing: it is not there")

    async def _chase(self, row: Row, signed: Sequence[Attempt], view: View) -> None:
        """Bring a transaction without receipt back on its way."""
        latest = signed[-1]
        if row["state"] != "sent":
            _log.warning("transaction_lost", key=row["key"], was=row["state"])
            await self._outbox.mark(row["key"], **_UNMINED)
            self._sent_at.pop(latest.tx_hash, None)
        if await self._wallet.is_displaced(row["nonce"], signed, view):
            _log.warning("nonce_taken", key=row["key"], nonce=row["nonce"])
            await self._outbox.requeue(row["key"])
            return
        if row["nonce"] == view.nonce and self._is_stuck(latest):
            latest = await self._bump(row, latest, view)
        if clock.now_ms() - self._sent_at.get(latest.tx_hash, 0) >= RESEND_MS:
            await self.send(latest)

    def _is_stuck(self, latest: Attempt) -> bool:
        """Sent by this process, yet not mined for long: a fee too low, not a node that was down."""
        sent = latest.tx_hash in self._sent_at
        return sent and clock.now_ms() - latest.created_at > self._stuck_after_ms

    async def _bump(self, row: Row, latest: Attempt, view: View) -> Attempt:
        """A replacement that pays at least 25 % more (nodes ask for 10 %)."""
        tip, max_fee = await self._wallet.fees(view)
        fees = max(tip, latest.tip * 5 // 4 + 1), max(max_fee, latest.max_fee * 5 // 4 + 1)
        # On `pending` the transaction itself would be in the way.
        gas = await self._wallet.estimate(row, "latest")
        replacement = self._wallet.sign(row, latest.nonce, gas, fees)
        if not await self._outbox.replace(replacement, self._owner):
            return latest
        _log.info("transaction_replaced", key=row["key"], nonce=latest.nonce, max_fee=fees[1])
        return replacement

    async def send(self, attempt: Attempt) -> None:
        """Offer a stored transaction to the node."""
        self._sent_at[attempt.tx_hash] = clock.now_ms()
        await self._wallet.send(attempt)
