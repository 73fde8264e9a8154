"""A product's head: 32 bytes on chain that commit to its whole recorded history.

Twin of contracts/libraries/History.sol and web/src/lib/verify/head.ts, on the same vectors.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.crypto import keccak256
from core.crypto.eip712 import encode_value
from core.types import EMPTY_HEAD, ZERO_ADDRESS, Address, DataHash, Head, Millis, TxHash

_LEAF_TYPES = ("uint8", "address", "address", "bytes32", "uint64")
_NO_TX = TxHash(bytes(32))
_HASH_MASK = (1 << 192) - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a product's history; `seq` counts from 1."""

    seq: int
    kind: int
    """core.types.EventKind; recalls are 0x20 | level."""
    actor: Address
    data_hash: DataHash
    occurred_at: Millis
    counterparty: Address = ZERO_ADDRESS
    """The receiver of a handover; of a correction the number of the corrected entry, of packing and
    unpacking the container's id, both as their last 20 bytes; else zero."""
    block_number: int = 0
    log_index: int = 0
    tx_hash: TxHash = _NO_TX

    @property
    def corrected_seq(self) -> int:
        """Which entry a correction corrects."""
        return int.from_bytes(self.counterparty, "big")

    def leaf(self) -> bytes:
        """keccak256(abi.encode(kind, actor, counterparty, dataHash, occurredAt))."""
        values = (self.kind, self.actor, self.counterparty, self.data_hash, self.occurred_at)
        pairs = zip(_LEAF_TYPES, values, strict=True)
        return keccak256(b"".join(encode_value(kind, value) for kind, value in pairs))


def grow(head: Head, leaf: bytes) -> Head:
    """The head after one more entry: `seq + 1 : 64 | keccak256(head | leaf) : 192`."""
    seq = seq_of(head) + 1
    tail = int.from_bytes(keccak256(head + leaf), "big") & _HASH_MASK
    return Head(((seq << 192) | tail).to_bytes(32, "big"))


def fold(entries: Iterable[Entry]) -> Head:
    """The head of a history, oldest entry first."""
    head = EMPTY_HEAD
    for entry in entries:
        head = grow(head, entry.leaf())
    return head


def seq_of(head: Head) -> int:
    """How many entries a head commits to."""
    return int.from_bytes(head[:8], "big")
