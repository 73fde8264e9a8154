"""The root of a list of values in a Merkle Patricia trie (Yellow Paper, appendices C and D)."""

from collections.abc import Sequence

from core.crypto import keccak256
from indexer.rlp import Rlp, integer, rlp

Pair = tuple[bytes, bytes]
"""The nibbles of a key, and its value."""


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the trie that maps rlp(0), rlp(1), ... to `values`."""
    pairs = sorted((_nibbles(rlp(integer(i))), value) for i, value in enumerate(values))
    return keccak256(rlp(_node(pairs, 0)) if pairs else b"\x80")


def _nibbles(data: bytes) -> bytes:
    return bytes(nibble for byte in data for nibble in (byte >> 4, byte & 15))


def _node(pairs: Sequence[Pair], depth: int) -> Rlp:
    """The trie node over sorted pairs that agree up to `depth`."""
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


def _reference(pairs: Sequence[Pair], depth: int) -> Rlp:
    node = _node(pairs, depth)
    encoded = rlp(node)
    return node if len(encoded) < 32 else keccak256(encoded)


def _path(nibbles: bytes, *, leaf: bool) -> bytes:
    """Hex-prefix encoding (Yellow Paper, appendix C)."""
    odd = len(nibbles) % 2
    flagged = bytes([2 * leaf + odd]) + (b"" if odd else b"\0") + nibbles
    return bytes(a << 4 | b for a, b in zip(flagged[::2], flagged[1::2], strict=True))
