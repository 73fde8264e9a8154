"""The embedded chain: anvil from npm, with a state that survives `kill -9`.

anvil rewrites its own state file in place, so a kill in that moment leaves half a file. Here a
keeper mines instead: the chain is written to disk (new file, fsync, rename) before the next block
is made. A block is final six blocks later, hence always on disk before anyone calls it final, and
a reorganisation of five undoes nothing final. No block is made while nothing waits for one, so an
idle chain does not grow.

`python -m scripts.anvil --port 8545 --state FILE` runs both in the foreground.
"""

import argparse
import asyncio
import contextlib
import ctypes
import gzip
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.chain.client import Rpc, to_bytes, to_int
from core.errors import Operator, PortTaken, RpcUnavailable
from scripts import anvil_state
from scripts.tools import tool_path

CHAIN_ID: Final = 31337
ACCOUNTS: Final = 12
"""Funded accounts of the mnemonic: all that `core.chain.keys` names."""
START_TIMEOUT_S: Final = 30.0
BLOCK_TIME_S: Final = 0.3
POLL_S: Final = 0.1
EPOCH_SLOTS: Final = 3
FINAL_AFTER: Final = 2 * EPOCH_SLOTS
"""anvil finalizes two epochs behind the head."""
_PR_SET_PDEATHSIG: Final = 1


class ChainExited(Operator):
    """anvil ended when nobody asked it to."""

    code = "chain_exited"


def anvil_path() -> Path:
    """The anvil program. Raises MissingTool."""
    return tool_path("anvil")


def command(*, port: int, state_file: Path | None = None) -> list[str]:
    """The command line of anvil with its keeper, as one process that may be killed at any time."""
    words = [sys.executable, "-m", "scripts.anvil", "--port", str(port)]
    return words + (["--state", str(state_file)] if state_file else [])


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Anvil:
    """A running anvil."""

    url: str
    process: asyncio.subprocess.Process

    async def stop(self) -> None:
        """End the process and wait until it is gone."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        await self.process.wait()


async def start_anvil(
    port: int,
    state_file: Path | None = None,
    *,
    automine: bool = True,
    epoch_slots: int = 1,
    options: Sequence[str] = (),
    timeout_s: float = START_TIMEOUT_S,
) -> Anvil:
    """Start anvil on a port and wait until it answers; a state file is loaded, not written.

    Raises:
        MissingTool: anvil is not installed.
        PortTaken: another program listens there.
        ChainExited: it ended at once, e.g. because of a broken state file.
    """
    _require_free(port)
    words = ["--port", str(port), "--chain-id", str(CHAIN_ID), "--accounts", str(ACCOUNTS)]
    words += ["--slots-in-an-epoch", str(epoch_slots)]
    words += ["--enable-tx-gas-limit", "--silent", *options]
    words += [] if automine else ["--no-mining"]
    words += await asyncio.to_thread(_load_words, state_file)
    process = await asyncio.create_subprocess_exec(
        str(anvil_path()), *words, stdin=asyncio.subprocess.DEVNULL, preexec_fn=_die_with_parent
    )
    anvil = Anvil(f"http://127.0.0.1:{port}", process)
    try:
        await _wait_ready(anvil, timeout_s)
    except BaseException:
        await anvil.stop()
        raise
    return anvil


async def save_state(rpc: Rpc, state_file: Path) -> None:
    """Write the whole chain to a file, in one step that a crash cannot halve."""
    state = gzip.decompress(to_bytes(await rpc.call("anvil_dumpState")))
    await asyncio.to_thread(anvil_state.replace, state_file, state)


async def keep(rpc: Rpc, state_file: Path | None, *, block_time_s: float = BLOCK_TIME_S) -> None:
    """Mine while something waits to be recorded or final; each block only when its parent is safe
    on disk. Runs until cancelled."""
    saved = ""
    # State is kept for the blocks of this run only: readers ask at the finalized one.
    unreadable = await _finality_lag(rpc)
    while True:
        began = time.monotonic()
        block = await rpc.call("eth_getBlockByNumber", "latest", False)
        if state_file is not None and block["hash"] != saved:
            await save_state(rpc, state_file)
            saved = block["hash"]
        if unreadable > 0 or await _has_work(rpc):
            unreadable -= 1
            await asyncio.sleep(max(0.0, block_time_s - (time.monotonic() - began)))
            await rpc.call("evm_mine")
        else:
            await asyncio.sleep(POLL_S)


async def serve(port: int, state_file: Path | None, block_time_s: float = BLOCK_TIME_S) -> None:
    """anvil and its keeper until cancelled, the last state saved on the way out.

    Raises:
        ChainExited: anvil ended by itself.
    """
    anvil = await start_anvil(port, state_file, automine=False, epoch_slots=EPOCH_SLOTS)
    async with Rpc(anvil.url, timeout_s=60) as rpc:
        keeper = asyncio.create_task(keep(rpc, state_file, block_time_s=block_time_s))
        ended = asyncio.create_task(anvil.process.wait())
        try:
            await asyncio.wait({keeper, ended}, return_when=asyncio.FIRST_COMPLETED)
            raise ChainExited(f"the chain on port {port} ended: {_reason(keeper, anvil)}")
        finally:
            keeper.cancel()
            ended.cancel()
            await asyncio.gather(keeper, ended, return_exceptions=True)
            if state_file is not None:
                with contextlib.suppress(RpcUnavailable):
                    await save_state(rpc, state_file)
            await anvil.stop()


def _require_free(port: int) -> None:
    """Another chain's answer must never be taken for our own."""
    with socket.socket() as probe:
        # A port that only lingers in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} is in use",
                hint="Stop what listens there, or set SR360_CHAIN__RPC_URL.",
            ) from error


