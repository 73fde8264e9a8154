"""EIP-712 typed data: domain separator, struct hash, digest, and the JSON a wallet shows.

Covers the atomic types, `bytes`, `string` and one-dimensional arrays: all our structs need.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from core.crypto.hashes import keccak256
from core.crypto.hexes import to_hex
from core.errors import Malformed

_INTEGER: Final = re.compile(r"(u?)int(\d+)")
_FIXED_BYTES: Final = re.compile(r"bytes(\d+)")
_DOMAIN_FIELDS: Final = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


@dataclass(frozen=True)
class StructType:
    """A named struct: `fields` are (solidity type, name) in declaration order."""

    name: str
    fields: tuple[tuple[str, str], ...]

    @cached_property
    def signature(self) -> str:
        """`Name(type name,...)`, the text EIP-712 hashes."""
        return f"{self.name}({','.join(f'{kind} {name}' for kind, name in self.fields)})"

    @cached_property
    def type_hash(self) -> bytes:
        return keccak256(self.signature.encode())

    def struct_hash(self, *values: Any) -> bytes:
        """hashStruct of `values` in field order. Raises Malformed if one does not fit its type."""
        if len(values) != len(self.fields):
            raise Malformed(f"{self.name} has {len(self.fields)} fields, got {len(values)}")
        words = [
            encode_value(kind, value, name)
            for (kind, name), value in zip(self.fields, values, strict=True)
        ]
        return keccak256(self.type_hash + b"".join(words))


_DOMAIN: Final = StructType("EIP712Domain", _DOMAIN_FIELDS)


@dataclass(frozen=True)
class Domain:
    """What a signature is meant for: one contract on one chain."""

    name: str
    version: str
    chain_id: int
    verifying_contract: bytes

    @cached_property
    def separator(self) -> bytes:
        """The 32-byte domain separator."""
        return _DOMAIN.struct_hash(self.name, self.version, self.chain_id, self.verifying_contract)


def digest(domain: Domain, struct_hash: bytes) -> bytes:
    """The 32 bytes a wallet signs: keccak256(0x1901 | separator | struct hash)."""
    return keccak256(b"\x19\x01" + domain.separator + struct_hash)


def encode_value(kind: str, value: Any, name: str = "") -> bytes:
    """encodeData of one value: 32 bytes. Raises Malformed if it does not fit."""
    if kind.endswith("[]"):
        if not isinstance(value, Sequence) or isinstance(value, bytes | str):
            raise Malformed(f"{name}: expected a sequence of {kind[:-2]}", pointer=name)
        return keccak256(b"".join(encode_value(kind[:-2], item, name) for item in value))
    if kind == "string" and isinstance(value, str):
        return keccak256(value.encode())
    if kind == "bytes" and isinstance(value, bytes):
        return keccak256(value)
    return _word(kind, value, name)


def typed_data(domain: Domain, struct: StructType, *values: Any) -> dict[str, Any]:
    """The `eth_signTypedData_v4` parameter: types, domain, primaryType and message.

    Integers become decimal strings, bytes 0x-hex: no JSON number loses a digit in a wallet.
    """
    if len(values) != len(struct.fields):
        raise Malformed(f"{struct.name} has {len(struct.fields)} fields, got {len(values)}")
    names = (name for _, name in struct.fields)
    return {
        "types": {
            "EIP712Domain": _fields_json(_DOMAIN_FIELDS),
            struct.name: _fields_json(struct.fields),
        },
        "primaryType": struct.name,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": to_hex(domain.verifying_contract),
        },
        "message": {name: _json(value) for name, value in zip(names, values, strict=True)},
    }


def _fields_json(fields: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for kind, name in fields]


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return to_hex(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value


def _word(kind: str, value: Any, name: str) -> bytes:
    size, signed = _shape(kind)
    if size < 0:
        if isinstance(value, bytes) and len(value) == -size:
            return bytes(12) + value if kind == "address" else value + bytes(32 + size)
        raise Malformed(f"{name}: expected {-size} bytes for {kind}", pointer=name)
    if kind == "bool":
        if not isinstance(value, bool):
            raise Malformed(f"{name}: expected a bool", pointer=name)
    elif not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{name}: expected an integer for {kind}", pointer=name)
    low, high = (-(1 << size - 1), 1 << size - 1) if signed else (0, 1 << size)
    if not low <= value < high:
        raise Malformed(f"{name}: {value} does not fit {kind}", pointer=name)
    return int(value).to_bytes(32, "big", signed=signed)


@lru_cache(maxsize=128)
def _shape(kind: str) -> tuple[int, bool]:
    """(bits, signed) of an integer type, or (-bytes, False) of an address or bytesN."""
    if kind == "address":
        return -20, False
    if kind == "bool":
        return 1, False
    if match := _INTEGER.fullmatch(kind):
        return int(match[2]), match[1] == ""
    if match := _FIXED_BYTES.fullmatch(kind):
        return -int(match[1]), False
    raise Malformed(f"{kind} is not a type this encoder knows, or the value is not of it")
