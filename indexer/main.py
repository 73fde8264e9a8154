"""The indexer: keeps schema `chain` equal to what the contracts logged and IPFS holds."""

import asyncio
from typing import Final

import structlog

from core.chain import deployments
from core.chain.client import Rpc, shown, to_int
from core.config import Settings
from core.crypto import to_hash
from core.db import Database, Writes, open_database
from core.db.engine import in_thread
from core.errors import BadConfig, Retryable, SourceLied
from core.ipfs.client import Ipfs
from core.types import BlockHash
from indexer.documents import Documents
from indexer.fetch import Fetcher, to_block
from indexer.lock import only_writer
from indexer.model import Reorg, Tip
from indexer.registry import Registry, registry_of
from indexer.source import Chunk, Source
from indexer.store import SecondWriter, Store
from indexer.wake import Wake

log = structlog.get_logger()

FIRST_DELAY_S: Final = 0.2
LAST_DELAY_S: Final = 10.0


async def run(settings: Settings) -> None:
    """Mirror the chain until cancelled.

    A node or database that is down is waited for; a node that lies is refused and asked again.

    Raises:
        DeploymentMissing, BadConfig: there is nothing to mirror, or the node is on another chain.
        OtherChain: the database holds another chain.
    """
    registry = registry_of(deployments.load(settings))
    database = await in_thread(open_database, settings, Writes.CHAIN)
    try:
        async with only_writer(settings, database):
            await _mirror(settings, registry, database)
    finally:
        database.close()


async def _mirror(settings: Settings, registry: Registry, database: Database) -> None:
    wake = Wake(settings.chain.rpc_url)
    async with Rpc(settings.chain.rpc_url) as rpc, Ipfs.from_settings(settings) as ipfs:
        documents = Documents(database, ipfs, registry)
        follower = Follower(settings, registry, database, rpc, wake, documents)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(wake.listen())
                tasks.create_task(documents.run())
                tasks.create_task(follower.run())
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


class Follower:
    """The first stage: from the chain to SQL."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        database: Database,
        rpc: Rpc,
        wake: Wake,
        documents: Documents,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._rpc = rpc
        self._wake = wake
        self._documents = documents
        self._store = Store(database, registry)
        self._fetcher = Fetcher(rpc, registry.addresses)

    async def run(self) -> None:
        """Follow for ever, waiting longer after each failure in a row."""
        delay = FIRST_DELAY_S
        while True:
            before = await self._tip()
            try:
                await self._follow()
            except (Retryable, SecondWriter) as error:
                log.warning("waiting", code=error.code, reason=error.message, hint=error.hint)
            except SourceLied as error:
                log.error(
                    "source refused, nothing written",
                    code=error.code,
                    reason=error.message,
                    hint=error.hint,
                )
            delay = FIRST_DELAY_S if await self._tip() != before else min(delay * 2, LAST_DELAY_S)
            await asyncio.sleep(delay)

    async def _follow(self) -> None:
        tip = await self._start()
        source = Source(self._fetcher, self._settings.chain, self._hash_at)
        log.info("mirroring", block=tip.number, rpc=shown(self._settings.chain.rpc_url))
        async for chunk in source.stream(tip, self._wake.wait):
            tip = await self._handle(tip, chunk)

    async def _handle(self, tip: Tip, chunk: Chunk) -> Tip:
        after, applied = await in_thread(self._store.handle, tip, chunk)
        for event in chunk:
            if isinstance(event, Reorg):
                log.warning("reorganisation", back_to=event.number, depth=tip.number - event.number)
        if applied.documents:
            self._documents.ring()
        if applied.blocks:
            log.debug("applied", block=after.number, blocks=applied.blocks, rows=applied.rows)
        return after

    async def _start(self) -> Tip:
        await self._refuse_other_chain_id()
        genesis = await self._fetcher.headers(0, 1)
        base = await self._fetcher.headers(max(self._registry.start_block - 1, 0), 1)
        return await in_thread(
            self._store.start, BlockHash(to_hash(genesis[0]["hash"])), to_block(base[0])
        )

    async def _refuse_other_chain_id(self) -> None:
        actual = to_int(await self._rpc.call("eth_chainId"))
        if actual != self._registry.chain_id:
            raise BadConfig(
                f"{shown(self._settings.chain.rpc_url)} is on chain {actual}, "
                f"the deployment is on chain {self._registry.chain_id}",
                hint="Set SR360_CHAIN__RPC_URL and SR360_CHAIN__CHAIN_ID to the same chain.",
            )

    async def _tip(self) -> Tip | None:
        try:
            return await in_thread(self._store.tip)
        except Retryable:
            return None

    async def _hash_at(self, number: int) -> BlockHash | None:
        return await in_thread(self._store.hash_at, number)
