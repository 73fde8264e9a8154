"""An EPCIS event as the rest of the project sees it: few typed fields over the untouched original.

Source: EPCIS 2.0 section 7.4 (event types) and 7.3.3 (what, quantities).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis import identifiers, vocab
from core.epcis.timestamps import to_millis
from core.errors import Issue
from core.types import EventKind, Millis, ProductUri

EVENT_KINDS: Final[dict[str, EventKind]] = {
    "ObjectEvent": EventKind.OBJECT,
    "AggregationEvent": EventKind.AGGREGATION,
    "TransformationEvent": EventKind.TRANSFORMATION,
    "TransactionEvent": EventKind.TRANSACTION,
    "AssociationEvent": EventKind.ASSOCIATION,
}


class Disordered(dict[str, LexicalValue]):
    """An event whose XML the XSD forbids: read as any other, and refused by a rule."""

    def __init__(self, members: LexicalObject, fault: Issue) -> None:
        super().__init__(members)
        self.fault = fault


class ProductRole(StrEnum):
    """What a thing does in an event."""

    OBJECT = "object"
    PARENT = "parent"
    CHILD = "child"
    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class ProductRef:
    """A thing an event speaks about."""

    uri: ProductUri
    """Canonical Digital Link, or the private URI as given."""
    role: ProductRole
    quantity: str | None = None
    """The number exactly as written; None for single things and for 'some'."""
    uom: str | None = None
    """UN/ECE Recommendation 20 code; None = a count of pieces."""


class EpcisEvent(NamedTuple):
    """One event of a validated document; vocabulary in bare words, identifiers canonical."""

    raw: LexicalObject
    """The event as captured, every number in its own spelling, extensions included."""
    context: tuple[LexicalValue, ...]
    """The `@context` it was captured under, which gives extension prefixes their meaning."""
    pointer: str
    type: str
    event_time_ms: Millis
    event_time_zone_offset: str
    action: str | None
    biz_step: str | None
    disposition: str | None
    event_id: str | None
    read_point: str | None
    biz_location: str | None
    certifications: tuple[str, ...]


EPC_FIELDS: Final = {
    "ObjectEvent": {"epcList": ProductRole.OBJECT},
    "TransactionEvent": {"epcList": ProductRole.OBJECT},
    "AggregationEvent": {"childEPCs": ProductRole.CHILD},
    "AssociationEvent": {"childEPCs": ProductRole.CHILD},
    "TransformationEvent": {
        "inputEPCList": ProductRole.INPUT,
        "outputEPCList": ProductRole.OUTPUT,
    },
}
QUANTITY_FIELDS: Final = {
    "ObjectEvent": {"quantityList": ProductRole.OBJECT},
    "TransactionEvent": {"quantityList": ProductRole.OBJECT},
    "AggregationEvent": {"childQuantityList": ProductRole.CHILD},
    "AssociationEvent": {"childQuantityList": ProductRole.CHILD},
    "TransformationEvent": {
        "inputQuantityList": ProductRole.INPUT,
        "outputQuantityList": ProductRole.OUTPUT,
    },
}


def kind_of(event: EpcisEvent) -> EventKind:
    """The kind byte this event is recorded under."""
    return EVENT_KINDS[event.type]


def products(event: EpcisEvent) -> list[ProductRef]:
    """Every thing the event speaks about, in document order: parent, single things, quantities."""
    return [ref for _, ref in located_products(event.raw)]


def product_uris(event: EpcisEvent) -> list[ProductUri]:
    """The distinct products of the event, in document order: one head each on chain."""
    return list(dict.fromkeys(ref.uri for ref in products(event)))


def located_products(raw: LexicalObject) -> Iterator[tuple[str, ProductRef]]:
    """Each product with the pointer of its identifier inside the event.

    Raises InvalidIdentifier for a wrong GS1 identifier; a validated event has none.
    """
    for mention in mentions(raw):
        uri = ProductUri(identifiers.normalize(mention.text))
        quantity = None if mention.quantity is None else mention.quantity.lexeme
        yield mention.pointer, ProductRef(uri, mention.role, quantity, mention.uom)


class Mention(NamedTuple):
    """A product as written in an event that may still be wrong."""

    pointer: str
    text: str
    role: ProductRole
    quantity: Number | None = None
    uom: str | None = None


def mentions(raw: LexicalObject) -> Iterator[Mention]:
    """Everything the event names in its what dimension; members of the wrong shape are skipped,
    because the schema reports them.
    """
    kind = raw.get("type")
    if not isinstance(kind, str):
        return
    if isinstance(parent := raw.get("parentID"), str):
        yield Mention("/parentID", parent, ProductRole.PARENT)
    for field, role in EPC_FIELDS.get(kind, {}).items():
        for i, epc in enumerate(items(raw, field)):
            if isinstance(epc, str):
                yield Mention(f"/{field}/{i}", epc, role)
    for field, role in QUANTITY_FIELDS.get(kind, {}).items():
        for i, element in enumerate(items(raw, field)):
            yield from _quantity_mention(f"/{field}/{i}/epcClass", element, role)


def _quantity_mention(pointer: str, element: LexicalValue, role: ProductRole) -> Iterator[Mention]:
    if not isinstance(element, dict) or not isinstance(text := element.get("epcClass"), str):
        return
    quantity, uom = element.get("quantity"), element.get("uom")
    yield Mention(
        pointer,
        text,
        role,
        quantity if isinstance(quantity, Number) else None,
        uom if isinstance(uom, str) else None,
    )


def items(raw: LexicalObject, field: str) -> list[LexicalValue]:
    """A member's list; empty when it is absent or of another shape."""
    value = raw.get(field)
    return value if isinstance(value, list) else []


def build_event(raw: LexicalObject, context: tuple[LexicalValue, ...], pointer: str) -> EpcisEvent:
    """Reads the typed fields of an event that passed the schema and the rules."""
    return EpcisEvent(
        raw=raw,
        context=context,
        pointer=pointer,
        type=str(raw["type"]),
        event_time_ms=to_millis(str(raw["eventTime"])),
        event_time_zone_offset=str(raw["eventTimeZoneOffset"]),
        action=_text(raw, "action"),
        biz_step=vocab.bare("bizStep", _text(raw, "bizStep")),
        disposition=vocab.bare("disposition", _text(raw, "disposition")),
        event_id=_text(raw, "eventID"),
        read_point=_place(raw, "readPoint"),
        biz_location=_place(raw, "bizLocation"),
        certifications=_certifications(raw),
    )


def _text(raw: LexicalObject, field: str) -> str | None:
    value = raw.get(field)
    return value if isinstance(value, str) else None


def _place(raw: LexicalObject, field: str) -> str | None:
    place = raw.get(field)
    return identifiers.normalize(str(place["id"])) if isinstance(place, dict) else None


def _certifications(raw: LexicalObject) -> tuple[str, ...]:
    if "certificationInfo" not in raw:
        return ()
    single = _text(raw, "certificationInfo")
    return (single,) if single else tuple(map(str, items(raw, "certificationInfo")))
