"""The chain as the auditor reads it: headers linked, every receipt under its root.

Other code than the inline proof on purpose: `rlp` and `trie` instead of `indexer.proof`, and the
receipts of every block with transactions instead of those the bloom points to.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import rlp
from trie.hexary import HexaryTrie

from core.chain.client import Rpc, to_int
from core.chain.proof.header import Header, encode_header, read_header
from core.crypto import from_hex, to_address, to_hash
from core.errors import Malformed, RpcUnavailable, SourceLied
from core.types import Address, TxHash
from indexer.model import Block, Log

BATCH: Final = 50


async def read_chain(
    rpc: Rpc, addresses: frozenset[Address], first: int, last: int
) -> AsyncIterator[tuple[Header, Block]]:
    """Blocks `first` to `last` with our logs, each linked to the one before.

    Raises:
        SourceLied: a header, a link or a receipts root does not hold.
        RpcUnavailable: the node did not answer, or no longer has a block.
    """
    parent: Header | None = None
    for start in range(first, last + 1, BATCH):
        numbers = range(start, min(start + BATCH, last + 1))
        for raw, receipts in await _fetch(rpc, numbers):
            header = await asyncio.to_thread(_check, raw, receipts)
            if parent is not None and header.parent_hash != parent.hash:
                raise SourceLied(f"block {header.number} does not link to block {parent.number}")
            parent = header
            yield header, _block(header, receipts, addresses)


async def _fetch(rpc: Rpc, numbers: range) -> list[tuple[dict[str, Any], list[Any]]]:
    blocks = await rpc.batch([("eth_getBlockByNumber", (hex(n), False)) for n in numbers])
    if not all(isinstance(block, dict) for block in blocks):
        raise RpcUnavailable(f"the node does not have all blocks of {numbers}")
    full = [block for block in blocks if block["transactions"]]
    answers = await rpc.batch([("eth_getBlockReceipts", (block["hash"],)) for block in full])
    receipts = {block["hash"]: answer for block, answer in zip(full, answers, strict=True)}
    if any(answer is None for answer in answers):
        raise RpcUnavailable(f"the node does not have all receipts of {numbers}")
    return [(block, receipts.get(block["hash"], [])) for block in blocks]


def _check(raw: dict[str, Any], receipts: list[Any]) -> Header:
    try:
        header = read_header(encode_header(raw))
        if header.hash != to_hash(raw["hash"]):
            raise SourceLied(f"block {header.number}: the header does not hash to {raw['hash']}")
        if _root(receipts) != header.receipts_root:
            raise SourceLied(
                f"block {header.number}: its {len(receipts)} receipts are not those the header "
                "commits to: a log was dropped, added or altered"
            )
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise SourceLied(f"block {raw.get('number')} cannot be read: {error}") from error
    if [receipt["transactionHash"] for receipt in receipts] != raw["transactions"]:
        raise SourceLied(f"block {header.number}: receipts name other transactions")
    return header


def _root(receipts: list[Any]) -> bytes:
    trie = HexaryTrie({})
    for index, receipt in enumerate(receipts):
        trie[rlp.encode(index)] = _receipt(receipt)
    return bytes(trie.root_hash)


def _receipt(receipt: Mapping[str, Any]) -> bytes:
    logs = [
        [from_hex(log["address"]), [from_hex(t) for t in log["topics"]], from_hex(log["data"])]
        for log in receipt["logs"]
    ]
    outcome = to_int(receipt["status"]) if "status" in receipt else from_hex(receipt["root"])
    fields = [outcome, to_int(receipt["cumulativeGasUsed"]), from_hex(receipt["logsBloom"]), logs]
    kind = to_int(receipt.get("type", "0x0"))
    return (bytes([kind]) if kind else b"") + bytes(rlp.encode(fields))


def _block(header: Header, receipts: list[Any], addresses: frozenset[Address]) -> Block:
    pairs = [(receipt, entry) for receipt in receipts for entry in receipt["logs"]]
    return Block(
        number=header.number,
        hash=header.hash,
        parent_hash=header.parent_hash,
        timestamp=header.timestamp,
        logs=tuple(
            Log(
                to_address(entry["address"]),
                tuple(to_hash(topic) for topic in entry["topics"]),
                from_hex(entry["data"]),
                TxHash(to_hash(receipt["transactionHash"])),
                index,
            )
            for index, (receipt, entry) in enumerate(pairs)
            if to_address(entry["address"]) in addresses
        ),
    )
