"""Scalars: bytes travel as 0x-hex, 64-bit integers as JSON numbers, larger ones as text."""

from typing import Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from core.crypto import from_hex, to_hex
from core.errors import BadInput

Hash = NewType("Hash", bytes)
Address = NewType("Address", bytes)
Hex = NewType("Hex", bytes)
Long = NewType("Long", int)
BigInt = NewType("BigInt", str)


def _hash(value: Any) -> bytes:
    return from_hex(value, length=32)


def _address(value: Any) -> bytes:
    return from_hex(value, length=20)


def _long(value: Any) -> int:
    if type(value) is not int or not -(2**53) < value < 2**53:
        raise BadInput("expected an integer below 2^53")
    return value


def _decimal(value: Any) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise BadInput("expected a decimal number as text")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Hash: strawberry.scalar(
        name="Hash", description="32 bytes as 0x-hex.", serialize=to_hex, parse_value=_hash
    ),
    Address: strawberry.scalar(
        name="Address", description="An account, 20 bytes as 0x-hex.",
        serialize=to_hex, parse_value=_address,
    ),
    Hex: strawberry.scalar(
        name="Hex", description="Bytes as 0x-hex.", serialize=to_hex, parse_value=from_hex
    ),
    Long: strawberry.scalar(
        name="Long", description="An integer below 2^53, as a JSON number.",
        serialize=int, parse_value=_long,
    ),
    BigInt: strawberry.scalar(
        name="BigInt", description="A non-negative integer of any size, as decimal text.",
        serialize=str, parse_value=_decimal,
    ),
}  # fmt: skip

CONFIG = StrawberryConfig(scalar_map=SCALARS)
