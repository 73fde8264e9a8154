"""One signing key and what it asks of the chain: estimate, sign, send, receipts, nonces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from eth_account import Account

from core import clock
from core.chain.client import Rpc, RpcFailed, to_bytes, to_int
from core.chain.outbox import Attempt
from core.crypto import address_of, to_hex
from core.errors import ContractReverted, Retryable, SmartRetailError

GWEI: Final = 10**9
BATCH: Final = 100
"""Calls in one request; public endpoints refuse many more."""
Row = Mapping[Any, Any]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """The chain as one round of the sender sees it."""

    head: int
    final: int
    nonce: int
    """How many transactions of the key are mined: the next nonce the chain takes."""
    base_fee: int
    head_hash: bytes


class Wallet:
    """Signs EIP-1559 transactions for one key and looks them up again."""

    def __init__(
        self, rpc: Rpc, private_key: bytes, chain_id: int, finality_depth: int | None
    ) -> None:
        self.address = address_of(private_key)
        self._rpc = rpc
        self._key = private_key
        self._chain_id = chain_id
        self._finality_depth = finality_depth

    async def view(self) -> View:
        """Head, finality and nonce now."""
        head = await self._rpc.call("eth_getBlockByNumber", "latest", False)
        number = to_int(head["number"])
        final, nonce = await self._final_number(number), await self.count("latest")
        return View(number, final, nonce, to_int(head["baseFeePerGas"]), to_bytes(head["hash"]))

    async def count(self, block: str) -> int:
        """Transactions of the key up to `block` (a tag or hex number)."""
        return to_int(await self._rpc.call("eth_getTransactionCount", to_hex(self.address), block))

    async def has_code(self, to: bytes) -> bool:
        """Whether there is a contract at `to`."""
        return await self._rpc.call("eth_getCode", to_hex(to), "latest") not in ("0x", None)

    async def estimate(self, row: Row, block: str) -> int:
        """Gas with a margin. Raises the typed error of a call that would fail, or RpcFailed."""
        gas = await self._rpc.call("eth_estimateGas", self._call(row), block)
        return to_int(gas) * 5 // 4 + 10_000

    async def fees(self, view: View) -> tuple[int, int]:
        """(tip, max fee) in wei per gas: room for the base fee to double."""
        try:
            tip = to_int(await self._rpc.call("eth_maxPriorityFeePerGas"))
        except RpcFailed:
            tip = GWEI  # not every node knows the method
        return tip, 2 * view.base_fee + tip

    def sign(self, row: Row, nonce: int, gas: int, fees: tuple[int, int]) -> Attempt:
        """The call as a signed transaction; `fees` are (tip, max fee) in wei per gas."""
        tip, max_fee = fees
        fields = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": nonce,
            "to": row["to"],
            "value": 0,
            "data": row["data"],
            "gas": gas,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": max_fee,
        }
        signed = Account.sign_transaction(fields, self._key)
        raw, tx_hash = bytes(signed.raw_transaction), bytes(signed.hash)
        return Attempt(tx_hash, row["key"], nonce, raw, max_fee, tip, clock.now_ms())

    async def send(self, attempt: Attempt) -> None:
        """Offer a transaction to the node; only a receipt tells what became of it."""
        try:
            await self._rpc.call("eth_sendRawTransaction", to_hex(attempt.raw))
        except RpcFailed as error:
            # "already known", "nonce too low": no error, the receipt decides.
            _log.info("send_answered", key=attempt.key, answer=error.message)
        except Retryable:
            raise
        except SmartRetailError as error:
            _log.warning("send_reverted", key=attempt.key, code=error.code, reason=error.message)

    async def receipts(self, attempts: Sequence[Attempt]) -> dict[str, Mapping[str, Any]]:
        """By key, the receipt of whichever form was mined, if its block is canonical."""
        hashes = [(to_hex(attempt.tx_hash),) for attempt in attempts]
        found = await self._batch("eth_getTransactionReceipt", hashes)
        pairs = zip(attempts, found, strict=True)
        mined = [(a.key, receipt) for a, receipt in pairs if receipt and receipt["blockNumber"]]
        numbers = list({receipt["blockNumber"] for _, receipt in mined})
        blocks = await self._batch("eth_getBlockByNumber", [(number, False) for number in numbers])
        canonical = {block["hash"] for block in blocks if block}
        return {key: receipt for key, receipt in mined if receipt["blockHash"] in canonical}

    async def is_displaced(self, nonce: int, attempts: Sequence[Attempt], view: View) -> bool:
        """Whether a foreign transaction of this key used the nonce for good."""
        if nonce >= view.nonce:
            return False
        try:
            if nonce >= await self.count(hex(max(view.final, 0))):
                return False
        except RpcFailed:
            return False  # a node may not have the state of that block: ask again later
        # The receipts are asked for after the count, so ours cannot slip in between.
        return not await self.receipts(attempts)

    async def why(self, row: Row, block: str) -> SmartRetailError:
        """Why a mined transaction reverted: the same call, run again on its block."""
        try:
            await self._rpc.call("eth_call", self._call(row), block)
        except Retryable:
            raise
        except SmartRetailError as error:
            return error
        return ContractReverted("the contract refused the call when it was mined, not any more")

    async def _batch(self, method: str, params: Sequence[Sequence[Any]]) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(params), BATCH):
            calls = [(method, one) for one in params[start : start + BATCH]]
            answers += await self._rpc.batch(calls)
        return answers

    async def _final_number(self, head: int) -> int:
        if self._finality_depth is not None:
            return head - self._finality_depth
        block = await self._rpc.call("eth_getBlockByNumber", "finalized", False)
        return to_int(block["number"]) if block else 0

    def _call(self, row: Row) -> dict[str, str]:
        return {"from": to_hex(self.address), "to": to_hex(row["to"]), "data": to_hex(row["data"])}
