"""The inline proof: what a node says about a block must hash to that block.

A header hashes to the block hash, receipts hash to the header's receipts root. So a node cannot
drop, add or alter a log of a block; it could only invent a whole chain, against which stand the
deployment's contracts, the parent links and other endpoints. `indexer.verify` does the same with
other code. Sources: Yellow Paper 4.3 and appendices B-D, EIP-2718.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from core.crypto import from_hex, keccak256
from core.errors import Malformed, Operator, SourceLied

JsonBlock = dict[str, Any]
Rlp = bytes | list["Rlp"]

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
    actual = keccak256(rlp(_header_items(block)))
    if actual == stated:
        return stated
    if unknown := sorted(name for name in block if name not in KNOWN_FIELDS):
        raise UnknownHeader(f"block {block.get('number')}: unknown header fields {unknown}")
    raise SourceLied(
        f"block {block.get('number')}: the header hashes to 0x{actual.hex()}, "
        f"the node says 0x{stated.hex()}"
    )


def check_receipts(block: JsonBlock, receipts: Sequence[dict[str, Any]]) -> None:
    """Pass silently if these are the block's receipts, all of them, in order.

    Raises:
        SourceLied: they do not hash to the header's receipts root, or name other transactions.
        Malformed: a field is missing or no hex.
    """
    number = int(block["number"], 16)
    root = ordered_root([receipt_bytes(receipt) for receipt in receipts])
    if root != from_hex(block["receiptsRoot"]):
        raise SourceLied(
            f"block {number}: {len(receipts)} receipts hash to 0x{root.hex()}, the header commits "
            f"to {block['receiptsRoot']}: a log was dropped, added or altered"
        )
    if [receipt.get("transactionHash") for receipt in receipts] != block.get("transactions"):
        raise SourceLied(f"block {number}: receipts name other transactions than the block")


def receipt_bytes(receipt: dict[str, Any]) -> bytes:
    """The consensus encoding of a receipt (EIP-2718). Raises Malformed."""
    logs: list[Rlp] = [
        [
            from_hex(log.get("address"), pointer="/logs/address"),
            [from_hex(topic, pointer="/logs/topics") for topic in log.get("topics", ())],
            from_hex(log.get("data"), pointer="/logs/data"),
        ]
        for log in receipt.get("logs", ())
    ]
    # Before Byzantium (EIP-658) a receipt held a state root instead of a status.
    outcome = (
        _quantity(receipt, "status")
        if "status" in receipt
        else from_hex(receipt.get("root"), pointer="/root")
    )
    body = rlp(
        [
            outcome,
            _quantity(receipt, "cumulativeGasUsed"),
            from_hex(receipt.get("logsBloom"), pointer="/logsBloom"),
            logs,
        ]
    )
    kind = int(receipt.get("type") or "0x0", 16)
    return bytes([kind]) + body if kind else body


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


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the trie that maps rlp(0), rlp(1), ... to `values`."""
    pairs = sorted((_nibbles(rlp(_integer(i))), value) for i, value in enumerate(values))
    return keccak256(rlp(_node(pairs, 0)) if pairs else b"\x80")


def rlp(item: Rlp) -> bytes:
    """Recursive length prefix (Yellow Paper, appendix B)."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(map(rlp, item))
    return _prefix(len(body), 0xC0) + body


def _header_items(block: JsonBlock) -> list[Rlp]:
    items: list[Rlp] = [from_hex(block.get(name), pointer=f"/{name}") for name in _BYTES_FIELDS]
    items += [_quantity(block, name) for name in _INT_FIELDS]
    items += [from_hex(block.get(name), pointer=f"/{name}") for name in _SEAL_FIELDS]
    for name in _FORK_FIELDS:
        if block.get(name) is not None:
            is_int = name in _FORK_INTS
            items.append(_quantity(block, name) if is_int else from_hex(block[name]))
    return items


def _quantity(source: JsonBlock, name: str) -> bytes:
    try:
        return _integer(int(source[name], 16))
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("expected a 0x-hex quantity", pointer=f"/{name}") from error


def _integer(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _prefix(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = _integer(length)
    return bytes([base + 55 + len(size)]) + size


def _nibbles(data: bytes) -> bytes:
    return bytes(nibble for byte in data for nibble in (byte >> 4, byte & 15))


def _node(pairs: Sequence[tuple[bytes, bytes]], depth: int) -> Rlp:
    """The trie node over sorted (nibbles, value) pairs that agree up to `depth`."""
    first, value = pairs[0]
    if len(pairs) == 1:
        return [_path(first[depth:], leaf=True), value]
    last = pairs[-1][0]
    shared = depth
    while first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [_path(first[depth:shared], leaf=False), _reference(pairs, shared)]
    children: list[Rlp] = [b""] * 17  # no key of an index is a prefix of another
    start = 0
    for end in range(1, len(pairs) + 1):
        if end == len(pairs) or pairs[end][0][depth] != pairs[start][0][depth]:
            children[pairs[start][0][depth]] = _reference(pairs[start:end], depth + 1)
            start = end
    return children


def _reference(pairs: Sequence[tuple[bytes, bytes]], depth: int) -> Rlp:
    node = _node(pairs, depth)
    encoded = rlp(node)
    return node if len(encoded) < 32 else keccak256(encoded)


def _path(nibbles: bytes, *, leaf: bool) -> bytes:
    """Hex-prefix encoding (Yellow Paper, appendix C)."""
    odd = len(nibbles) % 2
    flagged = bytes([2 * leaf + odd]) + (b"" if odd else b"\0") + nibbles
    return bytes(a << 4 | b for a, b in zip(flagged[::2], flagged[1::2], strict=True))
