"""The IPFS address of a block we hashed ourselves: CIDv1, codec raw, sha2-256, base32."""

from typing import Final

from core.types import Cid

_PREFIX: Final = bytes([0x01, 0x55, 0x12, 0x20])
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS: Final = [first + second for first in _ALPHABET for second in _ALPHABET]
_LENGTH: Final = 58
"""Characters for the 36 bytes, five bits each."""
_SHIFTS: Final = range(10 * (_LENGTH // 2 - 1), -1, -10)


def cid_v1_raw(digest: bytes) -> Cid:
    """The CID text (`bafkrei...`) of a raw block whose SHA-256 is `digest` (32 bytes)."""
    bits = int.from_bytes(_PREFIX + digest) << 2  # 288 bits, filled up to 58 times five
    return Cid("b" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS]))
