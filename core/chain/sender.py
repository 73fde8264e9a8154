"""Sends calls to the chain exactly once, through kill -9, reorgs and a faulty RPC.

A call goes `queued -> sent -> recorded -> final`, or `failed`. The signed transaction is stored,
with its nonce, before it is first sent, so the same bytes can be sent again at any time; what a
node answers to sending ("already known", "nonce too low") decides nothing, only a receipt in a
canonical block does. Until that block is final the receipt is asked for again and again; if it
is gone, the same bytes are sent again.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from core import clock
from core.chain.client import Rpc, RpcFailed, to_bytes, to_int
from core.chain.outbox import Attempt, Outbox
from core.chain.wallet import Row, View, Wallet
from core.crypto import to_hex
from core.db.engine import Database
from core.errors import DeploymentMissing, Retryable, SmartRetailError

LEASE_MS: Final = 5_000
RESEND_MS: Final = 3_000
MAX_IN_FLIGHT: Final = 64
_UNMINED: Final = {
    "state": "sent",
    "settled": False,
    "block_number": None,
    "block_hash": None,
    "error": None,
    "error_code": None,
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TxStatus:
    """What became of a call; `error` is a sentence, `error_code` one of core.errors'."""

    state: str
    """`queued`, `sent`, `recorded`, `final` or `failed`."""
    tx_hash: bytes | None = None
    block_number: int | None = None
    error: str | None = None
    error_code: str | None = None


class Sender:
    """The outbox of one key. `enqueue` and `status` need no loop; one loop per key sends."""

    def __init__(
        self,
        rpc: Rpc,
        database: Database,
        private_key: bytes,
        *,
        chain_id: int,
        finality_depth: int | None = None,
        poll_interval_s: float = 0.25,
        stuck_after_ms: int = 30_000,
    ) -> None:
        self._wallet = Wallet(rpc, private_key, chain_id, finality_depth)
        self._outbox = Outbox(database, self._wallet.address)
        self._poll_interval_s = poll_interval_s
        self._stuck_after_ms = stuck_after_ms
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._sent_at: dict[bytes, int] = {}
        self._followed = b""
        self._wake = asyncio.Event()

    @property
    def address(self) -> bytes:
        """The account (20 bytes) that pays."""
        return self._wallet.address

    async def enqueue(self, key: str, to: bytes, data: bytes) -> None:
        """Promise that the call will be sent once; durable when this returns.

        Raises:
            AlreadyExists: `key` stands for another call.
        """
        await self._outbox.insert(key, to, data)
        self._wake.set()

    async def status(self, key: str) -> TxStatus | None:
        """What became of the call under `key`; None if there is none."""
        row = await self._outbox.get(key)
        if row is None:
            return None
        return TxStatus(
            row["state"], row["tx_hash"], row["block_number"], row["error"], row["error_code"]
        )

    async def run(self) -> None:
        """Send and watch until cancelled."""
        try:
            while True:
                await self._tick_safely()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._poll_interval_s)
                self._wake.clear()
        finally:
            await asyncio.shield(self._outbox.release(self._owner))

    async def tick(self) -> None:
        """One round: learn what became of sent transactions, then send queued ones.

        Raises:
            Retryable: the chain or the database did not answer; nothing is lost.
            DeploymentMissing: a queued call's contract is not there; it stays queued.
        """
        if not await self._outbox.hold(self._owner, LEASE_MS):
            return
        view = await self._wallet.view()
        in_flight = 0
        if view.head_hash != self._followed:
            in_flight = await self._follow(view)
        in_flight = await self._admit(view, in_flight)
        # All is mined and the head stands still: nothing to ask until it moves.
        self._followed = b"" if in_flight else view.head_hash

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except (Retryable, DeploymentMissing) as error:
            _log.warning("sender_waits", code=error.code, reason=error.message)
            await asyncio.sleep(min(1.0, 4 * self._poll_interval_s))
        except Exception:
            # A bug or a broken answer must not end the watch over what is already promised.
            _log.exception("sender_failed")
            await asyncio.sleep(1.0)

    # What became of what was sent.

    async def _follow(self, view: View) -> int:
        """Check every transaction that can still change; returns how many are not mined."""
        rows = await self._outbox.watched(view.nonce)
        attempts = await self._outbox.attempts([row["key"] for row in rows])
        pending = 0
        for row in rows:
            signed = attempts[row["key"]]
            receipt = await self._wallet.receipt(signed)
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
            await self._send(latest)

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

    # Sending what is queued.

    async def _admit(self, view: View, in_flight: int) -> int:
        """Sign and send; returns how many are not mined."""
        for row in await self._outbox.queued(max(MAX_IN_FLIGHT - in_flight, 0)):
            if not await self._wallet.has_code(row["to"]):
                raise DeploymentMissing(f"no contract at {to_hex(row['to'])}; calls stay queued")
            try:
                gas = await self._wallet.estimate(row, "pending")
            except RpcFailed as error:
                _log.warning("estimate_failed", key=row["key"], answer=error.message)
                continue  # must not hold up the calls behind it
            except Retryable:
                raise
            except SmartRetailError as error:
                if in_flight:
                    break  # it may build on what is not mined yet: ask again then
                await self._refuse(row, error)
                continue
            attempt = self._wallet.sign(
                row, await self._next_nonce(), gas, await self._wallet.fees(view)
            )
            if not await self._outbox.assign(attempt, self._owner):
                break
            await self._send(attempt)
            in_flight += 1
        return in_flight

    async def _refuse(self, row: Row, error: SmartRetailError) -> None:
        await self._outbox.refuse(row["key"], error)
        _log.warning("transaction_refused", key=row["key"], code=error.code, reason=error.message)

    async def _next_nonce(self) -> int:
        nonce = await self._wallet.count("pending")
        taken = await self._outbox.nonces_from(nonce)
        while nonce in taken:
            nonce += 1
        return nonce

    async def _send(self, attempt: Attempt) -> None:
        self._sent_at[attempt.tx_hash] = clock.now_ms()
        await self._wallet.send(attempt)
