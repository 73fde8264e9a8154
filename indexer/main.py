"""The indexer: keeps schema `chain` equal to what the contracts logged and IPFS holds."""

import asyncio
import contextlib
import ctypes
from dataclasses import dataclass
from typing import Any, Final

import structlog

from core.chain import deployments
from core.chain.client import shown
from core.chain.endpoints import Endpoints
from core.config import Settings
from core.crypto import to_hash, to_hex
from core.db import Database, Writes, open_database
from core.db.engine import in_thread
from core.errors import (
    BadConfig,
    DatabaseUnavailable,
    Operator,
    Retryable,
    SmartRetailError,
    SourceLied,
)
from core.garbage import collect_seldom
from core.ipfs.client import Ipfs
from core.telemetry.traces import is_on, span, tracing
from core.types import BlockHash
from indexer.documents import Documents
from indexer.door import open_door
from indexer.fetch import Fetcher, to_block
from indexer.lock import Held, LockLost, only_writer
from indexer.metrics import Metrics
from indexer.model import Block, Reorg, Tip
from indexer.progress import Tell, log_line
from indexer.proof import UnknownHeader
from indexer.receipts import UnknownReceipt
from indexer.registry import Registry, registry_of
from indexer.reindex import reindex_if_outdated, suggest_partitions
from indexer.rows import Row
from indexer.source import Chunk, Source
from indexer.standing import Standing
from indexer.store import SecondWriter, Store
from indexer.wake import Wake

log = structlog.get_logger()

COLLECT_EVERY: Final = 300_000
"""Objects more than at the last look for cycles before the next: rows are tuples and form none, and
Python's 700 cost a fifth of the time."""
OWN_PAGES_FROM: Final = 320 * 1024
"""Bytes; more than the 256 KiB that asyncio makes room for at each read of a socket: pages of their
own for each of them cost the kernel a twentieth of the time."""
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
FROM_OUTSIDE: Final = (Retryable, SecondWriter, SourceLied, UnknownHeader, UnknownReceipt)
"""What a node or another process can cause: never a reason to end."""
FIRST_DELAY_S: Final = 0.2
LAST_DELAY_S: Final = 10.0
UNKNOWN_SHOWN: Final = 8
"""Unknown logs of one chunk that get a line each; all are counted and kept."""


async def run(settings: Settings, tell: Tell = log_line) -> None:
    """Mirror the chain until cancelled; `tell` hears how far the history is read.

    A node or database that is down is waited for; a node that lies is refused and asked again, and
    so is one that tells of a fork or a transaction type this version does not know: nothing is
    written, `/ready` says why.

    Raises:
        DeploymentMissing, BadConfig: there is nothing to mirror, or the node is on another chain
            from the start.
        OtherChain: the database holds another chain, from the start or since somebody else wrote
            there, as a second indexer may while this one has lost its lock.
    """
    _keep_memory_small()
    registry = registry_of(deployments.load(settings))
    metrics = Metrics()
    async with tracing(settings, "indexer"), open_door(settings, metrics) as standing:
        await in_thread(reindex_if_outdated, settings, registry, standing.deriving)
        database = await in_thread(open_database, settings, Writes.CHAIN)
        standing.opened(database)
        seen = Seen()
        await in_thread(suggest_partitions, settings, database)
        try:
            while True:
                try:
                    async with only_writer(settings, database) as held:
                        standing.standby(waiting=False)
                        await _mirror(
                            settings, registry, database, metrics, standing, seen, held, tell
                        )
                except (LockLost, DatabaseUnavailable) as error:
                    standing.standby(waiting=True)
                    log.warning("stopped writing", code=error.code, reason=error.message)
                    await asyncio.sleep(FIRST_DELAY_S)
        finally:
            standing.closed()
            database.close()


def _keep_memory_small() -> None:
    collect_seldom(COLLECT_EVERY)
    # Once an answer was freed, glibc takes the next one from a heap that never shrinks again,
    # unless told from which size on to ask the kernel (mallopt(3)); and each thread would get such
    # a heap of its own, though only one at a time runs Python.
    with contextlib.suppress(AttributeError):  # another libc
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, OWN_PAGES_FROM)
        libc.mallopt(_M_ARENA_MAX, 1)


@dataclass
class Seen:
    """What this process has once seen belong together; it outlives the indexer's lock."""

    genesis: BlockHash | None = None
    """Of the node's chain and the database's."""


