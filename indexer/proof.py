"""The inline proof: what a node says about a block must hash to that block.

A header hashes to the block hash, receipts hash to the header's receipts root. So a node cannot
drop, add or alter a log of a block; it could only invent a whole chain, against which stand the
deployment's contracts, the parent links and other endpoints. `indexer.verify` does the same with
other code. Sources: Yellow Paper 4.3 and appendices B-D, EIP-2718.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Any, Final

from core.crypto import from_hex, keccak256
from core.errors import Malformed, Operator, SourceLied
from indexer.model import Log
from indexer.receipts import read_receipts
from indexer.rlp import UNREADABLE, quantity, sequence, string, unhex
from indexer.trie import ordered_root

JsonBlock = dict[str, Any]

_BYTES_FIELDS: Final = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
)
_INT_FIELDS: Final = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_SEAL_FIELDS: Final = ("extraData", "mixHash", "nonce")
_FORK_INTS: Final = frozenset({"baseFeePerGas", "blobGasUsed", "excessBlobGas"})
_FORK_FIELDS: Final = (
    "baseFeePerGas",  # EIP-1559
    "withdrawalsRoot",  # EIP-4895
    "blobGasUsed",  # EIP-4844
    "excessBlobGas",
    "parentBeaconBlockRoot",  # EIP-4788
    "requestsHash",  # EIP-7685
)
_NO_HEADER_FIELDS: Final = frozenset(
    {"hash", "size", "totalDifficulty", "transactions", "uncles", "withdrawals"}
)
KNOWN_FIELDS: Final = (
    frozenset(_BYTES_FIELDS + _INT_FIELDS + _SEAL_FIELDS + _FORK_FIELDS) | _NO_HEADER_FIELDS
)


class UnknownHeader(Operator):
    """A block header has fields this version does not know, so its hash cannot be checked."""

    code = "unknown_header"
    hint_default = "The chain runs a newer fork: update SmartRetail360 to one that knows it."


def check_header(block: JsonBlock) -> bytes:
    """The block's hash, recomputed from its fields.

    Raises:
        SourceLied: the stated hash is another.
        UnknownHeader: it is, but the header has fields that this version cannot hash.
        Malformed: a field is missing or no hex.
    """
    stated = from_hex(block.get("hash"), length=32, pointer="/hash")
    try:
        actual = keccak256(sequence(b"".join(map(string, _header_items(block)))))
    except UNREADABLE as error:
        raise Malformed(f"a header field that cannot be read: {error!r}") from error
    if actual == stated:
        return stated
    if unknown := sorted(name for name in block if name not in KNOWN_FIELDS):
        raise UnknownHeader(f"block {block.get('number')}: unknown header fields {unknown}")
    raise SourceLied(
        f"block {block.get('number')}: the header hashes to 0x{actual.hex()}, "
        f"the node says 0x{stated.hex()}"
    )


def check_receipts(
    block: JsonBlock, receipts: Sequence[dict[str, Any]], ours: Container[bytes] = frozenset()
) -> tuple[Log, ...]:
    """The logs of `ours`, if these are the block's receipts, all of them, in order.

    Raises:
        SourceLied: they do not hash to the header's receipts root, or name other transactions.
        Malformed: a field is missing or no hex.
        UnknownReceipt: a type of transaction whose receipts this version cannot hash.
    """
    encoded, logs = read_receipts(receipts, ours)
    root = ordered_root(encoded)
    number = int(block["number"], 16)
    if root != from_hex(block["receiptsRoot"]):
        raise SourceLied(
            f"block {number}: {len(receipts)} receipts hash to 0x{root.hex()}, the header commits "
            f"to {block['receiptsRoot']}: a log was dropped, added or altered"
        )
    if [receipt.get("transactionHash") for receipt in receipts] != block.get("transactions"):
        raise SourceLied(f"block {number}: receipts name other transactions than the block")
    return logs


def may_contain(bloom: bytes, masks: Iterable[int]) -> bool:
    """Whether a logs bloom (256 bytes) allows a log by one of the addresses in `masks`."""
    bits = int.from_bytes(bloom, "big")
    return any(bits & mask == mask for mask in masks)


def bloom_mask(address: bytes) -> int:
    """The three bits an address sets in a logs bloom (Yellow Paper 4.3.1)."""
    digest = keccak256(address)
    mask = 0
    for at in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[at : at + 2], "big") & 2047)
    return mask


def _header_items(block: JsonBlock) -> list[bytes]:
    items = [unhex(block[name]) for name in _BYTES_FIELDS]
    items += [quantity(block[name]) for name in _INT_FIELDS]
    items += [unhex(block[name]) for name in _SEAL_FIELDS]
    for name in _FORK_FIELDS:
        if block.get(name) is not None:
            items.append(quantity(block[name]) if name in _FORK_INTS else unhex(block[name]))
    return items
