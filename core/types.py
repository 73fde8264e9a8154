"""Identifiers with their own type, and the closed enumerations of the chain."""

from enum import IntEnum
from typing import Final, NewType

DataHash = NewType("DataHash", bytes)
"""SHA-256 of an event document's RFC 8785 bytes (32 bytes); also its IPFS multihash."""

ProductId = NewType("ProductId", bytes)
"""keccak256 of the canonical GS1 Digital Link URI in UTF-8 (32 bytes)."""

ProductUri = NewType("ProductUri", str)
"""Canonical GS1 Digital Link URI, e.g. `https://id.gs1.org/01/{gtin14}/10/{lot}`."""

Head = NewType("Head", bytes)
"""`seq:64 | hash:192` (32 bytes), the commitment to a product's whole history."""

Address = NewType("Address", bytes)
"""An Ethereum account or contract (20 bytes)."""

TxHash = NewType("TxHash", bytes)
BlockHash = NewType("BlockHash", bytes)

Cid = NewType("Cid", str)
"""An IPFS content identifier in its text form."""

Millis = NewType("Millis", int)
"""Unix time in milliseconds, UTC."""

MilliCelsius = NewType("MilliCelsius", int)
Grams = NewType("Grams", int)
Kilograms = NewType("Kilograms", int)

ZERO_ADDRESS: Final = Address(bytes(20))
EMPTY_HEAD: Final = Head(bytes(32))
RECALL_BASE: Final = 0x20


class EventKind(IntEnum):
    """What a history entry is; the first byte of its leaf. 1-15 are EPCIS event types."""

    OBJECT = 1
    AGGREGATION = 2
    TRANSFORMATION = 3
    TRANSACTION = 4
    ASSOCIATION = 5
    HANDOVER = 16
    CORRECTION = 17
    PACKED = 18
    UNPACKED = 19
    RECALL_CLOSED = 0x20
    RECALL_CLASS_1 = 0x21
    RECALL_CLASS_2 = 0x22
    RECALL_CLASS_3 = 0x23
    OTHER = 0
    """Never on chain: stands for those of 1-15 that have no name here; anyone may record them."""

    @classmethod
    def _missing_(cls, value: object) -> "EventKind | None":
        return cls.OTHER if isinstance(value, int) and 1 <= value <= 15 else None


class Role(IntEnum):
    """What an actor is registered as in ActorRegistry."""

    SUPPLIER = 1
    CARRIER = 2
    RETAILER = 3
    CERTIFIER = 4
    REGULATOR = 5
    DEVICE = 6
    ORACLE = 7