async def _mirror(
    settings: Settings,
    registry: Registry,
    database: Database,
    metrics: Metrics,
    standing: Standing,
    seen: Seen,
    held: Held,
    tell: Tell,
) -> None:
    wake = Wake(settings.chain.rpc_url, *settings.chain.rpc_urls)
    async with (
        Endpoints.of(settings.chain, metrics.observer) as rpc,
        Ipfs.from_settings(settings) as ipfs,
    ):
        documents = Documents(
            database, ipfs, registry, metrics, standing.beat, settings.indexer.document_timeout_s
        )
        follower = Follower(
            settings, registry, database, rpc, wake, documents, metrics, standing, seen, tell
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(held())
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
        rpc: Endpoints,
        wake: Wake,
        documents: Documents,
        metrics: Metrics,
        standing: Standing,
        seen: Seen,
        tell: Tell = log_line,
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._metrics = metrics
        self._standing = standing
        self._registry = registry
        self._rpc = rpc
        self._wake = wake
        self._documents = documents
        self._seen = seen
        self._genesis: BlockHash | None = None
        self._base: Block | None = None
        """The first block and the one before ours, as the node told at the start."""
        self._caught_up = False
        """Whether the head was reached since the last failure."""
        self._store = Store(database, registry)
        self._fetcher = Fetcher(
            rpc, registry.addresses, mode=settings.chain.mode, quorum=settings.chain.quorum
        )

    async def run(self) -> None:
        """Follow for ever, waiting longer after each failure in a row: one that came after nothing
        new was read, nor the head reached."""
        delay = FIRST_DELAY_S
        while True:
            before, self._caught_up = await self._tip(), False
            try:
                await self._follow()
            except FROM_OUTSIDE as error:
                self._stopped(error)
            except BadConfig as error:
                if self._seen.genesis is None:
                    raise  # settings to be put right; later it is a node that says something new
                self._stopped(error)
            worked = self._caught_up or await self._tip() != before
            delay = FIRST_DELAY_S if worked else min(delay * 2, LAST_DELAY_S)
            await asyncio.sleep(delay)

    def _stopped(self, error: SmartRetailError) -> None:
        told = {"code": error.code, "reason": error.message, "hint": error.hint}
        if not isinstance(error, Retryable):
            self._genesis = self._base = None
        if isinstance(error, Operator):
            self._metrics.refusals.inc()
            log.error("source refused, nothing written", **told)
        else:
            log.warning("waiting", **told)
        self._metrics.failures.labels(error.code).inc()
        self._standing.trouble(error.message)

    async def _at_head(self, seconds: float) -> str | None:
        """Between two looks at the head: there is nothing to catch up with."""
        self._standing.trouble("")
        self._caught_up = True
        return await self._wake.wait(seconds)

    async def _follow(self) -> None:
        tip = await self._start()
        source = Source(self._fetcher, self._settings.chain, self._hash_at, self._tell)
        log.info("mirroring", block=tip.number, rpc=shown(self._settings.chain.rpc_url))
        async for chunk in source.stream(tip, self._at_head):
            tip = await self._handle(tip, chunk)

    async def _handle(self, tip: Tip, chunk: Chunk) -> Tip:
        with span("indexer.apply") as step:
            if is_on():
                step.set(**_extent(chunk))
            after, applied = await in_thread(self._store.handle, tip, chunk)
            step.set(rows=applied.rows)
        self._metrics.applied(tip, chunk, applied.rows)
        for event in chunk:
            if isinstance(event, Reorg):
                log.warning("reorganisation", block=event.number, depth=tip.number - event.number)
        for row in applied.unknown[:UNKNOWN_SHOWN]:
            log.warning("unknown log kept", **_place(row, chunk))
        if applied.documents:
            self._documents.ring()
        if applied.blocks:
            log.debug("applied", block=after.number, blocks=applied.blocks, rows=applied.rows)
        return after

    async def _start(self) -> Tip:
        # A node that only failed is not asked anew for what it told: one that answers two questions
        # in a row would never get past this. Another chain would not link to ours.
        if self._genesis is None:
            self._genesis = await self._first()
        if self._base is None:
            before = await self._fetcher.headers(max(self._registry.start_block - 1, 0), 1)
            self._base = to_block(before[0])
        tip = await in_thread(self._store.start, self._genesis, self._base)
        self._seen.genesis = self._genesis
        return tip

    async def _first(self) -> BlockHash:
        await self._rpc.open(self._registry.chain_id)
        first = await self._fetcher.headers(0, 1)
        genesis = BlockHash(to_hash(first[0]["hash"]))
        if self._seen.genesis not in (None, genesis):
            raise SourceLied(f"the node's chain now begins with {to_hex(genesis)}")
        return genesis

    async def _tip(self) -> Tip | None:
        try:
            return await in_thread(self._store.tip)
        except Retryable:
            return None

    async def _hash_at(self, number: int) -> BlockHash | None:
        return await in_thread(self._store.hash_at, number)


def _extent(chunk: Chunk) -> dict[str, int]:
    """What a span says of a chunk."""
    blocks = [event for event in chunk if isinstance(event, Block)]
    logs = sum(len(block.logs) for block in blocks)
    numbers = [event.number for event in blocks or chunk]
    return {"first_block": min(numbers), "last_block": max(numbers), "logs": logs}


def _place(row: Row, chunk: Chunk) -> dict[str, Any]:
    """Where an unknown log stands."""
    block = next(e for e in chunk if isinstance(e, Block) and e.number == row.block_number)
    tx_hash = next(one.tx_hash for one in block.logs if one.log_index == row.log_index)
    return {
        "block": row.block_number,
        "tx": to_hex(tx_hash),
        "log_index": row.log_index,
        "reason": row.reason,
    }
