"""Sends calls to the chain exactly once, through kill -9, reorgs and a faulty RPC.

A call goes `queued -> sent -> recorded -> final`, or `failed`. The signed transaction is stored,
with its nonce, before it is first sent, so the same bytes can be sent again at any time; what a
node answers to sending ("already known", "nonce too low") decides nothing, only a receipt in a
canonical block does. Until that block is final the receipt is asked for again and again; if it
is gone, the same bytes are sent again.
"""

import asyncio
import contextlib
import itertools
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from core.chain.client import Rpc, RpcFailed
from core.chain.outbox import Outbox
from core.chain.wallet import Row, View, Wallet
from core.chain.watch import Watch
from core.crypto import to_hex
from core.db.engine import Database
from core.errors import Retryable, SmartRetailError

LEASE_MS: Final = 5_000
MAX_IN_FLIGHT: Final = 64
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
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._watch = Watch(self._wallet, self._outbox, self._owner, stuck_after_ms)
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
                    async with asyncio.timeout(self._poll_interval_s):
                        await self._wake.wait()
                self._wake.clear()
        finally:
            await asyncio.shield(self._outbox.release(self._owner))

    async def tick(self) -> None:
        """One round: learn what became of sent transactions, then send queued ones.

        Raises:
            Retryable: the chain or the database did not answer; nothing is lost.
        """
        if not await self._outbox.hold(self._owner, LEASE_MS):
            return
        view = await self._wallet.view()
        in_flight = 0
        if view.head_hash != self._followed:
            in_flight = await self._watch.follow(view)
        in_flight = await self._admit(view, in_flight)
        # All is mined and the head stands still: nothing to ask until it moves.
        self._followed = b"" if in_flight else view.head_hash

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except Retryable as error:
            _log.warning("sender_waits", code=error.code, reason=error.message)
            await asyncio.sleep(min(1.0, 4 * self._poll_interval_s))
        except Exception:
            # A bug or a broken answer must not end the watch over what is already promised.
            _log.exception("sender_failed")
            await asyncio.sleep(1.0)

    async def _admit(self, view: View, in_flight: int) -> int:
        """Sign and send; returns how many are not mined."""
        queued = await self._outbox.queued(max(MAX_IN_FLIGHT - in_flight, 0))
        if not (rows := await self._callable(queued)):
            return in_flight
        fees, nonces = await self._wallet.fees(view), await self._free_nonces()
        for row in rows:
            try:
                gas = await self._wallet.estimate(row, "pending")
            except RpcFailed as error:
                _log.warning("estimate_failed", key=row["key"], answer=error.message)
                continue  # must not hold up the calls behind it
            except Retryable:
                raise
            except SmartRetailError as error:
                if in_flight or await self._moved(view):
                    break  # it may build on what is not mined yet, or not any more: ask again
                await self._refuse(row, error)
                continue
            attempt = self._wallet.sign(row, next(nonces), gas, fees)
            if not await self._outbox.assign(attempt, self._owner):
                break
            await self._watch.send(attempt)
            in_flight += 1
        return in_flight

    async def _moved(self, view: View) -> bool:
        """Whether the chain has another head by now, so that a refusal may not be the last word."""
        return (await self._wallet.view()).head_hash != view.head_hash

    async def _callable(self, rows: Sequence[Row]) -> list[Row]:
        """Those whose contract is there: a call to an account without code would do nothing."""
        there = {to for to in {row["to"] for row in rows} if await self._wallet.has_code(to)}
        for to in {row["to"] for row in rows} - there:
            _log.warning("contract_missing", contract=to_hex(to), calls="stay queued")
        return [row for row in rows if row["to"] in there]

    async def _refuse(self, row: Row, error: SmartRetailError) -> None:
        await self._outbox.refuse(row["key"], error)
        _log.warning("transaction_refused", key=row["key"], code=error.code, reason=error.message)

    async def _free_nonces(self) -> Iterator[int]:
        """Nonces that neither the chain nor the outbox has given away."""
        first = await self._wallet.count("pending")
        taken = await self._outbox.nonces_from(first)
        return (nonce for nonce in itertools.count(first) if nonce not in taken)
