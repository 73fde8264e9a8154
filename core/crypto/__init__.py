"""Hashes, keys and typed-data signatures: the primitives every proof rests on."""

from core.crypto.cids import cid_v1_raw, cids_v1_raw
from core.crypto.eip712 import Domain, StructType, digest, typed_data
from core.crypto.hashes import keccak256, sha256
from core.crypto.hexes import from_hex, to_address, to_hash, to_hex
from core.crypto.keys import address_of, checksum, compact, new_private_key, recover, sign, verify

__all__ = [
    "Domain",
    "StructType",
    "address_of",
    "checksum",
    "cid_v1_raw",
    "cids_v1_raw",
    "compact",
    "digest",
    "from_hex",
    "keccak256",
    "new_private_key",
    "recover",
    "sha256",
    "sign",
    "to_address",
    "to_hash",
    "to_hex",
    "typed_data",
    "verify",
]
