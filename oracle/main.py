"""The oracle service: gateway, batches, workers, forecasts and the sender of their transactions."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final, Protocol

import structlog

from core.chain import keys
from core.chain.client import Rpc
from core.chain.deployments import Deployment, load
from core.chain.sender import Sender
from core.config import Settings
from core.crypto.structs import reading_domain, sensor_oracle_domain
from core.db.engine import open_database
from core.errors import DeploymentMissing
from core.ipfs.client import Ipfs
from oracle.batch import Batcher
from oracle.config import ConfigReader
from oracle.forecasts import Forecasts
from oracle.gateway import Gateway
from oracle.link import Link
from oracle.submit import Submitter
from oracle.worker import Worker

LOOK_AGAIN_S: Final = 1.0
_log = structlog.get_logger(__name__)


class Part(Protocol):
    """What a task runs."""

    async def run(self) -> None: ...


async def run(settings: Settings) -> None:
    """Serve until cancelled; each part stops and starts where SQL says it was.

    Raises:
        DatabaseUnavailable, BadConfig: it cannot start.
    """
    deployment = await _deployment(settings)
    async with AsyncExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        rpc = await stack.enter_async_context(Rpc(settings.chain.rpc_url))
        ipfs = await stack.enter_async_context(Ipfs.from_settings(settings))
        contract, chain = deployment.sensor_oracle, settings.chain
        readings = reading_domain(chain.chain_id, contract)
        reports = sensor_oracle_domain(chain.chain_id, contract)
        key = keys.oracle(settings)
        sender = Sender(
            rpc,
            database,
            key,
            chain_id=chain.chain_id,
            finality_depth=chain.finality_depth,
            poll_interval_s=chain.poll_interval_s,
        )
        config = ConfigReader(rpc, deployment)
        parts: list[Part] = [
            sender,
            Gateway(Link(settings.mqtt), database, readings, key, settings.oracle.clock_skew_s),
            Batcher(database, settings.oracle, readings),
            Submitter(database, config, ipfs, sender, contract, reports),
            Forecasts(database, rpc, sender, deployment.forecast_ledger),
            *(
                Worker(database, config, settings, contract, worker)
                for worker in keys.workers(settings)
            ),
        ]
        async with asyncio.TaskGroup() as tasks:
            for part in parts:
                tasks.create_task(part.run(), name=type(part).__name__)


async def _deployment(settings: Settings) -> Deployment:
    """The deployment, waited for: the service may start before the contracts are there."""
    while True:
        try:
            return load(settings)
        except DeploymentMissing as error:
            _log.warning("oracle_waits", code=error.code, reason=error.message)
            await asyncio.sleep(LOOK_AGAIN_S)
