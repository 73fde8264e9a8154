"""A product's head: 32 bytes on chain that commit to its whole recorded history.

Twin of contracts/libraries/History.sol and web/src/lib/verify/head.ts, on the same vectors.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.crypto import keccak256
from core.errors import Malformed
from core.types import EMPTY_HEAD, ZERO_ADDRESS, Address, DataHash, Head, Millis, TxHash

_LEAF: Final = struct.Struct(">31xB12x20s12x20s32s24xQ").pack
"""Five words: uint8, address, address, bytes32, uint64."""
_NO_TX = TxHash(bytes(32))


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
        """keccak256(abi.encode(kind, actor, counterparty, dataHash, occurredAt)).

        Raises:
            Malformed: a value does not fit its type.
        """
        said = (self.kind, self.actor, self.counterparty, self.data_hash)
        return leaf_of(*said, self.occurred_at)


def leaf_of(
    kind: int, actor: bytes, counterparty: bytes, data_hash: bytes, occurred_at: int
) -> bytes:
    """`Entry.leaf` without an entry: an indexer takes a million of them. Raises Malformed."""
    # struct would pad or cut what is too short or too long
    if not len(actor) == len(counterparty) == 20 or len(data_hash) != 32:
        raise Malformed("an entry needs addresses of 20 and a hash of 32 bytes")
    try:
        return keccak256(_LEAF(kind, actor, counterparty, data_hash, occurred_at))
    except struct.error as error:
        raise Malformed(f"an entry's kind or time does not fit: {error}") from error


def grow(head: Head, leaf: bytes) -> Head:
    """The head after one more entry: `seq + 1 : 64 | keccak256(head | leaf) : 192`."""
    return head_of(int.from_bytes(head[:8], "big") + 1, head, leaf)


def head_of(seq: int, before: bytes, leaf: bytes) -> Head:
    """`grow` for who counts the entries: `seq` is the new one's number."""
    return seq.to_bytes(8, "big") + keccak256(before + leaf)[8:]  # type: ignore[return-value]


def fold(entries: Iterable[Entry]) -> Head:
    """The head of a history, oldest entry first."""
    head = EMPTY_HEAD
    for entry in entries:
        head = grow(head, entry.leaf())
    return head


def seq_of(head: Head) -> int:
    """How many entries a head commits to."""
    return int.from_bytes(head[:8], "big")
