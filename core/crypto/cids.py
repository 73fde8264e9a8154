"""The IPFS address of a block we hashed ourselves: CIDv1, codec raw, sha2-256, base32."""

import base64
from typing import Final

from core.types import Cid

_PREFIX: Final = bytes([0x01, 0x55, 0x12, 0x20])


def cid_v1_raw(digest: bytes) -> Cid:
    """The CID text (`bafkrei...`) of a raw block whose SHA-256 is `digest` (32 bytes)."""
    return Cid("b" + base64.b32encode(_PREFIX + digest).decode().lower().rstrip("="))
