"""Merkle trees equal to OpenZeppelin's StandardMerkleTree (JavaScript package 1.0).

A leaf is hashed twice, `keccak256(keccak256(abi.encode(...)))`, so no inner node can pose as a
leaf; leaves are sorted by hash and pairs are sorted before hashing, so a proof needs no
left/right bits. `contracts` verify the same proofs with OpenZeppelin's `MerkleProof`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.crypto import eip712
from core.crypto.hashes import keccak256
from core.errors import Malformed


def leaf_hash(encoded: bytes) -> bytes:
    """The leaf (32 bytes) of `abi.encode(...)` output."""
    return keccak256(keccak256(encoded))


def encode_static(types: Sequence[str], values: Sequence[object]) -> bytes:
    """`abi.encode` of static values (address, bool, intN, bytesN). Raises Malformed."""
    if len(types) != len(values):
        raise Malformed(f"{len(types)} types for {len(values)} values")
    if any(kind in ("string", "bytes") or kind.endswith("[]") for kind in types):
        raise Malformed("only static types can be a leaf")
    pairs = zip(types, values, strict=True)
    return b"".join(eip712.encode_value(kind, value) for kind, value in pairs)


@dataclass(frozen=True)
class MerkleTree:
    """A complete binary tree in one list: node i has children 2i+1 and 2i+2, the root is 0."""

    nodes: tuple[bytes, ...]
    positions: tuple[int, ...]
    """Where the n-th leaf given to `build` stands in `nodes`."""

    @property
    def root(self) -> bytes:
        return self.nodes[0]

    def proof(self, index: int) -> list[bytes]:
        """Siblings from the leaf given at `index` up to the root. Raises IndexError."""
        position = self.positions[index]
        siblings = []
        while position > 0:
            siblings.append(self.nodes[position + 1 if position % 2 else position - 1])
            position = (position - 1) // 2
        return siblings


def build(leaves: Sequence[bytes]) -> MerkleTree:
    """The tree of leaf hashes (32 bytes each), in any order. Raises Malformed if empty."""
    if not leaves:
        raise Malformed("a Merkle tree needs at least one leaf")
    if any(len(leaf) != 32 for leaf in leaves):
        raise Malformed("a leaf is a 32-byte hash")
    size = 2 * len(leaves) - 1
    nodes = [b""] * size
    positions = [0] * len(leaves)
    for rank, index in enumerate(sorted(range(len(leaves)), key=lambda i: leaves[i])):
        nodes[size - 1 - rank] = leaves[index]
        positions[index] = size - 1 - rank
    for position in range(size - 1 - len(leaves), -1, -1):
        nodes[position] = _pair(nodes[2 * position + 1], nodes[2 * position + 2])
    return MerkleTree(tuple(nodes), tuple(positions))


def verify(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `leaf` is under `root`."""
    node = leaf
    for sibling in proof:
        node = _pair(node, sibling)
    return node == root


def _pair(a: bytes, b: bytes) -> bytes:
    return keccak256(a + b if a < b else b + a)
