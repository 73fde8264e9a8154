"""The order that EPCIS XML gives its elements (EPCglobal-epcis-2_0.xsd; 1.2's is a part of it)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from xml.etree.ElementTree import Element

from core.epcis.xml.generic import Names
from core.epcis.xml.open_writer import WRAPPERS
from core.errors import Issue

Order = Mapping[str, int]
"""Place of each standard element."""

_ORDER: Final = (
    *("eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration"),
    "certificationInfo",
)
_BEFORE: Final[Mapping[str, Sequence[str]]] = {
    "ObjectEvent": ("epcList",),
    "AggregationEvent": ("parentID", "childEPCs"),
    "AssociationEvent": ("parentID", "childEPCs", "childQuantityList"),
    "TransactionEvent": ("bizTransactionList", "parentID", "epcList"),
    "TransformationEvent": (
        *("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"),
        "transformationID",
    ),
}
"""What stands before `action`."""
_AFTER: Final = (
    *("action", "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList"),
    *("quantityList", "childQuantityList", "sourceList", "destinationList", "sensorElementList"),
    *("persistentDisposition", "ilmd"),
)


@cache
def of_event(kind: str) -> Order:
    return _places(*_ORDER, "baseExtension", *_BEFORE.get(kind, ()), *_AFTER, "extension")


def disorder(event: Element, names: Names, kind: str) -> Issue | None:
    """The first element of an event that stands where the XSD does not have it."""
    return next(_disorders(event, names, of_event(kind), ""), None)


def _disorders(element: Element, names: Names, order: Order, place: str) -> Iterator[Issue]:
    """Standard elements stand in their order, extensions behind them.

    A name that the standard does not have here is for the JSON schema to report.
    """
    last, before = 0, ""
    for child in element:
        name = names.name(child.tag)
        known = order.get(name, last) if ":" not in name else len(order)
        if known < last:
            message = f"{name[:80]} stands behind {before[:80]}; EPCIS XML has it before"
            yield Issue("schema.order", place, message, _HINT)
        last, before = known, name
        if child.tag in WRAPPERS:
            yield from _disorders(child, names, order, place)
        elif name in _OBJECTS:
            yield from _disorders(child, names, _OBJECTS[name], f"{place}/{name}")
        elif name in _LISTS:
            for i, one in enumerate(child):
                yield from _disorders(one, names, _LISTS[name], f"{place}/{name}/{i}")


def _places(*names: str) -> Order:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


_HINT: Final = "Write the elements in the order of the EPCIS XSD, extensions last."
_QUANTITY: Final = _places("epcClass", "quantity", "uom")
# an errorDeclaration is a choice in 2.0: its elements may stand in any order
_OBJECTS: Final[Mapping[str, Order]] = {
    **dict.fromkeys(("readPoint", "bizLocation"), _places("id", "extension")),
    "persistentDisposition": _places("unset", "set"),
}
_LISTS: Final[Mapping[str, Order]] = {
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _QUANTITY
    ),
    "sensorElementList": _places("sensorMetadata", "sensorReport", "extension"),
}
