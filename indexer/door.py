"""The indexer's own door: `/health`, `/ready` and `/metrics`, open before anything else is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from core.chain.client import Rpc, shown
from core.config import Settings
from core.telemetry.server import running_door
from indexer.metrics import Metrics
from indexer.standing import Standing

log = structlog.get_logger()

ASK_S = 2.0
"""How long a look at the node's head may take."""


@asynccontextmanager
async def open_door(settings: Settings, metrics: Metrics) -> AsyncIterator[Standing]:
    """Serves for the time of the block. Raises PortTaken."""
    url, own = settings.chain.rpc_url, settings.indexer
    async with Rpc(url, timeout_s=ASK_S, observe=metrics.observer(shown(url))) as rpc:
        standing = Standing(own, metrics, rpc)
        async with running_door(
            *(own.host, own.port, metrics.registry, standing.ready, standing.refresh),
            setting="SR360_INDEXER__PORT",
        ) as port:
            log.info("metrics", url=f"http://{own.host}:{port}/metrics")
            yield standing
