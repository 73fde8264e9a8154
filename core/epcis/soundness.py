"""A quick look at an event: whether surely none of `rules` finds anything, as nearly always.

No is no verdict: whatever is not as usual is left to the rules, which can say what is wrong.
"""

from collections.abc import Callable
from typing import Any, Final

from core.document.lexical import LexicalObject, Number
from core.epcis.identifiers import normalize
from core.epcis.model import EPC_FIELDS, QUANTITY_FIELDS
from core.epcis.rules import PLAIN_NUMBER, device_texts
from core.epcis.timestamps import to_millis
from core.errors import InvalidIdentifier

_PARTIES: Final = (("sourceList", "source"), ("destinationList", "destination"))
_PLACES: Final = ("readPoint", "bizLocation")


def is_sound(raw: LexicalObject) -> bool:
    """Whether `rules.rule_issues` surely is empty."""
    kind = raw.get("type")
    try:
        return (
            type(raw) is dict
            and type(kind) is str
            and to_millis(_text(raw["eventTime"])) >= 0
            and _KINDS[kind](raw)
            and _names_sound_things(raw, kind)
            and _is_at_sound_places(raw)
        )
    except (InvalidIdentifier, KeyError, TypeError, AttributeError):
        return False


def _object(raw: LexicalObject) -> bool:
    return "ilmd" not in raw or raw.get("action") == "ADD"


def _transaction(raw: LexicalObject) -> bool:
    return True


def _grouping(raw: LexicalObject) -> bool:
    return bool(raw.get("parentID") and (raw.get("childEPCs") or raw.get("childQuantityList")))


def _transformation(raw: LexicalObject) -> bool:
    return "transformationID" in raw or all(
        raw.get(f"{side}EPCList") or raw.get(f"{side}QuantityList") for side in ("input", "output")
    )


_KINDS: Final[dict[str, Callable[[LexicalObject], bool]]] = {
    "ObjectEvent": _object,
    "TransactionEvent": _transaction,
    "AggregationEvent": _grouping,
    "AssociationEvent": _grouping,
    "TransformationEvent": _transformation,
}


def _names_sound_things(raw: LexicalObject, kind: str) -> bool:
    """At least one, each once, all with right identifiers and amounts."""
    named = 0
    if "parentID" in raw:
        normalize(_text(raw["parentID"]))
        named += 1
    for field in EPC_FIELDS[kind]:
        if field in raw:
            texts = _list(raw[field])
            if len(set(map(normalize, texts))) != len(texts):
                return False
            named += len(texts)
    for field in QUANTITY_FIELDS[kind]:
        if field in raw:
            elements = _list(raw[field])
            if not all(map(_is_sound_amount, elements)):
                return False
            named += len(elements)
    return named > 0


def _is_sound_amount(element: Any) -> bool:
    """Things without a number may be named twice, which the rules look at."""
    normalize(_text(element["epcClass"]))
    lexeme = element["quantity"].lexeme
    if type(element["quantity"]) is not Number or not PLAIN_NUMBER.fullmatch(lexeme):
        return False
    return lexeme.isdigit() or (lexeme[0] != "-" and type(element.get("uom")) is str)


def _is_at_sound_places(raw: LexicalObject) -> bool:
    for field in _PLACES:
        if field in raw:
            place: Any = raw[field]
            normalize(_text(place["id"]))
    for field, name in _PARTIES:
        parties: Any = raw.get(field, ())
        for party in parties:
            normalize(_text(party[name]))
    for _, text in device_texts(raw):
        normalize(text)
    return True


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value
