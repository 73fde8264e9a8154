"""The chain as the auditor reads it: headers linked, every receipt under its root.

Other code than the inline proof on purpose: `rlp` and `trie` instead of the indexer's own, and the
receipts of every block with transactions instead of those the bloom points to. Runs of blocks are
read in several processes, ahead of the one that derives.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from core.chain.client import Rpc, to_int
from core.chain.proof.header import Header, encode_header, read_header
from core.crypto import to_hash
from core.errors import Malformed, RpcUnavailable, SourceLied
from core.types import Address, BlockHash, TxHash
from indexer.derive import Decoded
from indexer.model import Block, Log
from indexer.registry import Registry
from indexer.verify.decode import Reader, auditor_reader
from indexer.verify.receipts import Receipt, read_receipt, receipts_root, unknown_kinds
from indexer.verify.workers import in_order

BATCH: Final = 50
POOLED: Final = 10
"""Runs from which on processes of their own are worth their start, a second of CPU time each."""
_READERS: Final[dict[bytes, Reader]] = {}
"""Of this process, by deployment."""


class Checked(NamedTuple):
    """A block that holds, in plain values: cheap to send between processes."""

    header: tuple[Any, ...]
    logs: list[tuple[Any, ...]]
    events: list[tuple[Any, Any]]
    """By log: the event's type and values, or None and why it cannot be read."""


async def read_chain(
    rpc: Rpc, registry: Registry, first: int, last: int, jobs: int
) -> AsyncIterator[tuple[Header, Decoded]]:
    """Blocks `first` to `last` with our logs read, each linked to the one before.

    Raises:
        SourceLied: a header, a link or a receipts root does not hold.
        RpcUnavailable: the node did not answer, or no longer has a block.
    """
    parent: Header | None = None
    runs = [(n, min(n + BATCH, last + 1)) for n in range(first, last + 1, BATCH)]
    if jobs > 1 and len(runs) >= POOLED:
        arguments = [(rpc.url, registry, run) for run in runs]
        answers = in_order(check_run_alone, arguments, jobs)
    else:
        read = auditor_reader(registry)
        answers = (await check_run(rpc, read, registry.addresses, run) for run in runs)
    async for blocks in answers:
        for checked in blocks:
            header, block = _unpacked(checked)
            if parent is not None and header.parent_hash != parent.hash:
                raise SourceLied(f"block {header.number} does not link to block {parent.number}")
            parent = header
            yield header, block


def check_run_alone(url: str, registry: Registry, run: tuple[int, int]) -> list[Checked]:
    """`check_run` in a process of its own."""

    read = _READERS.get(registry.fingerprint) or auditor_reader(registry)
    _READERS[registry.fingerprint] = read

    async def work() -> list[Checked]:
        async with Rpc(url, timeout_s=60) as rpc:
            return await check_run(rpc, read, registry.addresses, run)

    return asyncio.run(work())


async def check_run(
    rpc: Rpc, read: Reader, addresses: frozenset[Address], run: tuple[int, int]
) -> list[Checked]:
    """Blocks `run[0]` up to `run[1]`, each proven by itself. Raises as `read_chain` does."""
    found = []
    for raw, told in await _fetch(rpc, run):
        header, receipts = check_block(raw, told)
        logs = _logs(receipts, addresses)
        events = [_event(log, read) for log in logs]
        found.append(Checked(_astuple(header), [tuple(log) for log in logs], events))
        await asyncio.sleep(0)
    return found


async def _fetch(rpc: Rpc, run: tuple[int, int]) -> list[tuple[dict[str, Any], list[Any]]]:
    """Asks for half as much at once where a node refuses an answer of this size."""
    first, end = run
    try:
        return await _fetch_all(rpc, range(first, end))
    except RpcUnavailable:
        if end - first == 1:
            raise
    middle = (first + end) // 2
    return [*await _fetch(rpc, (first, middle)), *await _fetch(rpc, (middle, end))]


async def _fetch_all(rpc: Rpc, numbers: range) -> list[tuple[dict[str, Any], list[Any]]]:
    blocks = await rpc.batch([("eth_getBlockByNumber", (hex(n), False)) for n in numbers])
    for number, block in zip(numbers, blocks, strict=True):
        if not isinstance(block, dict):
            raise RpcUnavailable(f"the node does not have block {number}")
        if block.get("number") != hex(number):
            raise SourceLied(f"asked for block {number}, got {block.get('number')}")
    full = [block for block in blocks if block["transactions"]]
    answers = await rpc.batch([("eth_getBlockReceipts", (block["hash"],)) for block in full])
    receipts = {block["hash"]: answer for block, answer in zip(full, answers, strict=True)}
    for block in full:
        if not isinstance(receipts[block["hash"]], list):
            number = to_int(block["number"])
            raise RpcUnavailable(f"the node does not have the receipts of block {number}")
    return [(block, receipts.get(block["hash"], [])) for block in blocks]


def check_block(raw: dict[str, Any], told: list[Any]) -> tuple[Header, list[Receipt]]:
    """A header and the receipts that it commits to. Raises SourceLied."""
    try:
        header = check_header(raw)
        receipts = [read_receipt(receipt) for receipt in told]
        if receipts_root(receipts) != header.receipts_root:
            if unknown := unknown_kinds(receipts):
                raise SourceLied(
                    f"block {header.number}: its receipts cannot be checked: this version does not "
                    f"know transactions of type {', '.join(unknown)}",
                    hint="Use a version of SmartRetail360 that knows this chain.",
                )
            raise SourceLied(
                f"block {header.number}: its {len(told)} receipts are not those the header "
                "commits to: a log was dropped, added or altered"
            )
        if [receipt["transactionHash"] for receipt in told] != raw["transactions"]:
            raise SourceLied(f"block {header.number}: receipts name other transactions")
    except (Malformed, KeyError, TypeError, ValueError, OverflowError) as error:
        raise SourceLied(f"block {raw.get('number')} cannot be read: {error}") from error
    return header, receipts


def check_header(raw: dict[str, Any]) -> Header:
    """The header that hashes to the block's hash. Raises SourceLied, Malformed, KeyError."""
    header = read_header(encode_header(raw))
    if header.hash != to_hash(raw["hash"]):
        raise SourceLied(f"block {header.number}: the header does not hash to {raw['hash']}")
    return header


def _logs(receipts: list[Receipt], addresses: frozenset[Address]) -> list[Log]:
    """Our logs; their place is counted, for the receipts root does not cover what a node says."""
    pairs = [(receipt.tx_hash, entry) for receipt in receipts for entry in receipt.logs]
    return [
        Log(Address(address), topics, data, TxHash(tx_hash), index)
        for index, (tx_hash, (address, topics, data)) in enumerate(pairs)
        if address in addresses
    ]


def _event(log: Log, read: Reader) -> tuple[Any, Any]:
    try:
        return read(log)
    except Malformed as error:
        return None, error.message


def _astuple(value: Header) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in value.__slots__)


def _unpacked(checked: Checked) -> tuple[Header, Decoded]:
    header = Header(*checked.header)
    logs = tuple(Log(*values) for values in checked.logs)
    events = (
        Malformed(values) if kind is None else kind(*values) for kind, values in checked.events
    )
    block = Block(header.number, BlockHash(header.hash), header.parent_hash, header.timestamp, logs)
    return header, Decoded(block, tuple(zip(logs, events, strict=True)))
