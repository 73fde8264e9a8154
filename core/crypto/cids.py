"""The IPFS address of a block we hashed ourselves: CIDv1, codec raw, sha2-256, base32."""

from collections.abc import Sequence
from typing import Final

from core.types import Cid

_PREFIX: Final = bytes([0x01, 0x55, 0x12, 0x20])
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS: Final = [first + second for first in _ALPHABET for second in _ALPHABET]
_LENGTH: Final = 58
"""Characters for the 36 bytes, five bits each."""
_SHIFTS: Final = range(10 * (_LENGTH // 2 - 1), -1, -10)

_FEW: Final = 3
_FILLING: Final = bytes(4)
"""Makes 36 bytes eight groups of five, which are eight groups of eight characters."""
_GROUPS: Final = 8
_LETTERS: Final = _ALPHABET.encode().ljust(256, b"\0")


def cid_v1_raw(digest: bytes) -> Cid:
    """The CID text (`bafkrei...`) of a raw block whose SHA-256 is `digest` (32 bytes)."""
    bits = int.from_bytes(_PREFIX + digest) << 2  # 288 bits, filled up to 58 times five
    return Cid("b" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS]))


def cids_v1_raw(digests: Sequence[bytes]) -> list[Cid]:
    """`cid_v1_raw` of each, all of them at once: a character's place in its group is one pass."""
    if len(digests) <= _FEW:
        return [cid_v1_raw(digest) for digest in digests]
    data = b"".join([_PREFIX + digest + _FILLING for digest in digests])
    columns = [data[place::5] for place in range(5)]
    written = bytearray(8 * _GROUPS * len(digests))
    for place in range(8):
        written[place::8] = _fives(columns, place).translate(_LETTERS)
    text = written.decode()
    return [Cid("b" + text[at : at + _LENGTH]) for at in range(0, len(text), 8 * _GROUPS)]


def _fives(columns: list[bytes], place: int) -> bytes:
    """The five bits at a place of each group: of one byte of five, or across two."""
    first, begin = divmod(5 * place, 8)
    high = columns[first].translate(_SHIFTED[3 - begin])
    if begin <= 3:
        return high
    low = columns[first + 1].translate(_SHIFTED[11 - begin])
    return (int.from_bytes(high) | int.from_bytes(low)).to_bytes(len(high))


_SHIFTED: Final = {
    right: bytes((byte >> right if right >= 0 else byte << -right) & 31 for byte in range(256))
    for right in range(-4, 8)
}
"""What is left of each byte when five bits are taken, so many to the right."""
