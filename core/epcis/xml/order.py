"""The order that EPCIS XML gives its elements (EPCglobal-epcis-2_0.xsd; 1.2's is a part of it)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from xml.etree.ElementTree import Element

from core.epcis.xml.generic import Names, text
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


def _disorders(
    element: Element, names: Names, order: Order, place: str, *, wrapped: bool = False
) -> Iterator[Issue]:
    """Standard elements stand in their order, extensions behind them, and some lists are not empty.

    A name that the standard does not have here is for the JSON schema to report.
    """
    last, before = 0, ""
    for child in element:
        name = names.name(child.tag)
        known = order.get(name, last) if ":" not in name else len(order)
        if known < last:
            message = f"{name[:80]} stands behind {before[:80]}; EPCIS XML has it before"
            yield Issue("schema.order", place, message, _HINT)
        elif wrapped and name in _NEVER_WRAPPED:
            message = f"{name} stands inside {names.name(element.tag)}; EPCIS XML has it outside"
            yield Issue("schema.order", place, message, _HINT)
        elif order is _PLACE and not wrapped and name not in order and ":" not in name:
            hint = "Leave it out, or give it a namespace of its own."
            yield Issue(
                "schema.propertyNames", f"{place}/{name}", f"{name!r} is unknown here", hint
            )
        elif name in _FILLED and not len(child) and not text(child):
            hint = "Give at least one item, or leave the element out."
            yield Issue("schema.minItems", f"{place}/{name}", f"{name} is empty", hint)
        last, before = known, name
        if child.tag in WRAPPERS:
            yield from _disorders(child, names, order, place, wrapped=True)
        elif name in _OBJECTS:
            yield from _disorders(child, names, _OBJECTS[name], f"{place}/{name}")
        elif name in _LISTS:
            for i, one in enumerate(child):
                yield from _disorders(one, names, _LISTS[name], f"{place}/{name}/{i}")


def _places(*names: str) -> Order:
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


_HINT: Final = "Write the elements in the order of the EPCIS XSD, extensions last."
_NEVER_WRAPPED: Final = frozenset(
    {
        *("eventTime", "recordTime", "eventTimeZoneOffset", "epcList", "parentID", "childEPCs"),
        *("action", "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList"),
        "id",
    }
)
"""Elements of EPCIS 1.0: what came later stands in an `extension` of 1.2."""
_FILLED: Final = frozenset(
    {"bizTransactionList", "sourceList", "destinationList", "sensorElementList"}
)
_PLACE: Final = _places("id", "extension")
"""The JSON schema lets anything else stand there too."""
_QUANTITY: Final = _places("epcClass", "quantity", "uom")
# an errorDeclaration is a choice in 2.0: its elements may stand in any order
_OBJECTS: Final[Mapping[str, Order]] = {
    **dict.fromkeys(("readPoint", "bizLocation"), _PLACE),
    "persistentDisposition": _places("unset", "set"),
}
_LISTS: Final[Mapping[str, Order]] = {
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _QUANTITY
    ),
    "sensorElementList": _places("sensorMetadata", "sensorReport", "extension"),
}
