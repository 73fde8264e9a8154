"""What devices and the gateway say to each other over MQTT: small JSON objects, all signed.

    sr360/v1/{device}/readings   device -> gateway   Reading
    sr360/v1/{device}/ack        gateway -> device   Acknowledgement (cumulative) or Refusal

The broker's own acknowledgement is not durability; a device forgets a reading only when a signed
Acknowledgement covers its sequence number. A repeated Acknowledgement does no harm.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from core import merkle
from core.crypto import Domain, digest, from_hex, recover, sign, to_address, to_hash, to_hex
from core.crypto.structs import ACKNOWLEDGEMENT, READING
from core.errors import InvalidSignature, Malformed
from core.types import Address, MilliCelsius, Millis, ProductId

VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 4_096
READINGS_FILTER: Final = "sr360/v1/+/readings"
ACK_FILTER: Final = "sr360/v1/+/ack"
_TOPIC: Final = re.compile(r"sr360/v1/(0x[0-9a-f]{40})/(readings|ack)")
_LEAF_TYPES: Final = tuple(kind for kind, _ in READING.fields)


def readings_topic(device: bytes) -> str:
    """Where this device publishes its readings."""
    return f"sr360/v1/{to_hex(device)}/readings"


def ack_topic(device: bytes) -> str:
    """Where the gateway answers this device."""
    return f"sr360/v1/{to_hex(device)}/ack"


def device_of_topic(topic: str) -> Address:
    """The device a topic belongs to. Raises Malformed."""
    match = _TOPIC.fullmatch(topic)
    if match is None:
        raise Malformed(f"{topic!r} is not a topic of ours", pointer="topic")
    return to_address(match[1])


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement, numbered and signed by the device that made it."""

    device: Address
    seq: int
    product_id: ProductId
    value_mc: MilliCelsius
    measured_at: Millis
    signature: bytes = b""

    def struct_hash(self) -> bytes:
        return READING.struct_hash(*self._fields())

    def leaf(self) -> bytes:
        """The reading's place in its batch's Merkle tree (32 bytes)."""
        return merkle.leaf_hash(merkle.encode_static(_LEAF_TYPES, self._fields()))

    def signed(self, domain: Domain, private_key: bytes) -> "Reading":
        """The same reading with the device's signature."""
        signature = sign(private_key, digest(domain, self.struct_hash()))
        return Reading(*self._fields(), signature)

    def check_signature(self, domain: Domain) -> None:
        """Pass silently if the device itself signed. Raises InvalidSignature."""
        if recover(digest(domain, self.struct_hash()), self.signature) != self.device:
            raise InvalidSignature("the reading was not signed by its device", pointer="/signature")

    def encode(self) -> bytes:
        """The MQTT payload."""
        return orjson.dumps(
            {
                "v": VERSION,
                "device": to_hex(self.device),
                "seq": self.seq,
                "product": to_hex(self.product_id),
                "value": self.value_mc,
                "measuredAt": self.measured_at,
                "signature": to_hex(self.signature),
            }
        )

    def _fields(self) -> tuple[Address, int, ProductId, MilliCelsius, Millis]:
        return self.device, self.seq, self.product_id, self.value_mc, self.measured_at


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The gateway's word that every reading up to and including `up_to` is committed."""

    device: Address
    up_to: int
    signature: bytes = b""

    def signed(self, domain: Domain, private_key: bytes) -> "Acknowledgement":
        """The same acknowledgement with the gateway's signature."""
        signature = sign(private_key, self._digest(domain))
        return Acknowledgement(self.device, self.up_to, signature)

    def check_signature(self, domain: Domain, gateway: bytes) -> None:
        """Pass silently if `gateway` (20 bytes) signed. Raises InvalidSignature."""
        if recover(self._digest(domain), self.signature) != gateway:
            raise InvalidSignature("not signed by the gateway", pointer="/signature")

    def encode(self) -> bytes:
        """The MQTT payload."""
        return orjson.dumps(
            {
                "v": VERSION,
                "device": to_hex(self.device),
                "upTo": self.up_to,
                "signature": to_hex(self.signature),
            }
        )

    def _digest(self, domain: Domain) -> bytes:
        return digest(domain, ACKNOWLEDGEMENT.struct_hash(self.device, self.up_to))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one reading was not taken: a typed error's code and message. A diagnosis, unsigned."""

    device: Address
    seq: int
    code: str
    message: str

    def encode(self) -> bytes:
        """The MQTT payload."""
        return orjson.dumps(
            {
                "v": VERSION,
                "device": to_hex(self.device),
                "refused": self.seq,
                "code": self.code,
                "message": self.message,
            }
        )


def decode_reading(payload: bytes) -> Reading:
    """A reading as it came over the wire; the signature is not yet checked. Raises Malformed."""
    fields = _object(payload)
    return Reading(
        device=to_address(fields.get("device"), pointer="/device"),
        seq=_integer(fields, "seq", 0, 1 << 63),
        product_id=ProductId(to_hash(fields.get("product"), pointer="/product")),
        value_mc=MilliCelsius(_integer(fields, "value", -(1 << 63), 1 << 63)),
        measured_at=Millis(_integer(fields, "measuredAt", 0, 1 << 63)),
        signature=from_hex(fields.get("signature"), length=65, pointer="/signature"),
    )


def decode_answer(payload: bytes) -> Acknowledgement | Refusal:
    """What the gateway said; the signature is not yet checked. Raises Malformed."""
    fields = _object(payload)
    device = to_address(fields.get("device"), pointer="/device")
    if "refused" in fields:
        code, message = str(fields.get("code", "")), str(fields.get("message", ""))
        return Refusal(device, _integer(fields, "refused", 0, 1 << 63), code, message)
    signature = from_hex(fields.get("signature"), length=65, pointer="/signature")
    return Acknowledgement(device, _integer(fields, "upTo", 0, 1 << 63), signature)


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_MESSAGE_BYTES:
        raise Malformed(f"{len(payload)} bytes is more than {MAX_MESSAGE_BYTES}")
    try:
        fields = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise Malformed("expected a JSON object")
    if fields.get("v") != VERSION:
        raise Malformed(f"message version {fields.get('v')!r} is not {VERSION}", pointer="/v")
    return fields


def _integer(fields: dict[str, Any], name: str, low: int, high: int) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{name} must be an integer", pointer=f"/{name}")
    if not low <= value < high:
        raise Malformed(f"{name} is out of range", pointer=f"/{name}")
    return value
