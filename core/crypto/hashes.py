"""The two hash functions of the system: keccak-256 on chain, SHA-256 for documents."""

import hashlib

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """The Ethereum hash of `data`, 32 bytes (original Keccak padding, not FIPS 202)."""
    digest: bytes = keccak_256(data).digest()
    return digest


def sha256(data: bytes) -> bytes:
    """FIPS 180-4 SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()
