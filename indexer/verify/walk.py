"""From the first block to the mirror's last: derive, compare, remember what later stages need."""

from dataclasses import dataclass, field

from core.chain.client import Rpc
from core.chain.proof.header import Header
from core.db.engine import in_thread
from core.errors import SourceLied
from indexer.derive import Decoded
from indexer.registry import Registry
from indexer.rows import Row
from indexer.verify.base import Base, mirrored
from indexer.verify.chain import read_chain
from indexer.verify.compare import Comparison, Relevant
from indexer.verify.decode import auditor_decoder
from indexer.verify.documents import mentioned
from indexer.verify.history import HistoryDigest
from indexer.verify.progress import Progress
from indexer.verify.replay import Replay
from indexer.verify.report import Report
from indexer.verify.snapshot import Snapshot

RUN = 200


@dataclass
class Replayed:
    """Where a walk has come to."""

    replay: Replay
    comparison: Comparison
    history: HistoryDigest = field(default_factory=HistoryDigest)
    header: Header = field(init=False)
    """The last block's."""
    first: tuple[int, bytes] | None = None
    """Number and hash of the block before the first contract."""
    tip: tuple[int, bytes] | None = None
    """Number and hash of the last block taken."""
    finalized: int = 0
    mentioned: set[bytes] = field(default_factory=set)
    """Documents that the rows of the one product in question commit to."""
    rests_on: list[str] = field(default_factory=list)


class Walk:
    """One pass over the chain beside one pass over SQL."""

    def __init__(
        self,
        rpc: Rpc,
        registry: Registry,
        snapshot: Snapshot,
        relevant: Relevant | None,
        report: Report,
        jobs: int,
    ) -> None:
        self._rpc = rpc
        self._registry = registry
        self._snapshot = snapshot
        self._relevant = relevant
        self._report = report
        self._jobs = jobs
        self._first = max(registry.start_block - 1, 0)
        self._last: int = snapshot.checkpoint.block_number

    async def run(self, since: Base | None, progress: Progress) -> Replayed:
        """Compare all facts up to the mirror's last block.

        Raises:
            SourceLied: the node contradicts itself, or the chain its own entries.
            RpcUnavailable: the node did not answer.
        """
        if self._last < self._first:
            raise SourceLied(f"the mirror stands at block {self._last}, before the first contract")
        state = self._fresh()
        start = self._first
        if since is not None and self._first < since.number:
            if await self._resume(state, since, progress):
                start = since.number
            else:
                state = self._fresh()
        await self._read(state, start, progress)
        await in_thread(state.comparison.outside, self._first, self._last)
        state.finalized = self._snapshot.checkpoint.finalized_number
        self._report.rests_on += state.rests_on
        return state

    def _fresh(self) -> Replayed:
        replay = Replay(self._registry.fingerprint)
        return Replayed(replay, Comparison(self._snapshot, self._relevant))

    async def _resume(self, state: Replayed, since: Base, progress: Progress) -> bool:
        """Take blocks up to the base from the mirror; False when the chain must tell all anew."""
        if not await since.stands(self._rpc, self._snapshot):
            self._tell_gone(since)
            return False
        decode = auditor_decoder(self._registry)
        runs = mirrored(self._snapshot, self._first, since.number, decode)
        try:
            while (run := await in_thread(next, runs, None)) is not None:
                await self._take(state, run)
                if run:
                    progress("blocks of the base", run[-1].block.number, since.number)
        except SourceLied as error:
            self._tell_altered(since, error.message)
            return False
        if since.history is None:
            state.rests_on.append(
                f"the mirror's logs up to block {since.number}, which were not compared with the "
                "chain; what the heads of all products commit to was"
            )
            return True
        if state.history.value != since.history:
            self._tell_altered(since, f"they are not those of {since.source}")
            return False
        state.rests_on.append(f"{since.source} for the logs up to block {since.number}")
        self._report.checked["blocks of the earlier report"] += since.number - self._first + 1
        return True

    def _tell_altered(self, since: Base, reason: str) -> None:
        self._report.add(
            "base_differs",
            f"block {since.number}",
            f"the mirror's logs up to block {since.number} cannot be built on: {reason}; all "
            "blocks were read from the chain again to name what differs",
        )

    def _tell_gone(self, since: Base) -> None:
        message = f"block {since.number} is not the one that {since.source or 'the mirror'} names"
        if since.final:
            message += ", though it was final"
            self._report.add("base_differs", f"block {since.number}", message)
        else:
            self._report.rests_on.append(f"{message}: all blocks were read from the chain")

    async def _read(self, state: Replayed, start: int, progress: Progress) -> None:
        waiting: list[Decoded] = []
        blocks = read_chain(self._rpc, self._registry, start, self._last, self._jobs)
        async for header, decoded in blocks:
            state.header = header
            self._report.checked["blocks linked, receipts recomputed"] += 1
            if header.number > start or state.tip is None:
                waiting.append(decoded)
            elif state.tip != (header.number, header.hash):
                raise SourceLied(f"block {header.number} changed while it was read")
            if len(waiting) >= RUN:
                await self._take(state, waiting)
                waiting = []
                progress("blocks", header.number - start + 1, self._last - start + 1)
        await self._take(state, waiting)
        progress("blocks", self._last - start + 1, self._last - start + 1)

    async def _take(self, state: Replayed, run: list[Decoded]) -> None:
        if run:
            await in_thread(self._compare, state, run)

    def _compare(self, state: Replayed, run: list[Decoded]) -> None:
        expected: list[Row] = []
        for decoded in run:
            block = decoded.block
            state.history.add(block)
            state.tip = (block.number, block.hash)
            if block.number < self._registry.start_block:
                state.first = (block.number, block.hash)
                expected += state.replay.base(block)
            else:
                expected += state.replay.take(decoded)
        if self._relevant is not None:
            state.mentioned |= mentioned(row for row in expected if self._relevant(row))
        state.comparison.facts(run[0].block.number, run[-1].block.number, expected)
