"""The chain that everybody indexes: built once, kept under .build/bench, served by anvil."""

import argparse
import asyncio
import contextlib
import json
import shutil
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.indexer import story
from benchmarks.indexer.arguments import count
from core.chain.bindings import supply_chain as bindings
from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Deployment, read
from core.chain.keys import account, deployer
from core.config import Settings
from core.crypto import address_of, keccak256, to_hex
from core.errors import Operator
from scripts.anvil import CHAIN_ID, Anvil, free_port, save_state, start_anvil
from scripts.deploy import deploy_to, plan
from scripts.signals import stop_signal
from scripts.tools import ROOT

FOLDER: Final = ROOT / ".build/bench"
GENESIS_S: Final = 1_767_225_600
"""2026-01-01: a chain that tells the same time whenever it is built."""
CALL_GAS: Final = 150_000
WORD_GAS: Final = 55_000
"""A word of call data is a product at most, and its first entry costs 48,274."""
CHECKED_RANGE: Final = 250
LOAD_TIMEOUT_S: Final = 180.0
"""370 MB of JSON take anvil 20 s on a quiet machine."""
LEAD: Final = 40
"""Empty blocks on top after loading, for two reasons. anvil forgets states but those of this run,
and an auditor asks for proofs at the finalized block, two behind the head. And Ponder leaves the
last 30 blocks of a chain that does not move unread, so none of the load may lie there."""


class ChainDiffers(Operator):
    """The chain holds other logs than the story tells."""

    code = "bench_chain_differs"


@dataclass(frozen=True)
class Chain:
    """A built chain on disk."""

    folder: Path
    deployment: Deployment
    first: int
    """The first block of the load; earlier ones set up the contracts."""
    last: int
    """The last block of the load."""

    @property
    def logs(self) -> int:
        """Logs of SupplyChain."""
        return (self.last - self.first + 1) * story.LOGS_A_BLOCK

    @property
    def head(self) -> int:
        """The last block once it is served."""
        return self.last + LEAD

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"


@contextlib.asynccontextmanager
async def served(chain: Chain, port: int | None = None) -> AsyncIterator[Anvil]:
    """anvil with the chain loaded; it mines only when asked to."""
    anvil = await _start(port, chain.state_file)
    try:
        async with Rpc(anvil.url, timeout_s=60) as rpc:
            # A loaded anvil tells the time from its own genesis on, which is before the load.
            last = await rpc.call("eth_getBlockByNumber", "latest", False)
            await rpc.call(
                "evm_setNextBlockTimestamp", to_int(last["timestamp"]) + story.BLOCK_TIME_S
            )
            await rpc.call("anvil_setBlockTimestampInterval", story.BLOCK_TIME_S)
            await rpc.call("anvil_mine", hex(LEAD))
        yield anvil
    finally:
        await anvil.stop()


