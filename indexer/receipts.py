"""Receipts as the chain hashes them, and our logs, cut from the very bytes that are hashed.

A receipt is the list (outcome, cumulative gas, bloom, logs), a log the list (address, topics,
data): Yellow Paper 4.3.1, EIP-658, EIP-2718. Chains of other makers append fields of their own to
some types of transaction; `ENCODERS` is the list of all that are known.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Final

from core.errors import Malformed, Operator
from core.types import Address, TxHash
from indexer.model import Log
from indexer.rlp import UNREADABLE, prefix, quantity, sequence, string, unhex, word

JsonReceipt = Mapping[str, Any]
Extra = Callable[[JsonReceipt], bytes]


class UnknownReceipt(Operator):
    """A block holds a type of transaction whose receipts this version cannot hash."""

    code = "unknown_receipt"
    hint_default = (
        "The chain has a transaction type of its own: update SmartRetail360 to a version that "
        "knows it, or add its receipt's fields to indexer/receipts.py."
    )


def _nothing(_receipt: JsonReceipt) -> bytes:
    return b""


def _deposit(receipt: JsonReceipt) -> bytes:
    """OP stack deposits: since Canyon nonce and version are hashed; before, neither was, although
    nodes tell the nonce (specs.optimism.io, deposits, "Deposit Receipt")."""
    if receipt.get("depositReceiptVersion") is None:
        return b""
    nonce, version = receipt["depositNonce"], receipt["depositReceiptVersion"]
    return string(quantity(nonce)) + string(quantity(version))


ENCODERS: Final[Mapping[int, Extra]] = {
    0x00: _nothing,  # before EIP-2718
    0x01: _nothing,  # EIP-2930
    0x02: _nothing,  # EIP-1559
    0x03: _nothing,  # EIP-4844
    0x04: _nothing,  # EIP-7702
    **dict.fromkeys((0x64, 0x65, 0x66, 0x68, 0x69, 0x6A), _nothing),  # Arbitrum's own, Nitro
    0x7E: _deposit,  # OP stack
}
"""Transaction type -> encoding of what its receipts have after the four fields of Ethereum's."""


_ADDRESS: Final = prefix(20, 0x80)
_WORD: Final = prefix(32, 0x80)
_TOPICS: Final = tuple(prefix(33 * count, 0xC0) for count in range(5))
"""What stands before a log's fields of fixed length; a log has at most four topics."""


def read_receipts(
    receipts: Sequence[JsonReceipt], ours: Container[bytes] = frozenset()
) -> tuple[list[bytes], tuple[Log, ...]]:
    """The consensus encoding of each receipt, and the logs of `ours` among them.

    A log's index is counted here, since the node's is not proven.

    Raises:
        Malformed: a field is missing or no hex.
        UnknownReceipt: a type of transaction without encoder.
    """
    encoded: list[bytes] = []
    logs: list[Log] = []
    index = 0
    try:
        for receipt in receipts:
            tx_hash = TxHash(word(receipt["transactionHash"]))
            body = []
            for log in receipt["logs"]:
                address, topics, data = unhex(log["address"]), log["topics"], unhex(log["data"])
                topics = [word(topic) for topic in topics]
                body.append(_log(address, topics, data))
                if address in ours:
                    logs.append(Log(Address(address), tuple(topics), data, tx_hash, index))
                index += 1
            encoded.append(_receipt(receipt, b"".join(body)))
    except UNREADABLE as error:
        raise Malformed(f"receipts that cannot be read: {error!r}") from error
    return encoded, tuple(logs)


def _log(address: bytes, topics: list[bytes], data: bytes) -> bytes:
    if len(address) != 20:
        raise ValueError("an address has 20 bytes")
    words = _WORD.join((b"", *topics))
    return sequence(b"".join((_ADDRESS, address, _TOPICS[len(topics)], words, string(data))))


def _receipt(receipt: JsonReceipt, logs: bytes) -> bytes:
    kind = int(receipt.get("type") or "0x0", 16)
    extra = ENCODERS.get(kind)
    if extra is None:
        raise UnknownReceipt(f"a transaction of type {kind:#x}")
    # Before Byzantium (EIP-658) a receipt held a state root instead of a status.
    by_status = receipt.get("status") is not None
    outcome = quantity(receipt["status"]) if by_status else word(receipt["root"])
    body = b"".join(
        (
            string(outcome),
            string(quantity(receipt["cumulativeGasUsed"])),
            string(unhex(receipt["logsBloom"])),
            sequence(logs),
            extra(receipt),
        )
    )
    return (bytes((kind,)) if kind else b"") + sequence(body)
