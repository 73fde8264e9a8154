"""Blocks from a node, each proven before anybody sees it."""

import itertools
from collections.abc import Sequence
from typing import Any

from core.chain.client import Rpc, to_int
from core.crypto import from_hex, to_hash
from core.errors import Malformed, Retryable, SourceLied
from core.telemetry.traces import span
from core.types import Address, BlockHash
from indexer.model import Block, Log
from indexer.proof import JsonBlock, bloom_mask, check_header, check_receipts, may_contain


class ChainMoved(Retryable):
    """The node dropped a block between two questions; ask again from the head."""

    code = "chain_moved"


class Fetcher:
    """Asks one node for headers and receipts and refuses what does not hash to them.

    A header's bloom proves the absence of our logs, so receipts are asked for only where it
    allows one.

    All methods raise:
        RpcUnavailable: no answer.
        SourceLied: an answer that contradicts itself.
        ChainMoved: a block that was there a moment ago is gone.
    """

    def __init__(self, rpc: Rpc, addresses: frozenset[Address]) -> None:
        self._rpc = rpc
        self._addresses = addresses
        self._masks = [bloom_mask(address) for address in addresses]

    async def header(self, tag: str) -> JsonBlock | None:
        """A proven header by tag or hex number; None if the node has none."""
        block = await self._rpc.call("eth_getBlockByNumber", tag, False)
        return None if block is None else _proven(block)

    async def headers(self, first: int, count: int) -> list[JsonBlock]:
        """Proven headers of consecutive blocks, linked parent hash to hash."""
        calls = [("eth_getBlockByNumber", (hex(first + i), False)) for i in range(count)]
        found = await self._rpc.batch(calls)
        if any(block is None for block in found):
            raise ChainMoved(f"blocks {first} to {first + count - 1} are not all there any more")
        with span("indexer.prove", first_block=first, blocks=count):
            headers = [_proven(block) for block in found]
        for offset, header in enumerate(headers):
            if to_int(header["number"]) != first + offset:
                raise SourceLied(f"asked for block {first + offset}, got {header['number']}")
        for parent, child in itertools.pairwise(headers):
            if child["parentHash"] != parent["hash"]:
                raise ChainMoved(f"block {child['number']} does not link to the one before it")
        return headers

    async def blocks(self, headers: Sequence[JsonBlock]) -> list[Block]:
        """The blocks of proven headers, with all logs of our contracts."""
        asked = [header for header in headers if self._may_hold_logs(header)]
        calls = [("eth_getBlockReceipts", (header["hash"],)) for header in asked]
        receipts = dict(zip((h["hash"] for h in asked), await self._rpc.batch(calls), strict=True))
        with span("indexer.prove", blocks=len(headers)):
            return [self._block(header, receipts) for header in headers]

    def _may_hold_logs(self, header: JsonBlock) -> bool:
        return may_contain(from_hex(header["logsBloom"]), self._masks)

    def _block(self, header: JsonBlock, receipts: dict[str, Any]) -> Block:
        logs: tuple[Log, ...] = ()
        if header["hash"] in receipts:
            found = receipts[header["hash"]]
            if found is None:
                raise ChainMoved(f"block {header['number']} is gone")
            if not isinstance(found, list):
                raise SourceLied(f"block {header['number']}: receipts are no list")
            try:
                logs = check_receipts(header, found, self._addresses)
            except Malformed as error:
                raise SourceLied(f"block {header['number']}: {error.message}") from error
        return to_block(header, logs)


def to_block(header: JsonBlock, logs: tuple[Log, ...] = ()) -> Block:
    """A block from its proven header."""
    return Block(
        number=to_int(header["number"]),
        hash=BlockHash(to_hash(header["hash"])),
        parent_hash=BlockHash(to_hash(header["parentHash"])),
        timestamp=to_int(header["timestamp"]),
        logs=logs,
    )


def _proven(block: Any) -> JsonBlock:
    if not isinstance(block, dict):
        raise SourceLied("the node answered something that is no block")
    try:
        check_header(block)
    except Malformed as error:
        raise SourceLied(f"a block header that cannot be read: {error}") from error
    return block
