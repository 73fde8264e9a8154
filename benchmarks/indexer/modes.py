"""Which receipts to ask for: with the headers, or where the bloom hits? By hit share and distance.

`python benchmarks/indexer/modes.py` builds chains of 256 blocks of which every n-th holds a log of
ours, and reads each in both modes, near (loopback) and far (every request waits 50 ms first). CPU
seconds are this process's; the bytes are JSON.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from core.chain.bindings.supply_chain import encode_record
from core.chain.client import Answers, Call, Rpc, to_int
from core.chain.keys import account, deployer
from core.config import ReceiptMode, Settings
from core.crypto import address_of, keccak256, to_hex
from core.types import Address
from indexer.fetch import Fetcher
from indexer.registry import registry_of
from scripts.anvil import free_port, start_anvil
from scripts.deploy import deploy_to

BLOCKS = 256
RANGE = 32
OTHERS = 4
"""Transactions of strangers in a block, each with a receipt."""


class Far(Rpc):
    """A connection with a delay before each request."""

    delay_s = 0.0
    bytes = 0
    requests = 0

    async def batch(self, calls: Sequence[Call]) -> Answers:
        await asyncio.sleep(self.delay_s)
        answers = await super().batch(calls)
        self.bytes += answers.size
        self.requests += 1
        return answers


async def main() -> None:
    print("our share  mode    delay ms  wall s  CPU s  requests   kB")
    for every in (1, 2, 4, 16):
        anvil = await start_anvil(free_port())
        with tempfile.TemporaryDirectory() as folder:
            deployment = await deploy_to(anvil.url, deployer(Settings()), Path(folder))
        async with Rpc(anvil.url) as rpc:
            first = await build(rpc, to_hex(deployment.supply_chain), every)
        for delay_s in (0.0, 0.05):
            for mode in (ReceiptMode.SPARSE, ReceiptMode.DENSE):
                await measure(
                    anvil.url, registry_of(deployment).addresses, first, mode, delay_s, every
                )
        await anvil.stop()


async def build(rpc: Rpc, contract: str, every: int) -> int:
    """The number of the first of BLOCKS blocks."""
    ours, stranger = (to_hex(address_of(account(Settings(), who))) for who in (1, 2))
    await rpc.call("evm_setAutomine", False)
    for who in (ours, stranger):
        await rpc.call("anvil_impersonateAccount", who)
    first = to_int(await rpc.call("eth_blockNumber")) + 1
    for i in range(BLOCKS):
        for _ in range(OTHERS):
            await rpc.call(
                "eth_sendTransaction", {"from": stranger, "to": stranger, "value": "0x1"}
            )
        if i % every == 0:
            data = encode_record(keccak256(b"%d" % i), keccak256(b"d%d" % i), 1_776_000_000_000, 1)
            call = {"from": ours, "to": contract, "data": to_hex(data), "gas": hex(200_000)}
            await rpc.call("eth_sendTransaction", call)
        await rpc.call("evm_mine")
    return first


async def measure(
    url: str,
    addresses: frozenset[Address],
    first: int,
    mode: ReceiptMode,
    delay_s: float,
    every: int,
) -> None:
    async with Far(url) as rpc:
        rpc.delay_s = delay_s
        fetcher = Fetcher(rpc, addresses, mode=mode)
        logs, cpu, wall = 0, time.process_time(), time.perf_counter()
        for start in range(first, first + BLOCKS, RANGE):
            blocks, _ = await fetcher.range(start, RANGE)
            logs += sum(len(block.logs) for block in blocks)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        assert logs == -(-BLOCKS // every)
        print(
            f"{1 / every:9.0%}  {mode:6}  {delay_s * 1000:8.0f}  {wall:6.2f}  {cpu:5.3f}  "
            f"{rpc.requests:8}  {rpc.bytes / 1000:5.0f}"
        )


if __name__ == "__main__":
    asyncio.run(main())
