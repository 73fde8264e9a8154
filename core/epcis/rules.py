"""What the schema cannot say: identifiers, and which members an action needs.

Each rule takes an event and yields issues with pointers inside it. A member of the wrong shape is
the schema's to report: rules step over it, so that one answer names everything.
Sources: EPCIS 2.0 sections 7.3.3.3 (quantities) and 7.4 (event types), GS1 General
Specifications 7.9 (check digits).
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis import identifiers
from core.epcis.model import EVENT_KINDS, Disordered, items, mentions
from core.epcis.timestamps import to_millis
from core.errors import InvalidIdentifier, Issue

Rule = Callable[[LexicalObject], Iterator[Issue]]

_GROUPED: Final = ("AggregationEvent", "AssociationEvent")
_EPCIS_CONTEXT: Final = re.compile(
    r"https://(?:ref\.gs1\.org/standards/epcis/(?:\d+\.\d+\.\d+/)?|gs1\.github\.io/EPCIS/)"
    r"epcis-context\.jsonld"
)
PLAIN_NUMBER: Final = re.compile(r"-?\d{1,32}(?:\.\d{1,32})?(?:[eE][+-]?\d)?")
"""Wide enough for any shipment; narrow enough that arithmetic on it stays cheap and exact."""


def rule_issues(raw: LexicalObject) -> list[Issue]:
    """Every issue of one event; its type is checked first, since all else depends on it."""
    wrong_type = list(event_type(raw))
    if wrong_type:
        return wrong_type
    return [issue for rule in RULES for issue in rule(raw)]


def context_issues(context: LexicalValue, place: str) -> list[Issue]:
    """EPCIS 2.0 section 10.1: without its context the words of a document mean nothing.

    Contexts are names here: none is fetched, and what only an unknown one declares is kept as is.
    """
    names = context if isinstance(context, list) else [context]
    if any(isinstance(name, str) and _EPCIS_CONTEXT.fullmatch(name) for name in names):
        return []
    hint = "Put https://ref.gs1.org/standards/epcis/epcis-context.jsonld into @context."
    return [Issue("epcis.context", place, "the EPCIS context is not among the contexts", hint)]


def event_type(raw: LexicalObject) -> Iterator[Issue]:
    """Own event types have no meaning on chain."""
    if str(raw.get("type")) not in EVENT_KINDS:
        yield Issue(
            "epcis.event_type",
            "/type",
            f"{raw.get('type')!r} is not one of the five EPCIS event types",
            f"Use {', '.join(EVENT_KINDS)}.",
        )


def xml_order(raw: LexicalObject) -> Iterator[Issue]:
    """EPCIS 2.0 section 9.5: the XSD gives the elements of an event their order."""
    if isinstance(raw, Disordered):
        yield raw.fault


def event_time(raw: LexicalObject) -> Iterator[Issue]:
    """The time must be readable to the millisecond, and the chain counts from 1970."""
    text = raw.get("eventTime")
    if not isinstance(text, str):
        return
    try:
        before_1970 = to_millis(text) < 0
    except InvalidIdentifier as error:
        yield Issue("epcis.time", "/eventTime", error.message, error.hint)
        return
    if before_1970:
        hint = "Check the year; events before 1970 cannot be recorded."
        yield Issue("epcis.time", "/eventTime", f"{text} is before 1970", hint)


def at_least_one_product(raw: LexicalObject) -> Iterator[Issue]:
    """An event about nothing has no history to join."""
    if next(mentions(raw), None) is None:
        yield Issue(
            "epcis.no_product",
            "",
            f"this {raw.get('type')} names no product, container or asset",
            "Name at least one thing in the event's EPC or quantity lists.",
        )


def action_members(raw: LexicalObject) -> Iterator[Issue]:
    """EPCIS 2.0 sections 7.4.2 and 7.4.5: who must be named when something is packed."""
    action = raw.get("action")
    if raw.get("type") not in _GROUPED or action is None:
        return
    children = items(raw, "childEPCs") or items(raw, "childQuantityList")
    if action in ("ADD", "DELETE") and "parentID" not in raw:
        hint = "Give the container's identifier, e.g. an SSCC, as parentID."
        yield Issue("epcis.action", "/parentID", f"action {action} needs a parentID", hint)
    if action == "ADD" and not children:
        hint = "List what was packed in childEPCs or childQuantityList."
        yield Issue("epcis.action", "/childEPCs", "action ADD needs at least one child", hint)


def transformation_sides(raw: LexicalObject) -> Iterator[Issue]:
    """EPCIS 2.0 section 7.4.6: without a transformationID both sides belong in one event."""
    if raw.get("type") != "TransformationEvent" or "transformationID" in raw:
        return
    for side in ("input", "output"):
        if not raw.get(f"{side}EPCList") and not raw.get(f"{side}QuantityList"):
            yield Issue(
                "epcis.transformation",
                f"/{side}QuantityList",
                f"a transformation without transformationID needs at least one {side}",
                f"List the {side}s, or join several events by one transformationID.",
            )


def ilmd_only_at_birth(raw: LexicalObject) -> Iterator[Issue]:
    """EPCIS 2.0 section 7.3.7: master data of an instance or lot is given when it begins."""
    if "ilmd" in raw and raw.get("type") == "ObjectEvent" and raw.get("action") != "ADD":
        hint = "Give ilmd in the event that creates the lot (action ADD) or in a transformation."
        yield Issue("epcis.ilmd", "/ilmd", "ilmd is allowed with action ADD only", hint)


def gs1_identifiers(raw: LexicalObject) -> Iterator[Issue]:
    """What claims to be a GS1 identifier is one, with a right check digit."""
    for pointer, text in _identifier_texts(raw):
        try:
            identifiers.normalize(text)
        except InvalidIdentifier as error:
            for issue in error.issues:
                yield Issue(issue.rule, pointer, issue.message, issue.hint)


def named_once(raw: LexicalObject) -> Iterator[Issue]:
    """Two spellings of one single thing in one list are one thing counted twice."""
    seen: set[tuple[str, str]] = set()
    for mention in mentions(raw):
        key = (mention.role, _normalized(mention.text))
        if mention.quantity is None and key in seen:
            message = f"{mention.text} is already in the list"
            yield Issue("epcis.duplicate", mention.pointer, message, "Name it once.")
        seen.add(key)


def quantities(raw: LexicalObject) -> Iterator[Issue]:
    """A quantity is a sane, non-negative number; without a unit it counts whole pieces."""
    for mention in mentions(raw):
        place = mention.pointer.removesuffix("epcClass") + "quantity"
        if mention.quantity is not None:
            complaint = _quantity_complaint(mention.quantity, mention.uom)
            if complaint:
                yield Issue("epcis.quantity", place, *complaint)
        elif mention.uom is not None:
            hint = "Give the quantity as a number, or remove the uom."
            yield Issue("epcis.quantity", place, f"uom {mention.uom} without a quantity", hint)


def _quantity_complaint(quantity: Number, uom: str | None) -> tuple[str, str] | None:
    text = quantity.lexeme
    if not PLAIN_NUMBER.fullmatch(text):
        return f"{text[:80]} is out of range", "Use a larger unit of measure and plain digits."
    number = quantity.decimal()
    if number < 0:
        return f"{text} is negative", "Give the amount the event is about."
    if uom is None and number != number.to_integral_value():
        return f"{text} pieces is not whole", "Give the uom, e.g. KGM, or a whole count."
    return None


def _normalized(text: str) -> str:
    try:
        return identifiers.normalize(text)
    except InvalidIdentifier:
        return text


def _identifier_texts(raw: LexicalObject) -> Iterator[tuple[str, str]]:
    for mention in mentions(raw):
        yield mention.pointer, mention.text
    for field in ("readPoint", "bizLocation"):
        yield from _member(raw.get(field), f"/{field}", "id")
    for side in ("source", "destination"):
        for i, entry in enumerate(items(raw, f"{side}List")):
            yield from _member(entry, f"/{side}List/{i}", side)
    yield from device_texts(raw)


def device_texts(raw: LexicalObject) -> Iterator[tuple[str, str]]:
    for i, element in enumerate(items(raw, "sensorElementList")):
        if not isinstance(element, dict):
            continue
        base = f"/sensorElementList/{i}"
        yield from _member(element.get("sensorMetadata"), f"{base}/sensorMetadata", "deviceID")
        for j, report in enumerate(items(element, "sensorReport")):
            yield from _member(report, f"{base}/sensorReport/{j}", "deviceID")


def _member(value: LexicalValue, base: str, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and isinstance(text := value.get(name), str):
        yield f"{base}/{name}", text


RULES: Final[tuple[Rule, ...]] = (
    xml_order,
    event_time,
    at_least_one_product,
    action_members,
    transformation_sides,
    ilmd_only_at_birth,
    gs1_identifiers,
    named_once,
    quantities,
)
