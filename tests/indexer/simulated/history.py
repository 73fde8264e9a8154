"""One random history: a chain that moves, a node that errs, an indexer that dies and returns."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.config import ChainSettings
from core.errors import Conflict, Retryable, SourceLied
from core.types import BlockHash
from indexer.fetch import Fetcher, to_block
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.source import Source
from indexer.store import Store
from tests.indexer.simulated.chain import Chain
from tests.indexer.simulated.clock import JumpingLoop
from tests.indexer.simulated.mirror import Crash, Mirror
from tests.indexer.simulated.node import FaultyNode
from tests.indexer.simulated.tree import hexed, lineage
from tests.indexer.world import REGISTRY, name, word

RATES: Final = (0, 0.05, 0.15, 0.3)
MOVES: Final = (0, 0, 0.1, 0.3)
SETTLE_S: Final = 600
"""Seconds of the jumping clock within which a mirror of a healthy node must have caught up; a dozen
faults and eleven moves of the chain at polls of 5 s take some 130 (seed 3069063)."""


@dataclass
class Told:
    """What one history was made of."""

    blocks: int = 0
    forks: int = 0
    deepest: int = 0
    reorgs: int = 0
    crashes: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """All of it in one flat form, to be added up."""
        names = ("blocks", "forks", "reorgs", "crashes")
        return {name: getattr(self, name) for name in names} | self.faults


class _AtRest(Exception):
    """The chain moves no more and the mirror has all of it."""


class History:
    """Plays one history on `mirror` and says whether the end is what a replay gives."""

    def __init__(self, random_: random.Random, mirror: Mirror, fresh: Mirror) -> None:
        self._random = random_
        self._mirror, self._fresh = mirror, fresh
        depth = random_.choice((None, None, 2, 5, 64))
        self._settings = ChainSettings(
            finality_depth=depth,
            log_range=random_.choice((1, 2, 5, 50)),
            poll_interval_s=random_.choice((0.25, 5)),
        )
        self.chain = Chain(random_, depth)
        self.node = FaultyNode(self.chain, random_, random_.choice(RATES))
        self._moves_left = random_.randrange(8)
        self._tip: Tip | None = None
        self.told = Told()

    async def play(self) -> Told:
        """Live through it all.

        Raises:
            AssertionError: the mirror shows something else than the canonical chain.
        """
        self._mirror.empty()
        for _ in range(self._random.randrange(4)):
            self.chain.move()
        self.node.moves = self._random.choice(MOVES)
        for _ in range(self._random.choice((0, 1, 1, 2, 4))):
            await self._live(mortal=True)
        self._moves_left += self._random.randrange(5)
        # What a fault leaves behind must heal without a restart.
        self.node.faults_left = self._random.randrange(12)
        await self._live(mortal=False)
        self._check_end()
        self.told.blocks = len(self.chain.tree.nodes)
        self.told.forks, self.told.deepest = self.chain.forks, self.chain.deepest
        self.told.faults = self.node.faults
        return self.told

    async def _live(self, *, mortal: bool) -> None:
        """One process, until it dies or has caught up with a chain at rest."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        task = asyncio.ensure_future(self._follow(mortal))
        if mortal:
            loop.after(self._random.randrange(1, 60), task.cancel)
        try:
            async with asyncio.timeout(SETTLE_S):
                await task
        except (Crash, asyncio.CancelledError):
            self.told.crashes += 1
        self._mirror.mend()
        loop.after(0, lambda: None)
        await _no_task_remains()
        self._check_whole()

    async def _follow(self, mortal: bool) -> None:
        """What `indexer.main` does, with a node and a clock of our own."""
        store = Store(self._mirror.database, REGISTRY)
        fetcher = Fetcher(self.node, REGISTRY.addresses)  # type: ignore[arg-type]
        with contextlib.suppress(_AtRest):
            while True:
                with contextlib.suppress(Retryable, Conflict, SourceLied):
                    await self._stream(store, fetcher, mortal)
                await asyncio.sleep(0.2)

    async def _stream(self, store: Store, fetcher: Fetcher, mortal: bool) -> None:
        base = to_block((await fetcher.headers(0, 1))[0])
        self._tip = store.start(base.hash, base)

        async def hash_at(number: int) -> BlockHash | None:
            await asyncio.sleep(0)
            return store.hash_at(number)

        source = Source(fetcher, self._settings, hash_at)
        async with contextlib.aclosing(source.stream(self._tip, self._wait)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                self._check_chunk(chunk)
                self._tip = self._handle(store, self._tip, chunk, mortal)

    def _handle(self, store: Store, tip: Tip, chunk: Sequence[Event], mortal: bool) -> Tip:
        fate = self._random.random() if mortal else 1.0
        if fate < 0.1:
            self._mirror.break_after(self._random.randrange(12), crash=fate < 0.05)
        elif fate < 0.12:  # another indexer was faster
            Store(self._mirror.database, REGISTRY).handle(tip, chunk)
        after, _ = store.handle(tip, chunk)
        if 0.12 < fate < 0.14:  # written, and nobody will know
            raise Crash
        self.told.reorgs += sum(isinstance(event, Reorg) for event in chunk)
        return after

    async def _wait(self, seconds: float) -> str | None:
        """Until the next poll; now and then a head is announced, which may be old by now."""
        if self._at_rest(self._tip):
            self.node.moves = 0
            raise _AtRest
        await asyncio.sleep(seconds)
        if self._moves_left:
            self._moves_left -= 1
            self.chain.move()
        else:
            self.node.moves = 0
        announced = self._random.choice(
            (None, self.chain.head, self._random.choice(self.chain.heads))
        )
        return announced and announced.header["hash"]

    def _at_rest(self, tip: Tip | None) -> bool:
        head = self.chain.head
        if tip is None or self._moves_left:
            return False
        final = self.chain.final.number
        if (depth := self._settings.finality_depth) is not None:
            final = max(head.number - depth, 0)
        return (tip.number, hexed(tip.hash)) == (head.number, head.header["hash"]) and (
            tip.finalized >= final
        )

    def _check_chunk(self, chunk: Sequence[Event]) -> None:
        """Nothing of a lie leaves the source."""
        for event in chunk:
            match event:
                case Block():
                    node = self.chain.tree.nodes.get(hexed(event.hash))
                    assert node is not None, f"block {event.number} was never mined"
                    assert event == node.block
                case Reorg():
                    node = self.chain.tree.nodes.get(hexed(event.hash))
                    assert node is not None
                    assert node.number == event.number
                case Finalized():
                    assert event.number <= self.chain.floor, "what is final may still change"

    def _check_whole(self) -> None:
        """Whenever a process dies, the database holds whole blocks of one branch."""
        held = [hexed(hash_) for hash_ in self._mirror.blocks()]
        if held:
            branch = lineage(self.chain.tree.nodes[held[-1]])
            assert held == [node.header["hash"] for node in branch]

    def _check_end(self) -> None:
        branch = lineage(self.chain.head)
        found = self._mirror.tables()
        expected = self._fresh.replay([node.block for node in branch])
        for table, held in expected.items():
            assert found[table] == held, f"table {table} differs from a replay"
        self._check_standings(found)
        lost = {
            (node.block.hash, log.log_index)
            for node in self.chain.tree.nodes.values()
            if node not in branch
            for log in node.block.logs
        }
        assert self._mirror.orphans() <= lost, "a canonical or unknown log is flagged as orphaned"

    def _check_standings(self, found) -> None:
        """A truth of its own: what the contracts would answer about each product."""
        world = self.chain.head.world
        expected = {
            name(product): (seq, word(world.custodians[product])[12:], world.levels.get(product, 0))
            for product, seq in world.seqs.items()
        }
        keys = self._fresh.columns("product")
        rows = [dict(zip(keys, row, strict=True)) for row in found["product"]]
        assert {
            row["product_id"]: (row["seq"], row["custodian"], row["recall_level"]) for row in rows
        } == expected


async def _no_task_remains() -> None:
    """A process that has ended leaves nothing running."""
    for _ in range(50):
        await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not others, f"still running: {others}"
