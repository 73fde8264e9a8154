"""One recorded event, read for the spreadsheet: only what it says, in its author's spelling."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis.model import ProductRole, items, located_products

_DOCUMENTS: Final = {
    "bol": "Bill of lading", "cert": "Certificate", "desadv": "Despatch advice",
    "inv": "Invoice", "pedigree": "Pedigree", "po": "Purchase order",
    "poc": "Purchase order confirmation", "prodorder": "Production order",
    "recadv": "Receiving advice", "rma": "Return authorization", "testprd": "Test procedure",
    "testres": "Test results", "upevt": "Upstream event",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Portion:
    """A lot in an event, with how much of it."""

    uri: str
    quantity: str | None = None
    uom: str | None = None


@dataclass(frozen=True)
class Record:
    """An event of a history."""

    data_hash: bytes
    at: int
    raw: LexicalObject

    @property
    def type(self) -> str:
        return str(self.raw.get("type", ""))

    @property
    def action(self) -> str:
        return str(self.raw.get("action", ""))

    @cached_property
    def step(self) -> str:
        """The business step as a bare word."""
        return str(self.raw.get("bizStep", "")).replace(":", "/").rsplit("/", 1)[-1].split("-")[-1]

    @property
    def date(self) -> str:
        """The day at the place of the event, which is how a record is dated."""
        return str(self.raw.get("eventTime", ""))[:10]

    def portions(self, *roles: ProductRole) -> list[Portion]:
        """What plays these roles."""
        return [
            Portion(ref.uri, ref.quantity, ref.uom)
            for _, ref in located_products(self.raw)
            if ref.role in roles
        ]

    def place(self, *members: str) -> str | None:
        """The first of these members that names a location."""
        for member in members:
            point = self.raw.get(member)
            if isinstance(point, dict) and isinstance(point.get("id"), str):
                return str(point["id"])
        return None

    def partner(self, side: str) -> str | None:
        """The location of `source` or `destination`; a party where no location is told."""
        found: dict[str, LexicalValue] = {}
        for item in items(self.raw, f"{side}List"):
            if isinstance(item, dict):
                kind = str(item.get("type", "")).rsplit("-", 1)[-1].rsplit("/", 1)[-1]
                found.setdefault(kind, item.get(side))
        for kind in ("location", "possessing_party", "owning_party"):
            if isinstance(found.get(kind), str):
                return str(found[kind])
        return None

    @cached_property
    def documents(self) -> str:
        """Reference documents with their numbers."""
        return "; ".join(self._documents())

    def _documents(self) -> Iterator[str]:
        for item in items(self.raw, "bizTransactionList"):
            if isinstance(item, dict) and isinstance(number := item.get("bizTransaction"), str):
                kind = str(item.get("type", "")).rsplit("-", 1)[-1].rsplit("/", 1)[-1]
                told = number.rsplit(":", 1)[-1] if number.startswith("urn:epcglobal") else number
                yield f"{_DOCUMENTS.get(kind, kind or 'Document')} {told}"

    def master(self, *names: str) -> str | None:
        """A lot's attribute, from ILMD, under any prefix."""
        ilmd = self.raw.get("ilmd")
        for name, value in ilmd.items() if isinstance(ilmd, dict) else ():
            if name.rsplit(":", 1)[-1] in names:
                return ", ".join(_texts(value)) or None
        return None

    @cached_property
    def has_temperature(self) -> bool:
        """Whether a thermometer reported."""
        elements: list[Any] = items(self.raw, "sensorElementList")
        return any(
            isinstance(report, dict) and str(report.get("type", "")).endswith("Temperature")
            for element in elements
            if isinstance(element, dict)
            for report in items(element, "sensorReport")
        )


def _texts(value: LexicalValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Number(lexeme):
            yield lexeme
        case list():
            for item in value:
                yield from _texts(item)
        case {"@value": str(text)}:
            yield text
