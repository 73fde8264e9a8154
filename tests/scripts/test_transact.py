"""Sending to an anvil that mines on demand, where now and then a transaction is left behind."""

import pytest
from eth_account import Account

from core.chain import keys
from core.chain.client import Rpc
from core.config import Settings
from core.crypto import address_of, to_hex
from scripts import transact
from scripts.anvil import free_port, start_anvil

GWEI = 10**9


async def test_what_waits_for_a_predecessor_that_is_there_is_mined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transact, "NUDGE_S", 0.2)
    monkeypatch.setattr(transact, "WAIT_S", 5.0)
    key = keys.account(Settings(), 0)
    sender = to_hex(address_of(key))
    anvil = await start_anvil(free_port())
    try:
        async with Rpc(anvil.url) as rpc:
            second = _signed(key, nonce=1)
            await rpc.call("eth_sendRawTransaction", second)
            await rpc.call("anvil_setNonce", sender, "0x1")
            # As anvil leaves it: the account is there, the pool believes it is not.
            await rpc.call("evm_mine")
            third = _signed(key, nonce=2)
            await rpc.call("eth_sendRawTransaction", third)
            assert (await rpc.call("txpool_status"))["queued"] == "0x2"
            receipts = await transact.receipts(rpc, sender, [second, third])
            assert [receipt["status"] for receipt in receipts] == ["0x1", "0x1"]
    finally:
        await anvil.stop()


def _signed(key: bytes, nonce: int) -> str:
    fields = {
        "type": 2,
        "chainId": 31337,
        "nonce": nonce,
        "to": address_of(key),
        "value": 0,
        "gas": 21_000,
        "maxFeePerGas": 3 * GWEI,
        "maxPriorityFeePerGas": GWEI,
    }
    return to_hex(bytes(Account.sign_transaction(fields, key).raw_transaction))
