"""A service's own small door for those who run it: `/health`, `/ready`, `/metrics`.

`/health` answers as long as the process does. `/ready` and `/metrics` ask the service.
"""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from core.errors import PortTaken

Ready = Callable[[], Awaitable[tuple[bool, Mapping[str, Any]]]]
"""Whether the service does its work, and a JSON object that says why or how far it is."""
Refresh = Callable[[], Awaitable[None]]
"""Brings the gauges up to date before they are read."""


@asynccontextmanager
async def running_door(
    host: str, port: int, registry: CollectorRegistry, ready: Ready, refresh: Refresh, setting: str
) -> AsyncIterator[int]:
    """Serves for the time of the block; gives the port, which the system chooses for port 0.

    Raises:
        PortTaken: another program listens there; the hint names `setting`.
    """
    runner = web.AppRunner(_app(registry, ready, refresh), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await _listen(runner, host, port, setting)
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, setting: str) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        hint = f"Stop what uses it, or set {setting} to a free port (0 = any)."
        raise PortTaken(f"port {port} on {host} is in use", hint=hint, pointer=setting) from error


def _app(registry: CollectorRegistry, ready: Ready, refresh: Refresh) -> web.Application:
    async def health(_: web.Request) -> web.Response:
        return _json(200, {"status": "alive"})

    async def answer_ready(_: web.Request) -> web.Response:
        is_ready, told = await ready()
        return _json(200 if is_ready else 503, {"ready": is_ready, **told})

    async def metrics(_: web.Request) -> web.Response:
        await refresh()
        body = generate_latest(registry)
        return web.Response(body=body, headers={"content-type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/ready", answer_ready),
            web.get("/metrics", metrics),
        ]
    )
    return app


def _json(status: int, body: Mapping[str, Any]) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(dict(body)), content_type="application/json"
    )
