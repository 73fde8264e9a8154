"""Blocks from one or several nodes, each proven before anybody sees it."""

import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from core.chain.client import Answers, Call, Rpc, to_int
from core.chain.endpoints import Endpoint, Endpoints
from core.config import ReceiptMode
from core.crypto import from_hex, to_hash
from core.errors import Malformed, Operator, Retryable, RpcUnavailable, SmartRetailError, SourceLied
from core.telemetry.traces import span
from core.types import Address, BlockHash
from indexer.model import Block, Log
from indexer.pace import TARGET_BYTES
from indexer.proof import JsonBlock, bloom_mask, check_header, check_receipts, may_contain
from indexer.quorum import Quorum

T = TypeVar("T")

DENSE_FROM: Final = 0.75
"""Share of blocks with our logs from which receipts are asked for together with headers: one
round trip saved is worth more than the receipts of the others (benchmarks/indexer/modes.py)."""
FIRST_BYTES: Final = 64 * 1024
"""Of JSON that the receipts of a block are taken to have before any were seen; later, as many as
those seen last. Where full blocks follow empty ones, a range of them would be held whole."""
_NO_NUMBER: Final = 1 << 63
"""SQL holds no more; a header that hashes to itself may say anything."""
_MEMORY: Final = 1 / 64
"""Weight of the newest block in that share."""


class ChainMoved(Retryable):
    """The node dropped a block between two questions; ask again from the head."""

    code = "chain_moved"


