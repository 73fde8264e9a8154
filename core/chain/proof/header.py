"""Block headers: from a node's JSON to the bytes whose keccak256 is the block hash."""

from dataclasses import dataclass
from typing import Any, Final

import rlp

from core.crypto import from_hex, keccak256
from core.errors import Malformed
from core.types import BlockHash

_BYTES: Final = "bytes"
_INTEGER: Final = "integer"
_FIELDS: Final = (
    ("parentHash", _BYTES),
    ("sha3Uncles", _BYTES),
    ("miner", _BYTES),
    ("stateRoot", _BYTES),
    ("transactionsRoot", _BYTES),
    ("receiptsRoot", _BYTES),
    ("logsBloom", _BYTES),
    ("difficulty", _INTEGER),
    ("number", _INTEGER),
    ("gasLimit", _INTEGER),
    ("gasUsed", _INTEGER),
    ("timestamp", _INTEGER),
    ("extraData", _BYTES),
    ("mixHash", _BYTES),
    ("nonce", _BYTES),
)
_LATER_FIELDS: Final = (
    ("baseFeePerGas", _INTEGER),  # EIP-1559
    ("withdrawalsRoot", _BYTES),  # EIP-4895
    ("blobGasUsed", _INTEGER),  # EIP-4844
    ("excessBlobGas", _INTEGER),
    ("parentBeaconBlockRoot", _BYTES),  # EIP-4788
    ("requestsHash", _BYTES),  # EIP-7685
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a proof needs of a block header."""

    hash: BlockHash
    parent_hash: BlockHash
    state_root: bytes
    receipts_root: bytes
    number: int
    timestamp: int


def encode_header(block: dict[str, Any]) -> bytes:
    """RLP of the header in an `eth_getBlockByNumber` answer. Raises Malformed.

    Later forks appended fields; those the node names are taken, in order.
    """
    present = [(name, kind) for name, kind in _LATER_FIELDS if block.get(name) is not None]
    items = [_item(block, name, kind) for name, kind in (*_FIELDS, *present)]
    return bytes(rlp.encode(items))


def read_header(encoded: bytes) -> Header:
    """A header from its RLP. Raises Malformed."""
    try:
        items = rlp.decode(encoded)
    except rlp.exceptions.RLPException as error:
        raise Malformed(f"the block header is not RLP: {error}") from error
    if not isinstance(items, list) or len(items) < len(_FIELDS):
        raise Malformed("a block header has at least 15 fields")
    if not all(isinstance(item, bytes) for item in items) or len(items[3]) != 32:
        raise Malformed("a field of the block header has the wrong form")
    return Header(
        hash=BlockHash(keccak256(encoded)),
        parent_hash=BlockHash(items[0]),
        state_root=items[3],
        receipts_root=items[5],
        number=int.from_bytes(items[8], "big"),
        timestamp=int.from_bytes(items[11], "big"),
    )


def _item(block: dict[str, Any], name: str, kind: str) -> bytes:
    value = block.get(name)
    if kind == _BYTES:
        return from_hex(value, pointer=f"/{name}")
    if not isinstance(value, str) or not value.startswith("0x"):
        raise Malformed("expected a 0x-hex quantity", pointer=f"/{name}")
    number = int(value, 16)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
