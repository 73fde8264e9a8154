"""The chain as a stream of Block, Reorg and Finalized, from a mirror's tip to the head and on."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Final

import structlog

from core.chain.client import to_int
from core.config import ChainSettings
from core.crypto import to_hash
from core.errors import Retryable, RpcUnavailable, SourceLied
from core.telemetry.traces import span
from core.types import BlockHash
from indexer.fetch import ChainMoved, Fetcher
from indexer.finality import Finality
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.pace import Pace
from indexer.progress import Meter, Tell, log_line
from indexer.proof import JsonBlock
from indexer.quorum import EndpointsDisagree

log = structlog.get_logger()

CONCURRENCY: Final = 4
CHUNK_LOGS: Final = 2000
"""A chunk with that many logs is not joined with the next one: it is a transaction, which costs the
same for few logs as for many, and in memory until it ends."""
GATHER_S: Final = 0.25
"""How long a smaller chunk waits for the ranges that are under way behind it: a transaction costs
milliseconds of CPU, whatever is in it."""
MOVED_S: Final = 0.02
"""Before a block that was just there is asked for again; twice as long each time."""
MOVES: Final = 6
"""In a row, 0.6 s and more, that a chain may need to make up its mind; then its node is doubted."""

Chunk = list[Event]
KnownHash = Callable[[int], Awaitable[BlockHash | None]]
Wait = Callable[[float], Awaitable[str | None]]


class Source:
    """A chain, proven and linked to what the mirror already holds."""

    def __init__(
        self,
        fetcher: Fetcher,
        settings: ChainSettings,
        hash_at: KnownHash,
        tell: Tell = log_line,
    ) -> None:
        self._fetcher = fetcher
        self._settings = settings
        self._hash_at = hash_at
        self._tell = tell
        self._pace = Pace(settings.log_range)
        self._finality = Finality(fetcher, settings, hash_at)

    async def stream(self, tip: Tip, wait: Wait) -> AsyncIterator[Chunk]:
        """Chunks of events, oldest first; `wait(seconds)` returns when asking again makes sense,
        with the hash of a block that was announced meanwhile, if one was.

        Raises:
            RpcUnavailable: no node answers; start again from the mirror's tip.
            SourceLied: an answer contradicts the chain we hold; nothing of it was yielded.
        """
        announced: str | None = None
        moves = 0
        while True:
            before = tip
            try:
                head, block = await self._head(tip, announced)
                async for chunk in self._towards(tip, head, block):
                    tip = _after(tip, chunk)
                    yield chunk
            except (ChainMoved, EndpointsDisagree) as moved:
                moves = moves + 1 if tip == before else 1
                await self._ask_again(moved, moves)
                announced = None
                continue
            moves = 0
            if finalized := await self._finality.of(tip, idle=tip == before):
                tip = replace(tip, finalized=finalized.number)
                yield [finalized]
            announced = await wait(self._settings.poll_interval_s)

    async def _ask_again(self, moved: Retryable, moves: int) -> None:
        """Wait; a head that leads nowhere for long is doubted. Raises RpcUnavailable."""
        log.info("asking again", code=moved.code, reason=moved.message)
        if moves >= MOVES and isinstance(moved, ChainMoved):
            self._fetcher.doubt_head(moved.message)
            raise RpcUnavailable(f"the head that was told leads nowhere: {moved.message}")
        await asyncio.sleep(MOVED_S * 2 ** min(moves - 1, MOVES))

    async def _head(self, tip: Tip, announced: str | None) -> tuple[JsonBlock, Block | None]:
        """The head, and its block where one question gave both."""
        if announced is not None:
            with contextlib.suppress(ChainMoved):
                head, block = await self._fetcher.announced(announced)
                # It may be old by now, and only the node's own head shows a reorganisation.
                if to_int(head["number"]) > tip.number:
                    return head, block
        latest = await self._fetcher.header("latest")
        if latest is None:
            raise RpcUnavailable("the node has no block yet")
        return latest, None

    async def _towards(
        self, tip: Tip, head: JsonBlock, block: Block | None
    ) -> AsyncIterator[Chunk]:
        """What leads from the tip to a head, reorganisation included."""
        number, hash_ = to_int(head["number"]), to_hash(head["hash"])
        if number <= tip.number:
            if await self._hash_at(number) != hash_:
                yield [await self._reorg(tip, number)]
            return  # else the node is behind us: nothing to undo until it contradicts us
        if number == tip.number + 1 and to_hash(head["parentHash"]) == tip.hash:
            with span("indexer.fetch", first_block=number, last_block=number):
                blocks = [block] if block else await self._fetcher.blocks([head])
            yield list(blocks)
            return
        meter = Meter(self._tell)
        async for blocks in self._history(tip.number + 1, number):
            if blocks[0].parent_hash != tip.hash:
                yield [await self._reorg(tip, tip.number)]
                return
            yield list(blocks)
            tip = replace(tip, number=blocks[-1].number, hash=blocks[-1].hash)
            meter.read(tip.number, sum(len(block.logs) for block in blocks), number)

    async def _history(self, first: int, last: int) -> AsyncIterator[list[Block]]:
        """Blocks in order, fetched in concurrent ranges that grow and shrink with the answers."""
        waiting: deque[asyncio.Task[list[Block]]] = deque()

        def ask() -> None:
            nonlocal first
            while first <= last and len(waiting) < CONCURRENCY:
                count = min(self._pace.size, last - first + 1)
                waiting.append(asyncio.create_task(self._fetch(first, count)))
                first += count

        try:
            while first <= last or waiting:
                ask()
                blocks = await waiting.popleft()
                until = time.monotonic() + GATHER_S
                for _ in range(CONCURRENCY - 1):
                    ask()
                    if sum(len(block.logs) for block in blocks) >= CHUNK_LOGS:
                        break
                    if not waiting or not await _follows(waiting[0], blocks[-1], until):
                        break
                    blocks = [*blocks, *waiting.popleft().result()]
                yield blocks
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _fetch(self, first: int, count: int) -> list[Block]:
        started = time.monotonic()
        try:
            with span("indexer.fetch", first_block=first, last_block=first + count - 1):
                blocks, size = await self._fetcher.range(first, count)
        except RpcUnavailable:
            if count == 1:
                raise
            # Providers limit size and time in their own ways; half as much is the common answer.
            self._pace.refused(count)
            return await self._halves(first, count)
        self._pace.answered(count, time.monotonic() - started, size)
        return blocks

    async def _halves(self, first: int, count: int) -> list[Block]:
        """A range that was refused whole. Raises ChainMoved when its parts do not link."""
        half = count // 2
        left = await self._fetch(first, half)
        right = await self._fetch(first + half, count - half)
        if right[0].parent_hash != left[-1].hash:
            raise ChainMoved(f"block {right[0].number} left its chain between two questions")
        return left + right

    async def _reorg(self, tip: Tip, highest: int) -> Reorg:
        """The youngest block that we and the node share.

        Raises:
            SourceLied: they share none above what was final.
        """
        if highest < tip.finalized:  # an old head of another branch
            raise SourceLied(
                f"the node's block {highest} contradicts block {tip.finalized}, which was final"
            )
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


async def _follows(task: asyncio.Task[list[Block]], last: Block, until: float) -> bool:
    """Whether a range is here before that moment, and links to this block."""
    if not task.done():
        await asyncio.wait({task}, timeout=max(until - time.monotonic(), 0))
    if not task.done() or task.cancelled() or task.exception() is not None:
        return False
    return task.result()[0].parent_hash == last.hash


def _after(tip: Tip, chunk: Chunk) -> Tip:
    for event in chunk:
        if isinstance(event, Finalized):
            tip = replace(tip, finalized=event.number)
        else:
            tip = replace(tip, number=event.number, hash=event.hash)
    return tip
