"""The chain as a stream of Block, Reorg and Finalized, from a mirror's tip to the head and on."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Final

import structlog

from core.chain.client import RpcFailed, to_int
from core.config import ChainSettings
from core.crypto import to_hash
from core.errors import RpcUnavailable, SourceLied
from core.telemetry.traces import span
from core.types import BlockHash
from indexer.fetch import ChainMoved, Fetcher
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.proof import JsonBlock

log = structlog.get_logger()

FIRST_RANGE: Final = 32
CONCURRENCY: Final = 3
FAST_S: Final = 0.4
SLOW_S: Final = 2.0

Chunk = list[Event]
KnownHash = Callable[[int], Awaitable[BlockHash | None]]


class Source:
    """One node's chain, proven and linked to what the mirror already holds."""

    def __init__(self, fetcher: Fetcher, settings: ChainSettings, hash_at: KnownHash) -> None:
        self._fetcher = fetcher
        self._settings = settings
        self._hash_at = hash_at
        self._range = min(FIRST_RANGE, settings.log_range)
        self._finality: int | None = settings.finality_depth
        self._tag_works = True

    async def stream(
        self, tip: Tip, wait: Callable[[float], Awaitable[None]]
    ) -> AsyncIterator[Chunk]:
        """Chunks of events, oldest first; `wait(seconds)` returns when asking again makes sense.

        Raises:
            RpcUnavailable: the node does not answer; start again from the mirror's tip.
            SourceLied: an answer contradicts the chain we hold; nothing of it was yielded.
        """
        while True:
            head = await self._head()
            try:
                async for chunk in self._towards(tip, head):
                    tip = _after(tip, chunk)
                    yield chunk
            except ChainMoved as moved:
                log.info("chain moved while reading", reason=moved.message)
                continue
            if finalized := await self._finalized(tip):
                tip = replace(tip, finalized=finalized.number)
                yield [finalized]
            await wait(self._settings.poll_interval_s)

    async def _towards(self, tip: Tip, head: JsonBlock) -> AsyncIterator[Chunk]:
        """What leads from the tip to a head, reorganisation included."""
        number, hash_ = to_int(head["number"]), to_hash(head["hash"])
        if number <= tip.number:
            if await self._hash_at(number) != hash_:
                yield [await self._reorg(tip, number)]
            return  # else the node is behind us: nothing to undo until it contradicts us
        if number == tip.number + 1 and to_hash(head["parentHash"]) == tip.hash:
            with span("indexer.fetch", first_block=number, last_block=number):
                blocks = await self._fetcher.blocks([head])
            yield list(blocks)
            return
        async for blocks in self._history(tip.number + 1, number):
            if blocks[0].parent_hash != tip.hash:
                yield [await self._reorg(tip, tip.number)]
                return
            yield list(blocks)
            tip = replace(tip, number=blocks[-1].number, hash=blocks[-1].hash)

    async def _history(self, first: int, last: int) -> AsyncIterator[list[Block]]:
        """Blocks in order, fetched in concurrent ranges that grow and shrink with the answers."""
        waiting: deque[asyncio.Task[list[Block]]] = deque()
        try:
            while first <= last or waiting:
                while first <= last and len(waiting) < CONCURRENCY:
                    count = min(self._range, last - first + 1)
                    waiting.append(asyncio.create_task(self._fetch(first, count)))
                    first += count
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _fetch(self, first: int, count: int) -> list[Block]:
        started = time.monotonic()
        try:
            with span("indexer.fetch", first_block=first, last_block=first + count - 1):
                headers = await self._fetcher.headers(first, count)
                blocks = await self._fetcher.blocks(headers)
        except RpcUnavailable:
            if count == 1:
                raise
            # Providers limit size and time in their own ways; half as much is the common answer.
            self._range = max(1, count // 2)
            left = await self._fetch(first, count // 2)
            return left + await self._fetch(first + count // 2, count - count // 2)
        self._adapt(count, time.monotonic() - started)
        return blocks

    def _adapt(self, count: int, took_s: float) -> None:
        if took_s > SLOW_S:
            self._range = max(1, count // 2)
        elif took_s < FAST_S and count == self._range:
            self._range = min(self._settings.log_range, count * 2)

    async def _reorg(self, tip: Tip, highest: int) -> Reorg:
        """The youngest block that we and the node share.

        Raises:
            SourceLied: they share none above what was final.
        """
        for number in range(min(highest, tip.number), -1, -1):
            ours = await self._hash_at(number)
            if ours is None:
                break
            theirs = await self._fetcher.header(hex(number))
            if theirs is not None and to_hash(theirs["hash"]) == ours:
                return Reorg(number, ours)
            if number <= tip.finalized:
                raise SourceLied(
                    f"the node contradicts block {number}, which was final",
                    hint="Another chain, or a node that lost its state? If the chain was started "
                    "anew, so must this mirror be: `sr360 up --reset`.",
                )
        raise SourceLied("the node's chain shares no block with ours")

    async def _head(self) -> JsonBlock:
        head = await self._fetcher.header("latest")
        if head is None:
            raise RpcUnavailable("the node has no block yet")
        return head

    async def _finalized(self, tip: Tip) -> Finalized | None:
        number = min(await self._final_number(tip), tip.number)
        return Finalized(number) if number > tip.finalized else None

    async def _final_number(self, tip: Tip) -> int:
        if self._finality is not None:
            return tip.number - self._finality
        if not self._tag_works:
            return tip.finalized
        try:
            block = await self._fetcher.header("finalized")
        except RpcFailed as error:
            self._tag_works = False
            log.warning("the node knows no finalized block", reason=error.message)
            return tip.finalized
        if block is None or await self._hash_at(to_int(block["number"])) != to_hash(block["hash"]):
            return tip.finalized
        return to_int(block["number"])


def _after(tip: Tip, chunk: Chunk) -> Tip:
    for event in chunk:
        if isinstance(event, Finalized):
            tip = replace(tip, finalized=event.number)
        else:
            tip = replace(tip, number=event.number, hash=event.hash)
    return tip
