"""Small questions to a running service: is the port free, does it answer?"""

import asyncio
import contextlib
import errno
import socket

import aiohttp

from core.errors import PortTaken


async def http_ok(url: str, *, method: str = "GET", json: object = None) -> bool:
    """True when the URL answers with a status below 400."""
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, json=json) as response,
        ):
            return response.status < 400
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def told(url: str, *names: str) -> tuple[object, ...] | None:
    """These members of the JSON object a URL answers with, whatever the status; None if none is
    there."""
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url) as response,
        ):
            said = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    found = tuple(said.get(name) for name in names) if isinstance(said, dict) else ()
    return found if any(one is not None for one in found) else None


async def rpc_ok(url: str) -> bool:
    """True when a JSON-RPC endpoint answers `eth_chainId`."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    return await http_ok(url, method="POST", json=call)


async def tcp_ok(host: str, port: int) -> bool:
    """True when something accepts a connection."""
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def require_free_port(host: str, port: int, *, service: str, setting: str) -> None:
    """Raise `PortTaken` when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise PortTaken(
                f"Port {port} on {host} is taken; {service} cannot start.",
                hint=f"Stop the other program, or choose another port: {setting}=… "
                "(`sr360 up --port-base N` moves all of them).",
                pointer=setting,
            ) from error


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
