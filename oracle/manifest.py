"""A batch of readings as the bytes that are published, and the report that follows from them.

The manifest (docs/reference/sensor-batch.md) holds every reading with its device's signature, so
anybody can do what an oracle worker does: check each signature and compute the same report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import rfc8785

from core import merkle
from core.chain.bindings.sensor_oracle import Report
from core.crypto import Domain, from_hex, keccak256, sha256, to_address, to_hash, to_hex
from core.errors import Malformed
from core.messages import Reading
from core.types import Address, MilliCelsius, Millis, ProductId

TYPE: Final = "sr360.sensor-batch/1"
UNIT: Final = "mCel"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Readings of one device about one product, in order, and the bounds they are held against."""

    device: Address
    product_id: ProductId
    lower_mc: int
    upper_mc: int
    readings: tuple[Reading, ...]

    def encode(self, domain: Domain) -> bytes:
        """The manifest's RFC 8785 bytes. Raises Malformed for an integer over 53 bits."""
        fields: dict[str, Any] = {
            "type": TYPE,
            "chainId": domain.chain_id,
            "contract": to_hex(domain.verifying_contract),
            "device": to_hex(self.device),
            "product": to_hex(self.product_id),
            "unit": UNIT,
            "lowerBound": self.lower_mc,
            "upperBound": self.upper_mc,
            "readings": [
                {
                    "seq": reading.seq,
                    "value": reading.value_mc,
                    "measuredAt": reading.measured_at,
                    "signature": to_hex(reading.signature),
                }
                for reading in self.readings
            ],
        }
        try:
            return rfc8785.dumps(fields)
        except rfc8785.CanonicalizationError as error:
            raise Malformed(f"a manifest cannot hold this: {error}") from error

    def report(self, domain: Domain, config_digest: bytes) -> Report:
        """What the workers sign. Raises Malformed for a manifest without readings."""
        tree = merkle.build([reading.leaf() for reading in self.readings])
        values = sorted(reading.value_mc for reading in self.readings)
        times = [reading.measured_at for reading in self.readings]
        return Report(
            # The same readings can be attested once only, whatever the bounds.
            batch_id=keccak256(tree.root),
            product_id=self.product_id,
            device=self.device,
            root=tree.root,
            manifest_hash=sha256(self.encode(domain)),
            median=lower_median(values),
            minimum=values[0],
            maximum=values[-1],
            lower_bound=self.lower_mc,
            upper_bound=self.upper_mc,
            count=len(values),
            excursions=sum(not self.lower_mc <= value <= self.upper_mc for value in values),
            from_time=min(times),
            to_time=max(times),
            config_digest=config_digest,
        )

    def check(self, domain: Domain) -> None:
        """Pass silently if it is in order and each reading was signed by the device.

        Raises:
            Malformed: a number appears twice or out of order.
            InvalidSignature: a reading is not the device's.
        """
        seqs = [reading.seq for reading in self.readings]
        if seqs != sorted(set(seqs)):
            raise Malformed("readings are not in order, or one appears twice")
        for reading in self.readings:
            reading.check_signature(domain)


def decode(manifest: bytes, domain: Domain) -> Manifest:
    """The manifest in its published bytes, and no other spelling of it. Raises Malformed."""
    try:
        fields = orjson.loads(manifest)
        decoded = _decode(fields)
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Malformed(f"not a sensor manifest: {error}") from error
    if decoded.encode(domain) != manifest:
        raise Malformed("not a sensor manifest of this chain and contract in canonical form")
    return decoded


def lower_median(ordered: Sequence[int]) -> int:
    """The middle of sorted values, the lower of two: always a value that was measured."""
    return ordered[(len(ordered) - 1) // 2]


def _decode(fields: dict[str, Any]) -> Manifest:
    device = to_address(fields["device"])
    product_id = ProductId(to_hash(fields["product"]))
    readings = tuple(_reading(device, product_id, item) for item in fields["readings"])
    lower, upper = _integer(fields["lowerBound"]), _integer(fields["upperBound"])
    return Manifest(device, product_id, lower, upper, readings)


def _reading(device: Address, product_id: ProductId, item: dict[str, Any]) -> Reading:
    signature = from_hex(item["signature"], length=65)
    value, at = MilliCelsius(_integer(item["value"])), Millis(_integer(item["measuredAt"]))
    return Reading(device, _integer(item["seq"]), product_id, value, at, signature)


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{value!r} is no integer")
    return value