def _load_words(state_file: Path | None) -> list[str]:
    if state_file is None or not state_file.exists():
        return []
    anvil_state.drop_foreign_geneses(state_file)
    return ["--load-state", str(state_file)]


async def _finality_lag(rpc: Rpc) -> int:
    """Blocks to mine until the finalized block is one whose state this run has."""
    return FINAL_AFTER + 1 if to_int(await rpc.call("eth_blockNumber")) > 0 else 0


async def _has_work(rpc: Rpc) -> bool:
    """Whether a transaction waits for a block, or a block with transactions for finality."""
    latest = to_int(await rpc.call("eth_blockNumber"))
    numbers = range(max(0, latest - FINAL_AFTER + 1), latest + 1)
    pool, *unfinal = await rpc.batch(
        [
            ("txpool_status", ()),
            *(("eth_getBlockByNumber", (hex(number), False)) for number in numbers),
        ]
    )
    return to_int(pool["pending"]) > 0 or any(b and b["transactions"] for b in unfinal)


async def _wait_ready(anvil: Anvil, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    async with Rpc(anvil.url, timeout_s=2) as rpc:
        while time.monotonic() < deadline and anvil.process.returncode is None:
            with contextlib.suppress(RpcUnavailable):
                await rpc.call("eth_chainId")
                return
            await asyncio.sleep(0.02)
    raise ChainExited(f"anvil did not come up at {anvil.url}", hint="Is the state file broken?")


def _reason(keeper: "asyncio.Task[None]", anvil: Anvil) -> str:
    if keeper.done() and (error := keeper.exception()):
        return str(error)
    return f"anvil's exit status is {anvil.process.returncode}"


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def _until_signalled(port: int, state_file: Path | None, block_time_s: float) -> None:
    task = asyncio.create_task(serve(port, state_file, block_time_s))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> int:
    """Run the chain in the foreground; 0 when asked to stop, 1 when it ended by itself."""
    parser = argparse.ArgumentParser(description="anvil with a state that survives kill -9")
    parser.add_argument("--port", type=int, default=8545)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--block-time", type=float, default=BLOCK_TIME_S, help="seconds")
    given = parser.parse_args()
    try:
        asyncio.run(_until_signalled(given.port, given.state, given.block_time))
    except Operator as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
