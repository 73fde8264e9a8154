"""The root of a list of values in a Merkle Patricia trie (Yellow Paper, appendices C and D)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from core.crypto import keccak256
from indexer.rlp import integer, sequence, string

Pair = tuple[bytes, bytes]
"""The nibbles of a key, and its value."""

_EMPTY: Final = b"\x80"
"""The encoding of no bytes."""
_HASHED: Final = b"\xa0"
"""What stands before 32 bytes."""


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the trie that maps rlp(0), rlp(1), ... to `values`."""
    pairs = [(key, values[i]) for key, i in _keys(len(values))]
    return keccak256(_node(pairs, 0) if pairs else _EMPTY)


@lru_cache(maxsize=16)
def _keys(count: int) -> list[tuple[bytes, int]]:
    """The nibbles of rlp(0), rlp(1), ... in order, each with its index."""
    return sorted((_nibbles(string(integer(i))), i) for i in range(count))


def _nibbles(data: bytes) -> bytes:
    return bytes(nibble for byte in data for nibble in (byte >> 4, byte & 15))


def _node(pairs: Sequence[Pair], depth: int) -> bytes:
    """The encoded trie node over sorted pairs that agree up to `depth`."""
    first, value = pairs[0]
    if len(pairs) == 1:
        return sequence(_path(first[depth:], leaf=True) + string(value))
    last = pairs[-1][0]
    shared = depth
    while first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return sequence(_path(first[depth:shared], leaf=False) + _reference(pairs, shared))
    children = [_EMPTY] * 17  # no key of an index is a prefix of another
    start = 0
    for end in range(1, len(pairs) + 1):
        if end == len(pairs) or pairs[end][0][depth] != pairs[start][0][depth]:
            children[pairs[start][0][depth]] = _reference(pairs[start:end], depth + 1)
            start = end
    return sequence(b"".join(children))


def _reference(pairs: Sequence[Pair], depth: int) -> bytes:
    """A node as its parent holds it: itself, or its hash where that is shorter."""
    encoded = _node(pairs, depth)
    return encoded if len(encoded) < 32 else _HASHED + keccak256(encoded)


@lru_cache(maxsize=1024)
def _path(nibbles: bytes, *, leaf: bool) -> bytes:
    """The encoded hex-prefix encoding (Yellow Paper, appendix C)."""
    odd = len(nibbles) % 2
    flagged = bytes([2 * leaf + odd]) + (b"" if odd else b"\0") + nibbles
    return string(bytes(a << 4 | b for a, b in zip(flagged[::2], flagged[1::2], strict=True)))
