"""Checks against a node: is the block canonical, and do its logs say what the bundle says?"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.chain.client import Rpc, to_int
from core.chain.proof import logs
from core.chain.proof.head import Entry, seq_of
from core.chain.proof.logs import LogFilter
from core.chain.proof.model import Log, Product, ProofBundle
from core.chain.proof.mpt import head_slot
from core.chain.proof.verdict import Findings
from core.crypto import from_hex, to_hex
from core.errors import Malformed, Retryable
from core.types import Head

_NAMES = {
    "kind": "kind",
    "actor": "actor",
    "data_hash": "dataHash",
    "occurred_at": "occurredAt",
    "counterparty": "counterparty",
    "block_number": "blockNumber",
    "log_index": "logIndex",
    "tx_hash": "txHash",
}

Heads = Sequence[Head | None]


async def check_chain(
    bundle: ProofBundle, heads: Heads, rpc: Rpc | None, found: Findings, first_block: int
) -> None:
    """Everything only a node knows; without one, a finding says what was left unchecked."""
    if rpc is None:
        found.unchecked(
            "chain.rpc",
            "/block",
            f"no RPC endpoint was asked: whether block {bundle.block.number} is canonical, where "
            "entries were mined, and the attached logs are unchecked",
        )
        return
    try:
        if await _check_canonical(bundle, rpc, found):
            await _check_entries(bundle, rpc, found, first_block)
            await _check_side_logs(bundle, rpc, found, first_block)
            await _check_current(bundle, heads, rpc, found)
    except Retryable as error:
        found.unchecked("chain.rpc", "/block", f"the RPC endpoint could not answer: {error}")
    except Malformed as error:
        found.unchecked("chain.rpc", "/block", f"the RPC endpoint gave a wrong answer: {error}")


async def _check_canonical(bundle: ProofBundle, rpc: Rpc, found: Findings) -> bool:
    chain_id = to_int(await rpc.call("eth_chainId"))
    if chain_id != bundle.chain_id:
        found.bad("chain.id", "/chainId", f"the RPC endpoint serves chain {chain_id}")
        return False
    number = bundle.block.number
    block = await rpc.call("eth_getBlockByNumber", hex(number), False)
    if not isinstance(block, dict):
        found.unchecked("block.canonical", "/block", f"the RPC endpoint has no block {number} yet")
        return False
    actual = from_hex(block.get("hash"), length=32)
    if actual != bundle.block.hash:
        message = (
            f"block {number} is {to_hex(actual)} there: the bundle's block is not on the chain"
        )
        found.bad("block.canonical", "/block/hash", message)
        return False
    found.ok("block.canonical", "/block", f"block {number} is on the chain the RPC endpoint serves")
    return True


async def _check_entries(bundle: ProofBundle, rpc: Rpc, found: Findings, first: int) -> None:
    wanted = logs.history_filter(bundle.contracts, bundle.products)
    mined: dict[bytes, dict[int, Entry]] = {product.id: {} for product in bundle.products}
    for log in await logs.fetch(rpc, wanted, first, bundle.block.number):
        product_id, entry = logs.entry_of(log)
        mined.setdefault(product_id, {})[entry.seq] = entry
    for index, product in enumerate(bundle.products):
        _compare_history(product, f"/products/{index}/history", mined[product.id], found)


def _compare_history(product: Product, at: str, mined: dict[int, Entry], found: Findings) -> None:
    before = len(found)
    for index, entry in enumerate(product.history):
        actual = mined.get(entry.seq)
        if actual is None:
            message = f"{product.uri}: no log of the chain records entry {entry.seq}"
            found.bad("entry.mined", f"{at}/{index}", message)
        else:
            _compare_entry(product.uri, f"{at}/{index}", entry, actual, found)
    for seq in sorted(mined.keys() - {entry.seq for entry in product.history}):
        message = f"{product.uri}: the chain records entry {seq}, the bundle does not have it"
        found.bad("entry.mined", at, message)
    if len(found) == before:
        found.ok("entry.mined", at, f"{product.uri}: every entry is in the chain's logs as stated")


def _compare_entry(uri: str, at: str, stated: Entry, actual: Entry, found: Findings) -> None:
    for field in fields(Entry):
        ours, theirs = getattr(stated, field.name), getattr(actual, field.name)
        if ours != theirs:
            name = _NAMES[field.name]
            message = f"{uri}, entry {stated.seq}: {name} is {_show(theirs)} on chain"
            found.bad("entry.mined", f"{at}/{name}", message)


async def _check_side_logs(bundle: ProofBundle, rpc: Rpc, found: Findings, first: int) -> None:
    filters = logs.side_filters(bundle.contracts, bundle.products)
    for wanted in filters:
        actual = await logs.fetch(rpc, wanted, first, bundle.block.number)
        _compare_logs(bundle, wanted, actual, found)
    for index, log in enumerate(bundle.logs):
        if not any(wanted.matches(log) for wanted in filters):
            found.bad("logs.foreign", f"/logs/{index}", "this log belongs to no product or actor")


def _compare_logs(
    bundle: ProofBundle, wanted: LogFilter, actual: list[Log], found: Findings
) -> None:
    before = len(found)
    stated = {index: log for index, log in enumerate(bundle.logs) if wanted.matches(log)}
    for index, log in stated.items():
        if log not in actual:
            found.bad(wanted.name, f"/logs/{index}", "the chain has no such log")
    for log in actual:
        if log not in stated.values():
            place = f"block {log.block_number}, log {log.log_index}"
            found.bad(wanted.name, "/logs", f"the chain has a log the bundle lacks: {place}")
    if len(set(stated.values())) != len(stated):
        found.bad(wanted.name, "/logs", "a log stands twice")
    if len(found) == before:
        found.ok(wanted.name, "/logs", f"complete and as on chain: {len(actual)}")


async def _check_current(bundle: ProofBundle, heads: Heads, rpc: Rpc, found: Findings) -> None:
    for index, (product, head) in enumerate(zip(bundle.products, heads, strict=True)):
        if head is not None:
            latest = Head(await _storage(rpc, bundle.contracts.supply_chain, product.id))
            _compare_heads(product.uri, f"/products/{index}", (head, latest), bundle, found)


def _compare_heads(
    uri: str, at: str, heads: tuple[Head, Head], bundle: ProofBundle, found: Findings
) -> None:
    proven, latest = heads
    if latest == proven:
        found.ok("product.current", at, f"{uri}: nothing was recorded since")
        return
    count = seq_of(latest) - seq_of(proven)
    message = f"{uri}: entries recorded after block {bundle.block.number}: {count}"
    found.unchecked("product.current", at, message)


async def _storage(rpc: Rpc, address: bytes, product_id: bytes) -> bytes:
    slot = to_hex(head_slot(product_id))
    return from_hex(await rpc.call("eth_getStorageAt", to_hex(address), slot, "latest"), length=32)


def _show(value: Any) -> str:
    return to_hex(value) if isinstance(value, bytes) else str(value)
