"""A transaction that anvil has left in its pool is mined after all."""

from core.chain.client import Rpc
from core.chain.keys import account
from core.config import Settings
from core.crypto import address_of
from scripts.anvil import free_port, start_anvil
from scripts.transact import transact


async def test_what_waits_in_the_pool_is_mined_by_a_nudge() -> None:
    anvil = await start_anvil(free_port())
    try:
        async with Rpc(anvil.url) as rpc:
            await rpc.call("evm_setAutomine", False)
            receipt = await transact(rpc, account(Settings(), 1), address_of(b"\1" * 32), b"", 1)
        assert receipt["status"] == "0x1"
    finally:
        await anvil.stop()
