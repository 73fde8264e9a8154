"""Receipts as the chain hashes them, and our logs, cut from the very bytes that are hashed.

A receipt is the list (outcome, cumulative gas, bloom, logs), a log the list (address, topics,
data): Yellow Paper 4.3.1, EIP-658, EIP-2718. Chains of other makers append fields of their own to
some types of transaction; `ENCODERS` is the list of all that are known.
"""

from binascii import unhexlify
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from core.errors import Malformed, Operator
from core.types import TxHash
from indexer.model import Log, log_of
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


_Places: TypeAlias = tuple[slice, Callable[[bytes], tuple[Any, ...]]]
"""Of an encoded log: where the address is, and what cuts out address, data and topics."""


class _Frame(NamedTuple):
    """All bytes of a log that are not its own words: the same for all of one shape."""

    before_address: str
    before_topics: str
    before_data: str
    """In hex."""
    places: _Places


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
            body = _body(receipt["logs"])
            tx_hash = TxHash(word(receipt["transactionHash"]))
            for log, (where, cut) in body:
                if log[where] in ours:
                    parts = cut(log)
                    logs.append(log_of((parts[0], parts[2:], parts[1], tx_hash, index)))
                index += 1
            encoded.append(_receipt(receipt, b"".join([log for log, _ in body])))
    except UNREADABLE as error:
        raise Malformed(f"receipts that cannot be read: {error!r}") from error
    return encoded, tuple(logs)


def _body(told: Iterable[Mapping[str, Any]]) -> list[tuple[bytes, _Places]]:
    """Logs as they are hashed, each read as one piece of hex: five times as fast as word by word.

    With address and topics of fixed length every word stands where the frame says, so it is enough
    that the whole hashes right.
    """
    body = []
    for log in told:
        address, topics, data = log["address"], log["topics"], log["data"]
        words, size = "".join(topics), len(data) // 2 - 1
        if len(address) != 42 or len(words) != 66 * len(topics):
            raise ValueError("an address has 20 bytes, a topic 32")
        frame = _frame(len(topics), size, size == 1 and data[2] < "8")
        before_address, before_topics, before_data, places = frame
        # each topic's 0x becomes the a0 that stands before 32 bytes
        hexed = unhexlify(
            f"{before_address}{address[2:]}{before_topics}{words.replace('0x', 'a0')}"
            f"{before_data}{data[2:]}"
        )
        body.append((hexed, places))
    return body


_MOST_TOPICS: Final = 4


@lru_cache(maxsize=1024)
def _frame(topics: int, size: int, is_own_code: bool) -> _Frame:
    """For a log of so many topics and bytes of data; a byte below 0x80 is its own RLP."""
    if topics > _MOST_TOPICS or size < 0:
        raise ValueError("a log has at most four topics and some 0x-hex")
    words = prefix(33 * topics, 0xC0)
    before_data = b"" if is_own_code else prefix(size, 0x80)
    length = 21 + len(words) + 33 * topics + len(before_data) + size
    before_address = prefix(length, 0xC0) + prefix(20, 0x80)
    start = len(before_address)
    first, end = start + 20 + len(words) + 1, start - 1 + length
    address = slice(start, start + 20)
    places = (slice(at, at + 32) for at in range(first, first + 33 * topics, 33))
    cut = itemgetter(address, slice(end - size, end), *places)
    return _Frame(before_address.hex(), words.hex(), before_data.hex(), (address, cut))


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
