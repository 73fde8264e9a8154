"""Sends calls from one key and waits for their receipts: for deployment, benchmarks and tests.

Services use core.chain.sender instead, which survives being killed.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any, Final

from eth_account import Account

from core.chain.client import Rpc, RpcFailed, to_bytes, to_int
from core.crypto import address_of, keccak256, to_hex
from core.errors import ContractReverted, RpcUnavailable

GWEI: Final = 10**9
WAIT_S: Final = 60.0
NUDGE_S: Final = 5.0
"""Long for a chain that mines on demand, short for any other."""
Call = tuple[bytes, bytes]
"""(to, data)"""
Receipt = dict[str, Any]


async def transact(rpc: Rpc, private_key: bytes, to: bytes, data: bytes, value: int = 0) -> Receipt:
    """The receipt of one call, with `value` wei. Raises as `transact_all` does."""
    return (await transact_all(rpc, private_key, [(to, data)], value))[0]


async def transact_all(
    rpc: Rpc, private_key: bytes, calls: Sequence[Call], value: int = 0
) -> list[Receipt]:
    """Receipts of independent calls, sent together with consecutive nonces and `value` wei each.

    Raises:
        SmartRetailError: a call would revert (its typed error), before anything is sent.
        ContractReverted: a call reverted when it was mined.
        RpcUnavailable: the node did not answer, or no block took the calls in time.
    """
    sender = to_hex(address_of(private_key))
    asked = [
        {"from": sender, "to": to_hex(to), "data": to_hex(data), "value": hex(value)}
        for to, data in calls
    ]
    gas = await rpc.batch([("eth_estimateGas", (call,)) for call in asked])
    nonce, chain_id, price = await rpc.batch(
        [
            ("eth_getTransactionCount", (sender, "pending")),
            ("eth_chainId", ()),
            ("eth_gasPrice", ()),
        ]
    )
    sent = []
    for offset, ((to, data), estimate) in enumerate(zip(calls, gas, strict=True)):
        fields = {
            "type": 2,
            "chainId": to_int(chain_id),
            "nonce": to_int(nonce) + offset,
            "to": to,
            "value": value,
            "data": data,
            # The state may have moved between the estimate and the block.
            "gas": to_int(estimate) * 5 // 4,
            "maxFeePerGas": 2 * to_int(price) + GWEI,
            "maxPriorityFeePerGas": GWEI,
        }
        raw = Account.sign_transaction(fields, private_key).raw_transaction
        sent.append(to_hex(bytes(raw)))
        await rpc.call("eth_sendRawTransaction", sent[-1])
    return await receipts(rpc, sender, sent)


async def receipts(rpc: Rpc, sender: str, sent: Sequence[str]) -> list[Receipt]:
    """Receipts of signed transactions of one account, in the order of their nonces, that the node
    was given. Raises as `transact_all`."""
    return [await _receipt(rpc, sender, sent[index:]) for index in range(len(sent))]


async def _receipt(rpc: Rpc, sender: str, waiting: Sequence[str]) -> Receipt:
    """Of the first that waits."""
    tx_hash = to_hex(keccak256(to_bytes(waiting[0])))
    deadline = time.monotonic() + WAIT_S
    nudge_at = time.monotonic() + NUDGE_S
    while time.monotonic() < deadline:
        receipt: Receipt | None = await rpc.call("eth_getTransactionReceipt", tx_hash)
        if receipt is not None and receipt.get("blockNumber"):
            if to_int(receipt["status"]) != 1:
                raise ContractReverted(f"{tx_hash} reverted in block {receipt['blockNumber']}")
            return receipt
        if time.monotonic() > nudge_at:
            nudge_at += NUDGE_S
            await _nudge(rpc, sender, tx_hash, waiting)
        await asyncio.sleep(0.05)
    raise RpcUnavailable(f"no block took {tx_hash} within {WAIT_S:.0f} s")


async def _nudge(rpc: Rpc, sender: str, tx_hash: str, waiting: Sequence[str]) -> None:
    """Mine what an anvil that mines on demand has overlooked; other nodes refuse, which is right.

    Once in some thousand transactions it leaves one in its pool until the next block. Once in some
    ten thousand, one that came while its predecessor was mined waits for that one for ever: only
    what comes anew is compared with the account.
    """
    with contextlib.suppress(RpcFailed):
        await rpc.call("evm_mine")
        if await rpc.call("eth_getTransactionReceipt", tx_hash) is None:
            await rpc.call("anvil_removePoolTransactions", sender)
            for raw in waiting:
                with contextlib.suppress(RpcFailed):
                    await rpc.call("eth_sendRawTransaction", raw)
