"""What codes mean in words people use. Vocabulary: CBV 2.0 sections 7.1, 7.2; UN/ECE Rec. 20."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from core import clock
from core.crypto import checksum, to_hex
from core.epcis import identifiers
from core.errors import SmartRetailError
from core.types import EventKind

_STEPS: Final = {
    "accepting": "accepted", "arriving": "arrived", "assembling": "assembled",
    "collecting": "collected", "commissioning": "commissioned", "consigning": "consigned",
    "creating_class_instance": "created as a lot", "cycle_counting": "counted",
    "decommissioning": "decommissioned", "departing": "departed", "destroying": "destroyed",
    "disassembling": "disassembled", "dispensing": "dispensed", "encoding": "encoded",
    "entering_exiting": "passed a door", "holding": "put on hold", "inspecting": "inspected",
    "installing": "installed", "killing": "deactivated", "loading": "loaded", "other": "handled",
    "packing": "packed", "picking": "picked", "receiving": "received", "removing": "removed",
    "repackaging": "repackaged", "repairing": "repaired", "replacing": "replaced",
    "reserving": "reserved", "retail_selling": "sold", "sampling": "sampled",
    "sensor_reporting": "measured", "shipping": "shipped", "staging_outbound": "made ready to go",
    "stock_taking": "counted", "stocking": "put on the shelf", "storing": "stored",
    "transporting": "transported", "unloading": "unloaded", "unpacking": "unpacked",
    "void_shipping": "shipping cancelled",
}  # fmt: skip

_KINDS: Final = {
    EventKind.OBJECT: "observed",
    EventKind.AGGREGATION: "packed together",
    EventKind.TRANSFORMATION: "made into something new",
    EventKind.TRANSACTION: "linked to a business document",
    EventKind.ASSOCIATION: "joined to an asset",
    EventKind.HANDOVER: "handed over",
    EventKind.CORRECTION: "corrected",
    EventKind.PACKED: "packed",
    EventKind.UNPACKED: "taken out",
    EventKind.RECALL_CLOSED: "recall lifted",
    EventKind.RECALL_CLASS_1: "recalled, class I: a danger to health",
    EventKind.RECALL_CLASS_2: "recalled, class II: a possible harm to health",
    EventKind.RECALL_CLASS_3: "recalled, class III: harm unlikely",
}

_UNITS: Final = {
    "LBR": "lb", "KGM": "kg", "GRM": "g", "TNE": "t", "CS": "cases", "EA": "pieces", "LTR": "l",
    "BX": "boxes", "PF": "pallets", "CT": "cartons", "ONZ": "oz",
}  # fmt: skip


def what(
    kind: int, biz_step: str | None, *, corrected: int | None = None, container: str | None = None
) -> str:
    """A past participle for a history entry, e.g. `shipped`, `corrected entry 3`."""
    if corrected is not None:
        return f"corrected entry {corrected}"
    if container is not None:
        return f"{'packed into' if kind == EventKind.PACKED else 'taken out of'} {container}"
    known = _KINDS.get(EventKind(kind)) if kind in EventKind._value2member_map_ else None
    if kind >= EventKind.HANDOVER:
        return known or "recorded"
    if kind == EventKind.TRANSFORMATION:
        return "made into something new"
    return step(biz_step) or known or "recorded"


def corrected(kind: int, counterparty: bytes) -> int | None:
    """Which entry a correction corrects; None for any other entry."""
    return int.from_bytes(counterparty, "big") if kind == EventKind.CORRECTION else None


def receiver(kind: int, counterparty: bytes) -> bytes | None:
    """Who received the product in a handover; None for any other entry."""
    return counterparty if kind == EventKind.HANDOVER else None


def step(biz_step: str | None) -> str | None:
    """A business step in words; an unknown one as it is written."""
    return None if biz_step is None else _STEPS.get(biz_step, biz_step.replace("_", " "))


def amount(quantity: str | None, uom: str | None) -> str:
    """The author's number with its unit, e.g. `25000 lb`; empty if there is none."""
    if quantity is None:
        return ""
    unit = _UNITS.get(uom, uom) if uom else "pieces"
    return f"{quantity} {unit}"


@dataclass(frozen=True, slots=True)
class Names:
    """Who is who, as far as the registrar knows."""

    by_address: Mapping[bytes, str] = field(default_factory=dict)
    by_gln: Mapping[str, str] = field(default_factory=dict)
    revoked: Set[bytes] = frozenset()
    """Addresses among `by_address` that the registrar no longer vouches for."""

    def registered(self, address: bytes) -> bool:
        """Whether the registrar vouches for an address today."""
        return address in self.by_address and address not in self.revoked

    def of(self, address: bytes) -> str:
        """A registered name, else the address; what is not vouched for is said to be so."""
        if address not in self.by_address:
            return f"{checksum(address)}, not registered"
        name = self.by_address[address] or checksum(address)
        return f"{name}, registration revoked" if address in self.revoked else name

    def party(self, address: bytes) -> dict[str, Any]:
        """Who stands behind an address, JSON-ready."""
        return {
            "address": to_hex(address),
            "name": self.by_address.get(address),
            "registered": self.registered(address),
            "label": self.of(address),
        }

    def place(self, uri: str | None) -> str:
        """A location in words: whose it is, or its number."""
        if uri is None:
            return ""
        number = uri.rstrip("/").rsplit("/", 1)[-1]
        return f"{self.by_gln[number]} ({number})" if number in self.by_gln else number


def local_time(milliseconds: int, offset: str | None) -> str:
    """The author's wall clock with the offset they gave: `17 April 2026, 09:26 (UTC-04:00)`."""
    offset = offset or "+00:00"
    try:
        local = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_zone(offset))
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms"
    return f"{local.day} {local:%B %Y, %H:%M} (UTC{offset})"


def moment(milliseconds: int) -> str:
    """RFC 3339 text in UTC, or the bare number for a time no calendar holds."""
    try:
        return clock.iso(milliseconds)
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms"


def _zone(offset: str) -> timezone:
    sign = -1 if offset.startswith("-") else 1
    hours, minutes = offset.lstrip("+-").split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def thing(uri: str) -> str:
    """A product by its numbers, e.g. `lot ABC1234 (GTIN 00860009999923)`."""
    try:
        link = identifiers.parse(uri)
    except SmartRetailError:
        return uri
    if link.key == "00":
        return f"pallet {link.value}"
    gtin = f"GTIN {link.value}"
    if lot := link.qualifier("10"):
        return f"lot {lot} ({gtin})"
    if serial := link.qualifier("21"):
        return f"item {serial} ({gtin})"
    return gtin
