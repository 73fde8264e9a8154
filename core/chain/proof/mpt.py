"""Merkle-Patricia proofs as `eth_getProof` (EIP-1186) gives them, checked down to one slot.

Yellow Paper, appendix D. A proof of absence is a proof too: a product never recorded has no slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import rlp

from core.crypto import keccak256
from core.crypto.eip712 import encode_value
from core.errors import Malformed
from core.types import EMPTY_HEAD, Head

EMPTY_ROOT: Final = keccak256(b"\x80")
HEAD_SLOT: Final = 0
"""Where SupplyChain keeps `mapping(bytes32 productId => bytes32 head)`."""


class BadProof(Malformed):
    """Proof nodes that do not lead from the root to the key."""

    code = "bad_proof"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the state root commits to it."""

    storage_root: bytes
    code_hash: bytes


def head_slot(product_id: bytes) -> bytes:
    """The storage key (32 bytes) of a product's head: keccak256(abi.encode(productId, 0))."""
    return keccak256(product_id + encode_value("uint256", HEAD_SLOT))


def prove_account(state_root: bytes, address: bytes, nodes: Sequence[bytes]) -> Account:
    """The account at `address` under a state root.

    Raises:
        BadProof: the nodes do not hash up to the root, or there is no such account.
    """
    value = prove(state_root, keccak256(address), nodes)
    if value is None:
        raise BadProof("the state holds no such account")
    fields = _decode(value)
    if not isinstance(fields, list) or len(fields) != 4:
        raise BadProof("an account has four fields")
    return Account(storage_root=fields[2], code_hash=fields[3])


def prove_head(storage_root: bytes, product_id: bytes, nodes: Sequence[bytes]) -> Head:
    """A product's head under a storage root; zero if proven absent. Raises BadProof."""
    value = prove(storage_root, keccak256(head_slot(product_id)), nodes)
    if value is None:
        return EMPTY_HEAD
    word = _decode(value)
    if not isinstance(word, bytes) or len(word) > 32:
        raise BadProof("a storage slot holds at most 32 bytes")
    return Head(word.rjust(32, b"\0"))


def prove(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """The value under a 32-byte key, or None if the nodes prove there is none. Raises BadProof."""
    if root == EMPTY_ROOT:
        if list(nodes) not in ([], [b"\x80"]):
            raise BadProof("an empty trie has no nodes")
        return None
    walk = _Walk(nodes)
    value = walk.down(walk.take(root), _nibbles(key))
    walk.refuse_leftovers()
    return value


class _Walk:
    """Consumes proof nodes from the root down."""

    def __init__(self, nodes: Sequence[bytes]) -> None:
        self._nodes = list(nodes)
        self._next = 0

    def take(self, digest: bytes) -> list[Any]:
        """The next node; its hash must be `digest`."""
        if self._next == len(self._nodes):
            raise BadProof("a proof node is missing")
        encoded = self._nodes[self._next]
        if keccak256(encoded) != digest:
            raise BadProof(f"proof node {self._next} does not have the hash its parent names")
        self._next += 1
        return _node(_decode(encoded))

    def down(self, node: list[Any], path: bytes) -> bytes | None:
        """The value at the end of `path` (nibbles) below a node."""
        while True:
            if len(node) == 17:
                child, path = _branch(node, path)
            else:
                prefix, is_leaf = _prefix(node[0])
                if not path.startswith(prefix):
                    return None
                child, path = node[1], path[len(prefix) :]
                if is_leaf:
                    return _value(child, path)
            if child == b"":
                return None
            node = _node(child) if isinstance(child, list) else self.take(child)

    def refuse_leftovers(self) -> None:
        if self._next != len(self._nodes):
            raise BadProof("the proof has nodes nobody refers to")


def _branch(node: list[Any], path: bytes) -> tuple[Any, bytes]:
    if not path:
        raise BadProof("the path of a 32-byte key can not end at a branch")
    return node[path[0]], path[1:]


def _value(value: Any, rest: bytes) -> bytes:
    if rest or not isinstance(value, bytes):
        raise BadProof("a leaf stands where a 32-byte key has not ended")
    return value


def _prefix(encoded: bytes) -> tuple[bytes, bool]:
    """Nibbles and leaf flag of a hex-prefix encoding (Yellow Paper, appendix C)."""
    nibbles = _nibbles(encoded)
    if not nibbles or nibbles[0] > 3:
        raise BadProof("a proof node has no valid path")
    return nibbles[1 if nibbles[0] & 1 else 2 :], nibbles[0] >= 2


def _nibbles(data: bytes) -> bytes:
    return bytes(nibble for byte in data for nibble in (byte >> 4, byte & 15))


def _node(decoded: Any) -> list[Any]:
    if not isinstance(decoded, list) or len(decoded) not in (2, 17):
        raise BadProof("a proof node has 2 or 17 items")
    return decoded


def _decode(encoded: bytes) -> Any:
    try:
        return rlp.decode(encoded)
    except (rlp.exceptions.RLPException, TypeError) as error:
        raise BadProof(f"a proof node is not RLP: {error}") from error
