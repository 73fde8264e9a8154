"""A call is recorded exactly once

├── when it would fail
│  ├── it gets no nonce and a typed reason
│  └── it waits if what it builds on may still be in flight
├── when the process dies between storing and sending: the same bytes are sent
├── when the node knows it already, or its nonce is used: no error
├── when its block is orphaned, or the chain goes back behind finality: it is sent again
├── when somebody else uses its nonce: it gets another
├── when its fee is too low: it is replaced under the same nonce
└── when two processes hold the key: only one sends
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from core.chain.bindings import supply_chain
from core.chain.client import Rpc
from core.chain.sender import Sender
from core.crypto import keccak256, to_hex
from core.errors import AlreadyExists, RpcUnavailable


class DeafRpc(Rpc):
    """A connection that breaks whenever a transaction is offered."""

    async def call(self, method: str, *params: Any) -> Any:
        if method == "eth_sendRawTransaction":
            raise RpcUnavailable("cut")
        return await super().call(method, *params)


@pytest.fixture
async def deaf(chain: Any) -> AsyncIterator[Rpc]:
    async with DeafRpc(chain.rpc.url) as rpc:
        yield rpc


async def until(sender: Sender, wanted: str, key: str = "a") -> None:
    """Let the sender work until it says `wanted`; anvil mines a moment after it answers."""
    for _ in range(200):
        await sender.tick()
        if (reached := await state(sender, key)) == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{key} is {reached}, not {wanted}")


async def state(sender: Sender, key: str = "a") -> str:
    status = await sender.status(key)
    return status.state if status else "unknown"


async def test_a_call_is_recorded_then_final(chain: Any, sender: Sender) -> None:
    await sender.enqueue("a", chain.contract, chain.record(1))
    assert await state(sender) == "queued"
    await sender.tick()
    assert await state(sender) == "sent"
    await until(sender, "recorded")
    await chain.mine(5)
    await sender.tick()
    assert await state(sender) == "final"
    assert await chain.events() == [1]


async def test_the_same_key_is_sent_once(chain: Any, sender: Sender) -> None:
    await sender.enqueue("a", chain.contract, chain.record(1))
    await until(sender, "recorded")
    await sender.enqueue("a", chain.contract, chain.record(1))
    await until(sender, "recorded")
    assert await chain.events() == [1]
    with pytest.raises(AlreadyExists):
        await sender.enqueue("a", chain.contract, chain.record(2))


async def test_many_calls_go_out_in_one_round(chain: Any, sender: Sender) -> None:
    for n in range(20):
        await sender.enqueue(f"k{n}", chain.contract, chain.record(n))
    await sender.tick()
    await until(sender, "recorded", "k19")
    assert await chain.events() == [1] * 20


async def test_a_failing_call_burns_no_nonce(chain: Any, sender: Sender) -> None:
    bad = supply_chain.encode_record(keccak256(b"x"), bytes(32), 0, 99)
    await sender.enqueue("bad", chain.contract, bad)
    await sender.enqueue("good", chain.contract, chain.record(1))
    await until(sender, "recorded", "good")
    status = await sender.status("bad")
    assert status is not None
    assert (status.state, status.error_code, status.tx_hash) == ("failed", "bad_input", None)
    assert status.error == "event kind 99 cannot be recorded; kinds are 1 to 15"
    assert await chain.events() == [1]


async def test_an_expired_signature_is_named(chain: Any, sender: Sender) -> None:
    late = supply_chain.Record(sender.address, keccak256(b"1"), bytes(32), bytes(32), 0, 1, 1)
    await sender.enqueue("a", chain.contract, supply_chain.encode_record_signed(late, bytes(65)))
    await sender.tick()
    status = await sender.status("a")
    assert status is not None
    assert (status.state, status.error_code) == ("failed", "expired")


async def test_a_call_may_wait_for_what_it_builds_on(chain: Any, sender: Sender) -> None:
    await chain.rpc.call("evm_setAutomine", False)
    await sender.enqueue("first", chain.contract, chain.record(1))
    await sender.enqueue("second", chain.contract, chain.record(1))
    await sender.tick()
    await chain.mine()
    await sender.tick()
    await chain.mine()
    assert await chain.events() == [1, 2]


async def test_stored_but_unsent_is_sent_after_a_restart(
    chain: Any, deaf: Rpc, another: Callable[..., Sender]
) -> None:
    dying = another(deaf)
    await dying.enqueue("a", chain.contract, chain.record(1))
    with pytest.raises(RpcUnavailable):
        await dying.tick()
    assert await chain.events() == []
    await release(dying)
    reborn = another()
    await until(reborn, "recorded")
    assert await chain.events() == [1]


async def test_sending_again_is_no_error(
    chain: Any, sender: Sender, another: Callable[..., Sender]
) -> None:
    await chain.rpc.call("evm_setAutomine", False)
    await sender.enqueue("a", chain.contract, chain.record(1))
    await sender.tick()
    await release(sender)
    reborn = another()
    await reborn.tick()  # the node answers "already imported"
    await chain.mine()
    await until(reborn, "recorded")
    assert await chain.events() == [1]


async def test_an_orphaned_transaction_is_sent_again(chain: Any, sender: Sender) -> None:
    await sender.enqueue("a", chain.contract, chain.record(1))
    await until(sender, "recorded")
    await chain.rpc.call("anvil_reorg", 1, [])
    assert await chain.events() == []
    await until(sender, "recorded")
    assert await chain.events() == [1]


async def test_a_chain_that_goes_back_behind_finality_gets_it_again(
    chain: Any, sender: Sender
) -> None:
    before = await chain.rpc.call("evm_snapshot")
    await sender.enqueue("a", chain.contract, chain.record(1))
    await until(sender, "recorded")
    await chain.mine(5)
    await until(sender, "final")
    await chain.rpc.call("evm_revert", before)
    assert await chain.events() == []
    await until(sender, "recorded")
    assert await chain.events() == [1]


async def test_a_foreign_transaction_took_the_nonce(
    chain: Any, deaf: Rpc, another: Callable[..., Sender]
) -> None:
    dying = another(deaf)
    await dying.enqueue("a", chain.contract, chain.record(1))
    with pytest.raises(RpcUnavailable):
        await dying.tick()
    await release(dying)
    foreign = {"from": to_hex(dying.address), "to": to_hex(dying.address), "value": "0x1"}
    await chain.rpc.call("eth_sendTransaction", foreign)
    sender = another()
    await sender.tick()
    assert await state(sender) == "sent"  # the foreign block is not final: ours may still win
    await chain.mine(5)
    await until(sender, "recorded")
    assert await chain.events() == [1]


async def test_a_stuck_transaction_is_replaced(chain: Any, another: Callable[..., Sender]) -> None:
    sender = another(stuck_after_ms=-1)
    await chain.rpc.call("evm_setAutomine", False)
    await sender.enqueue("a", chain.contract, chain.record(1))
    await sender.tick()
    first = await sender.status("a")
    await sender.tick()
    second = await sender.status("a")
    assert first is not None
    assert second is not None
    assert first.tx_hash != second.tx_hash
    await chain.rpc.call("evm_setAutomine", True)
    await chain.mine()
    await until(sender, "recorded")
    assert await chain.events() == [1]


async def test_only_the_holder_of_the_lease_sends(
    chain: Any, sender: Sender, another: Callable[..., Sender]
) -> None:
    await sender.tick()
    other = another()
    await other.enqueue("a", chain.contract, chain.record(1))
    await other.tick()
    assert await state(other) == "queued"
    await sender.tick()
    assert await state(other) == "sent"
    await release(sender)
    await until(other, "recorded")


async def test_a_missing_contract_holds_up_nobody_else(chain: Any, sender: Sender) -> None:
    await sender.enqueue("nowhere", bytes([7] * 20), chain.record(1))
    await sender.enqueue("a", chain.contract, chain.record(1))
    await until(sender, "recorded")
    assert await state(sender, "nowhere") == "queued"


async def test_a_contract_that_vanished_is_no_success(chain: Any, sender: Sender) -> None:
    await chain.rpc.call("evm_setAutomine", False)
    await sender.enqueue("a", chain.contract, chain.record(1))
    await sender.tick()
    await chain.rpc.call("anvil_setCode", to_hex(chain.contract), "0x")
    await chain.mine()
    await sender.tick()
    status = await sender.status("a")
    assert status is not None
    assert (status.state, status.error_code) == ("failed", "deployment_missing")


async def test_a_revert_on_chain_is_explained(chain: Any, sender: Sender) -> None:
    product = keccak256(b"1")
    await chain.rpc.call("evm_setAutomine", False)
    await sender.enqueue("a", chain.contract, chain.record(1))
    await sender.tick()
    other = to_hex(bytes.fromhex("70997970c51812dc3a010c7d01b50e0d17dc79c8"))
    front = supply_chain.encode_record(product, bytes(32), 0, 1)
    tip = hex(10**12)
    call = {"from": other, "to": to_hex(chain.contract), "data": to_hex(front)}
    call |= {"gas": "0x30d40", "maxFeePerGas": tip, "maxPriorityFeePerGas": tip}
    await chain.rpc.call("eth_sendTransaction", call)
    await chain.mine()
    await sender.tick()
    status = await sender.status("a")
    assert status is not None
    assert (status.state, status.error_code) == ("failed", "not_custodian")
    assert await chain.events() == [1]


async def release(sender: Sender) -> None:
    """What a clean exit does, and what the lease's end does after a kill."""
    await sender._outbox.release(sender._owner)
