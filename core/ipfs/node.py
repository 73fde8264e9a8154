"""The embedded IPFS node: RPC on one port, gateway on another, blocks under the state folder."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from core.config import Settings
from core.errors import PortTaken
from core.ipfs.gateway import create_gateway
from core.ipfs.repo import Repo
from core.ipfs.rpc import create_rpc

_SHUTDOWN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Node:
    """A running node and where it listens."""

    host: str
    api_port: int
    gateway_port: int
    repo: Repo


async def run(settings: Settings) -> None:
    """Serves until cancelled; raises PortTaken or BadConfig when it cannot start."""
    ipfs = settings.ipfs
    async with running_node(
        settings.state_dir / "ipfs", ipfs.host, ipfs.api_port, ipfs.gateway_port
    ):
        await asyncio.Event().wait()


@asynccontextmanager
async def running_node(
    folder: Path, host: str = "127.0.0.1", api_port: int = 0, gateway_port: int = 0
) -> AsyncIterator[Node]:
    """A node for the time of the block; port 0 lets the system choose."""
    with Repo(folder) as repo:
        api = web.AppRunner(create_rpc(repo), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        gateway = web.AppRunner(create_gateway(repo), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        try:
            yield Node(
                host,
                await _listen(api, host, api_port, "SR360_IPFS__API_PORT"),
                await _listen(gateway, host, gateway_port, "SR360_IPFS__GATEWAY_PORT"),
                repo,
            )
        finally:
            await gateway.cleanup()
            await api.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, setting: str) -> int:
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        hint = f"Stop what uses it, or set {setting} to a free port."
        raise PortTaken(f"port {port} on {host} is in use", hint=hint) from error
    bound: int = runner.addresses[0][1]
    return bound