class Fetcher:
    """Asks for headers and receipts and refuses what does not hash to them.

    A header's bloom proves the absence of our logs, so receipts are needed only where it allows
    one.

    All methods raise:
        RpcUnavailable: no answer.
        SourceLied: an answer that contradicts itself.
        ChainMoved: a block that was there a moment ago is gone.
        EndpointsDisagree: fewer endpoints than the quorum tell the block.
        UnknownHeader, UnknownReceipt: this version cannot hash it.
    """

    def __init__(
        self,
        rpc: Rpc | Endpoints,
        addresses: frozenset[Address],
        *,
        mode: ReceiptMode = ReceiptMode.SPARSE,
        quorum: int = 1,
    ) -> None:
        self._rpc = rpc
        self._addresses = addresses
        self._masks = [bloom_mask(address) for address in addresses]
        self._mode = mode
        self._share = 0.0
        self._receipts_bytes = FIRST_BYTES
        several = isinstance(rpc, Endpoints) and quorum > 1
        self._quorum = Quorum(rpc, quorum, _header) if several else None  # type: ignore[arg-type]
        self._told_head: Endpoint | None = None

    async def header(self, tag: str) -> JsonBlock | None:
        """A proven header by tag or hex number; None if the node has none."""
        if self._quorum:
            return await self._quorum.header(tag)
        found = await self._ask(lambda rpc: _header(rpc, tag))
        self._told_head = self._rpc.answerer if isinstance(self._rpc, Endpoints) else None
        return found

    def doubt_head(self, reason: str) -> None:
        """The header given last led nowhere: ask another endpoint next time."""
        if self._told_head is not None and isinstance(self._rpc, Endpoints):
            self._rpc.blame(self._told_head, SourceLied(reason))

    async def headers(self, first: int, count: int) -> list[JsonBlock]:
        """Proven headers of consecutive blocks, linked parent hash to hash."""
        headers, _ = await self._headers(first, count)
        return headers

    async def blocks(self, headers: Sequence[JsonBlock]) -> list[Block]:
        """The blocks of proven headers, with all logs of our contracts."""
        blocks, _ = await self._blocks(headers)
        return blocks

    async def range(self, first: int, count: int) -> tuple[list[Block], int]:
        """Consecutive blocks, linked, and the bytes of JSON they took.

        One round trip where most of them hold our logs, two elsewhere.
        """
        if self._dense():
            return await self._together(first, count)
        headers, size = await self._headers(first, count)
        blocks, more = await self._blocks(headers)
        return blocks, size + more

    async def _headers(self, first: int, count: int) -> tuple[list[JsonBlock], int]:
        async def work(rpc: Rpc) -> tuple[list[JsonBlock], int]:
            answers = await rpc.batch(_by_number(first, count))
            with span("indexer.prove", first_block=first, blocks=count):
                return _linked(answers, first), _size(answers)

        headers, size = await self._ask(work)
        await self._confirm(headers)
        return headers, size

    async def _blocks(self, headers: Sequence[JsonBlock]) -> tuple[list[Block], int]:
        asked = [header for header in headers if self._may_hold_logs(header)]

        async def work(rpc: Rpc) -> tuple[dict[str, tuple[Log, ...]], int]:
            logs: dict[str, tuple[Log, ...]] = {}
            size = done = 0
            while done < len(asked):
                part = asked[done : done + max(1, TARGET_BYTES // self._receipts_bytes)]
                size += await self._receipts(rpc, part, logs)
                done += len(part)
            return logs, size

        logs, size = await self._ask(work) if asked else ({}, 0)
        return [to_block(header, logs.get(header["hash"], ())) for header in headers], size

    async def _receipts(
        self, rpc: Rpc, headers: Sequence[JsonBlock], logs: dict[str, tuple[Log, ...]]
    ) -> int:
        """Put the logs of these blocks into `logs`, by hash; the bytes of JSON they took.

        A function of its own, so that one answer is forgotten before the next is here.
        """
        calls = [("eth_getBlockReceipts", (header["hash"],)) for header in headers]
        answers = await rpc.batch(calls)
        with span("indexer.prove", blocks=len(headers)):
            for header, found in zip(headers, answers, strict=True):
                logs[header["hash"]] = self._logs(header, found)
        size = _size(answers)
        self._receipts_bytes = max(1, size // len(headers))
        return size

    async def _together(self, first: int, count: int) -> tuple[list[Block], int]:
        calls = _by_number(first, count)
        calls += [("eth_getBlockReceipts", (number,)) for _, (number, _) in calls]

        async def work(rpc: Rpc) -> tuple[list[JsonBlock], list[Block], int]:
            answers = await rpc.batch(calls)
            with span("indexer.prove", first_block=first, blocks=count):
                headers = _linked(answers[:count], first)
                pairs = zip(headers, answers[count:], strict=True)
                blocks = [to_block(h, self._logs(h, found, by_number=True)) for h, found in pairs]
            return headers, blocks, _size(answers)

        headers, blocks, size = await self._ask(work)
        await self._confirm(headers)
        return blocks, size

    async def announced(self, block_hash: str) -> tuple[JsonBlock, Block | None]:
        """The proven header of a block a node announced, with the block where one trip gave it.

        One node's announcement is not a quorum's: with one, this is the head all agree on.
        """
        if self._quorum:
            return await self._agreed_head(self._quorum), None
        calls: list[Call] = [("eth_getBlockByHash", (block_hash, False))]
        if self._dense():
            calls.append(("eth_getBlockReceipts", (block_hash,)))

        async def work(rpc: Rpc) -> tuple[JsonBlock, Block | None]:
            answers = await rpc.batch(calls)
            if answers[0] is None:
                raise ChainMoved(f"block {block_hash} was announced and is not there")
            header = _proven(answers[0])
            if header["hash"] != block_hash:
                raise SourceLied(f"asked for block {block_hash}, got {header['hash']}")
            if len(answers) == 1:
                return header, None
            return header, to_block(header, self._logs(header, answers[1]))

        return await self._ask(work)

    async def _agreed_head(self, quorum: Quorum) -> JsonBlock:
        head = await quorum.header("latest")
        if head is None:
            raise RpcUnavailable("the nodes have no block yet")
        return head

    async def _ask(self, work: Callable[[Rpc], Awaitable[T]]) -> T:
        """With each endpoint in turn until one's answer holds."""

        async def guarded(rpc: Rpc) -> T:
            with _no_sense_refused():
                return await work(rpc)

        if isinstance(self._rpc, Endpoints):
            return await self._rpc.ask(guarded)
        return await guarded(self._rpc)

    async def _confirm(self, headers: Sequence[JsonBlock]) -> None:
        """Pass if the quorum has the last of these headers, and so all of them."""
        if self._quorum and headers:
            await self._quorum.confirm(headers[-1])

    def _dense(self) -> bool:
        if self._mode is ReceiptMode.AUTO:
            return self._share > DENSE_FROM
        return self._mode is ReceiptMode.DENSE

    def _may_hold_logs(self, header: JsonBlock) -> bool:
        hit = may_contain(from_hex(header["logsBloom"]), self._masks)
        self._share += (hit - self._share) * _MEMORY
        return hit

    def _logs(self, header: JsonBlock, found: Any, *, by_number: bool = False) -> tuple[Log, ...]:
        number = header["number"]
        if by_number:
            self._may_hold_logs(header)
        if found is None:
            raise ChainMoved(f"block {number} is gone")
        if not isinstance(found, list):
            raise SourceLied(f"block {number}: receipts are no list")
        try:
            return check_receipts(header, found, self._addresses)
        except Malformed as error:
            raise SourceLied(f"block {number}: {error.message}") from error
        except SourceLied:
            if by_number and _of_another_block(header, found):
                raise ChainMoved(f"block {number} was replaced between two answers") from None
            raise


def to_block(header: JsonBlock, logs: tuple[Log, ...] = ()) -> Block:
    """A block from its proven header."""
    return Block(
        number=to_int(header["number"]),
        hash=BlockHash(to_hash(header["hash"])),
        parent_hash=BlockHash(to_hash(header["parentHash"])),
        timestamp=to_int(header["timestamp"]),
        logs=logs,
    )


@contextlib.contextmanager
def _no_sense_refused() -> Iterator[None]:
    """A node that calls a question about a block a revert is as good as down."""
    try:
        yield
    except (Retryable, Operator):
        raise
    except SmartRetailError as error:
        raise RpcUnavailable(f"a senseless refusal: {error.message}") from error


async def _header(rpc: Rpc, tag: str) -> JsonBlock | None:
    with _no_sense_refused():
        block = await rpc.call("eth_getBlockByNumber", tag, False)
    if block is None:
        return None
    header = _proven(block)
    if tag.startswith("0x") and to_int(header["number"]) != to_int(tag):
        raise SourceLied(f"asked for block {tag}, got {header['number']}")
    return header


def _by_number(first: int, count: int) -> list[Call]:
    return [("eth_getBlockByNumber", (hex(first + i), False)) for i in range(count)]


def _size(answers: Sequence[Any]) -> int:
    return answers.size if isinstance(answers, Answers) else 0


def _linked(found: Sequence[Any], first: int) -> list[JsonBlock]:
    if any(block is None for block in found):
        last = first + len(found) - 1
        raise ChainMoved(f"blocks {first} to {last} are not all there any more")
    headers = [_proven(block) for block in found]
    for offset, header in enumerate(headers):
        if to_int(header["number"]) != first + offset:
            raise SourceLied(f"asked for block {first + offset}, got {header['number']}")
    for parent, child in itertools.pairwise(headers):
        if child["parentHash"] != parent["hash"]:
            raise ChainMoved(f"block {child['number']} does not link to the one before it")
    return headers


def _proven(block: Any) -> JsonBlock:
    if not isinstance(block, dict):
        raise SourceLied("the node answered something that is no block")
    try:
        check_header(block)
    except Malformed as error:
        raise SourceLied(f"a block header that cannot be read: {error}") from error
    if max(to_int(block["number"]), to_int(block["timestamp"])) >= _NO_NUMBER:
        raise SourceLied(f"block {block['number']} of second {block['timestamp']} cannot exist")
    return block


def _of_another_block(header: JsonBlock, receipts: list[Any]) -> bool:
    """Whether receipts asked for by number say themselves that they are of another block."""
    return any(isinstance(r, dict) and r.get("blockHash") != header["hash"] for r in receipts)
