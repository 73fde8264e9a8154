"""An EPCIS event as UNTP 0.6.1 tells it in a Digital Traceability Event.

Source: UN Transparency Protocol 0.6.1, data model `untp-dte`.
"""

from collections.abc import Iterator
from typing import Any, Final

from api.words import moment, thing
from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis import vocab
from core.epcis.model import ProductRef, ProductRole, located_products

_KINDS: Final = frozenset(
    ("ObjectEvent", "AggregationEvent", "AssociationEvent", "TransformationEvent")
)
_LISTS: Final = {
    ProductRole.OBJECT: ("epcList", "quantityList"),
    ProductRole.CHILD: ("childEPCList", "childQuantityList"),
    ProductRole.INPUT: ("inputEPCList", "inputQuantityList"),
    ProductRole.OUTPUT: ("outputEPCList", "outputQuantityList"),
}
_OWNERS: Final = ("possessing_party", "owning_party", "location")
"""Types of sources and destinations, the best answer to "which party" first."""


def event(raw: LexicalObject, data_hash: str, occurred_at: int) -> dict[str, Any]:
    """The event's members, quantities in their author's spelling.

    UNTP knows no read point, and a business transaction only between two named parties: one that
    names none is told as what happened to its objects.
    """
    kind = _kind(raw)
    told: dict[str, Any] = {
        "type": [kind, "Event"],
        "id": f"urn:sr360:document:{data_hash}",
        "eventTime": moment(occurred_at),
        "processType": vocab.bare("bizStep", str(raw.get("bizStep", kind))),
        **_terms(raw),
        **(_transaction(raw) if kind == "TransactionEvent" else {}),
    }
    refs = [ref for _, ref in located_products(raw)]
    parents = [ref for ref in refs if ref.role is ProductRole.PARENT]
    if parents and kind in ("AggregationEvent", "AssociationEvent"):
        told["parentEPC"] = _item(parents[0])
    elif parents:
        told["epcList"] = [_item(ref) for ref in parents]
    for role, (items, quantities) in _LISTS.items():
        mine = [ref for ref in refs if ref.role is role]
        if singles := [_item(ref) for ref in mine if ref.quantity is None]:
            told[items] = [*told.get(items, ()), *singles]
        if amounts := list(_amounts(mine)):
            told[quantities] = amounts
    return told


def _kind(raw: LexicalObject) -> str:
    if (
        raw.get("type") == "TransactionEvent"
        and _party(raw, "source")
        and _party(raw, "destination")
    ):
        return "TransactionEvent"
    return str(raw["type"]) if raw.get("type") in _KINDS else "ObjectEvent"


def _terms(raw: LexicalObject) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(action := raw.get("action"), str):
        found["action"] = action.lower()
    for name in ("bizStep", "disposition"):
        if isinstance(word := raw.get(name), str):
            found[name] = vocab.web_uri(name, word)
    place = raw.get("bizLocation")
    if isinstance(place, dict) and isinstance(place.get("id"), str):
        found["bizLocation"] = place["id"]
    return found


def _transaction(raw: LexicalObject) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sourceParty": _party(raw, "source"),
        "destinationParty": _party(raw, "destination"),
    }
    for one in _objects(raw.get("bizTransactionList")):
        if isinstance(named := one.get("bizTransaction"), str):
            found.setdefault("bizTransaction", named)
    return found


def _party(raw: LexicalObject, end: str) -> str | None:
    """Who stands at one end (`source`, `destination`) of a transaction."""
    told = {
        vocab.bare("sourceDest", kind): party
        for one in _objects(raw.get(f"{end}List"))
        if isinstance(kind := one.get("type"), str) and isinstance(party := one.get(end), str)
    }
    return next((told[kind] for kind in _OWNERS if kind in told), None)


def _objects(value: LexicalValue) -> list[LexicalObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _item(ref: ProductRef) -> dict[str, Any]:
    return {"type": ["Item"], "id": ref.uri, "name": thing(ref.uri)}


def _amounts(refs: list[ProductRef]) -> Iterator[dict[str, LexicalValue]]:
    for ref in refs:
        if ref.quantity is not None:
            amount: dict[str, LexicalValue] = {
                "type": ["QuantityElement"],
                "productId": str(ref.uri),
                "productName": thing(ref.uri),
                "quantity": Number(ref.quantity),
            }
            yield amount | ({"uom": ref.uom} if ref.uom else {})
