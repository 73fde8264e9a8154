"""Receipts under their root, with `trie` and `rlp` (Yellow Paper 4.3.1, EIP-2718).

A mistake here could only accuse an honest node: only the receipts themselves hash to their root.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from rlp.codec import encode_raw, length_prefix
from trie.hexary import HexaryTrie

from core.chain.client import to_int

_STRING, _LIST = 0x80, 0xC0
_SHORT: Final = 56
_PREFIXES: Final = [bytes([_STRING + size]) for size in range(_SHORT)]

DEPOSIT: Final = 0x7E
KNOWN: Final = frozenset((0, 1, 2, 3, 4, 0x64, 0x65, 0x66, 0x68, 0x69, 0x6A, DEPOSIT))
"""Transaction types of Ethereum (EIP-2718, 2930, 1559, 4844, 7702), of Arbitrum Nitro, which hash
the same four fields (go-ethereum fork, core/types/arb_types.go), and of the OP stack."""

RawLog = tuple[bytes, tuple[bytes, ...], bytes]
"""Address, topics, data."""


class Receipt(NamedTuple):
    """What a receipts root commits to, and the hash of the transaction, which it does not."""

    kind: int
    outcome: bytes
    gas: int
    bloom: bytes
    logs: list[RawLog]
    tx_hash: bytes
    more: tuple[bytes, ...] = ()
    """What its chain hashes after the four fields of Ethereum's."""


def read_receipt(told: Mapping[str, Any]) -> Receipt:
    """A receipt from a node's JSON. Raises Malformed, KeyError, TypeError, ValueError."""
    kind = to_int(told.get("type") or "0x0")
    return Receipt(
        kind=kind,
        outcome=raw(told["root"]) if told.get("status") is None else number(to_int(told["status"])),
        gas=to_int(told["cumulativeGasUsed"]),
        bloom=raw(told["logsBloom"]),
        logs=[
            (raw(log["address"]), tuple(map(raw, log["topics"])), raw(log["data"]))
            for log in told["logs"]
        ],
        tx_hash=raw(told["transactionHash"]),
        more=_deposit(told) if kind == DEPOSIT else (),
    )


def unknown_kinds(receipts: list[Receipt]) -> list[str]:
    """Types of transactions whose receipts may hold more than we know of."""
    return [hex(kind) for kind in sorted({receipt.kind for receipt in receipts} - KNOWN)]


def receipts_root(receipts: list[Receipt]) -> bytes:
    """The root (32 bytes) of a block's receipts in order."""
    trie = HexaryTrie({})
    for index, receipt in enumerate(receipts):
        trie[encode_raw(number(index))] = _encoded(receipt)
    return bytes(trie.root_hash)


def _deposit(told: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Nonce and version of an OP stack deposit, hashed since Canyon, when the version came; before,
    nodes told a nonce that was not (specs.optimism.io, "Deposit Receipt")."""
    if told.get("depositReceiptVersion") is None:
        return ()
    return number(to_int(told["depositNonce"])), number(to_int(told["depositReceiptVersion"]))


def number(value: int) -> bytes:
    """An integer as RLP holds it: big-endian, no leading zero."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def raw(text: str) -> bytes:
    """Bytes from 0x-hex; leniently, for the root is checked over what comes out."""
    if text[:2] != "0x":
        raise ValueError(f"{text[:20]!r} is not 0x-hex")
    return bytes.fromhex(text[2:])


def _encoded(receipt: Receipt) -> bytes:
    logs = b"".join(map(_log, receipt.logs))
    head = b"".join(map(_string, (receipt.outcome, number(receipt.gas), receipt.bloom)))
    body = _list(head + _list(logs) + b"".join(map(_string, receipt.more)))
    return (bytes([receipt.kind]) if receipt.kind else b"") + body


def _log(log: RawLog) -> bytes:
    # the library walks each item through abstract classes: 60 us a log, this takes 3
    address, topics, data = log
    return _list(_string(address) + _list(b"".join(map(_string, topics))) + _string(data))


def _string(item: bytes) -> bytes:
    size = len(item)
    if size == 1 and item[0] < _STRING:
        return item
    return (_PREFIXES[size] if size < _SHORT else length_prefix(size, _STRING)) + item


def _list(payload: bytes) -> bytes:
    return bytes(length_prefix(len(payload), _LIST)) + payload