async def built(blocks: int, say: Callable[[str], None]) -> Chain:
    """The chain with so many loaded blocks, from disk if it is there."""
    folder = FOLDER / f"chain-{blocks}-{_version()}"
    if not (folder / "chain.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        await _build(blocks, folder, say)
    return opened(folder)


def opened(folder: Path) -> Chain:
    """A chain that was built before."""
    told = json.loads((folder / "chain.json").read_text())
    deployment = read(folder / f"deployments/{CHAIN_ID}.json", CHAIN_ID)
    return Chain(folder, deployment, told["first"], told["last"])


def _version() -> str:
    """Changes with the contracts and with the story."""
    code = [creation.init_code for creation in plan(address_of(deployer(Settings())))]
    heads: story.Heads = defaultdict(lambda: bytes(32))
    parties = _parties()
    for number in range(story.STEPS * story.ROUNDS):
        calls = story.calls(story.Scene(number, GENESIS_S, parties, heads))
        code += [who.encode() + data for who, data in calls]
    return keccak256(b"".join(code)).hex()[:12]


async def _build(blocks: int, folder: Path, say: Callable[[str], None]) -> None:
    anvil = await _start(None, None)
    try:
        async with Rpc(anvil.url, timeout_s=120) as rpc:
            await rpc.call("anvil_setBlockTimestampInterval", story.BLOCK_TIME_S)
            await rpc.call("evm_setAutomine", True)
            deployment = await deploy_to(anvil.url, deployer(Settings()), folder / "deployments")
            await rpc.call("evm_setAutomine", False)
            first = to_int(await rpc.call("eth_blockNumber")) + 1
            await _play(rpc, deployment, blocks, say)
            chain = Chain(folder, deployment, first, first + blocks - 1)
            await _check(rpc, chain)
            say(f"saving {chain.logs:,} logs")
            await save_state(rpc, chain.state_file)
    finally:
        await anvil.stop()
    # Last, so that half a chain is never taken for a whole one.
    told = {"first": chain.first, "last": chain.last}
    (folder / "chain.json").write_text(json.dumps(told))


async def _start(port: int | None, state_file: Path | None) -> Anvil:
    options = ("--timestamp", str(GENESIS_S), "--order", "fifo", "--prune-history", "128")
    return await start_anvil(
        port or free_port(),
        state_file,
        automine=False,
        options=options,
        timeout_s=LOAD_TIMEOUT_S,
    )


async def _play(rpc: Rpc, deployment: Deployment, blocks: int, say: Callable[[str], None]) -> None:
    parties = _parties()
    target = to_hex(deployment.supply_chain)
    time_s = to_int((await rpc.call("eth_getBlockByNumber", "latest", False))["timestamp"])
    heads: story.Heads = {}
    said = time.monotonic()
    for number in range(blocks):
        time_s += story.BLOCK_TIME_S
        scene = story.Scene(number, time_s, parties, heads)
        if story.needs_heads(scene):
            heads = await _heads(rpc, target, scene.lots)
            scene = replace(scene, heads=heads)
        await _mine(rpc, target, parties, story.calls(scene))
        if time.monotonic() - said > 2:
            said = time.monotonic()
            say(f"building the chain: block {number + 1:,} of {blocks:,}")


def _parties() -> dict[str, bytes]:
    """Accounts that anvil signs for."""
    return {
        name: bytes(address_of(account(Settings(), index)))
        for index, name in enumerate((story.FARM, story.CARRIER), 1)
    }


async def _mine(rpc: Rpc, target: str, parties: dict[str, bytes], calls: list[story.Call]) -> None:
    sent = [
        {"from": to_hex(parties[who]), "to": target, "data": to_hex(data), "gas": _gas(data)}
        for who, data in calls
    ]
    await rpc.batch([("eth_sendTransaction", (call,)) for call in sent])
    await rpc.call("evm_mine")


def _gas(data: bytes) -> str:
    return hex(CALL_GAS + WORD_GAS * (len(data) // 32))


async def _heads(rpc: Rpc, target: str, lots: list[bytes]) -> dict[bytes, bytes]:
    asked = [{"to": target, "data": to_hex(bindings.encode_head(lot))} for lot in lots]
    found = await rpc.batch([("eth_call", (call, "latest")) for call in asked])
    return dict(zip(lots, map(to_bytes, found), strict=True))


async def _check(rpc: Rpc, chain: Chain) -> None:
    """Every block holds its 100 logs. Raises ChainDiffers."""
    address = to_hex(chain.deployment.supply_chain)
    for first in range(chain.first, chain.last + 1, CHECKED_RANGE):
        last = min(first + CHECKED_RANGE - 1, chain.last)
        query = {"address": address, "fromBlock": hex(first), "toBlock": hex(last)}
        found = len(await rpc.call("eth_getLogs", query))
        wanted = (last - first + 1) * story.LOGS_A_BLOCK
        if found != wanted:
            raise ChainDiffers(f"blocks {first} to {last} hold {found} logs, not {wanted}")


async def _serve(folder: Path, port: int | None) -> None:
    chain = opened(folder)
    async with served(chain, port) as anvil:
        print(f"{anvil.url} holds {chain.logs:,} logs in blocks {chain.first} to {chain.last}")
        print(f"deployment: {folder}/deployments/{CHAIN_ID}.json", flush=True)
        await stop_signal()


def main() -> None:
    """`build BLOCKS` prints the chain's folder; `serve FOLDER` keeps anvil up until ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build a chain, if it is not there yet")
    build.add_argument("blocks", type=count)
    serve = commands.add_parser("serve", help="serve a chain that was built")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--port", type=int)
    given = parser.parse_args()
    if given.command == "build":
        print(asyncio.run(built(given.blocks, print)).folder)
    else:
        asyncio.run(_serve(given.folder, given.port))


if __name__ == "__main__":
    main()
