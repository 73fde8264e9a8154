"""What somebody is about to sign, as one plain sentence; nothing in it is a guess."""

from collections.abc import Sequence

from api import words
from api.passport.told import Told
from api.words import Names
from core.document.lexical import LexicalObject, parse_event
from core.epcis.model import ProductRef, located_products
from core.epcis.timestamps import to_millis
from core.errors import SmartRetailError
from core.types import EventKind

_MANY = 3


def sentence(
    event_json: str,
    kind: EventKind,
    actor: bytes,
    counterparty: bytes | None,
    products: Sequence[str],
    names: Names,
) -> str:
    """`You, …, record: …` in the words of the event itself; `products` are those signed for."""
    you = f"You, {names.of(actor)},"
    if kind >= EventKind.RECALL_CLASS_1:
        return f"{you} {_recall(event_json, kind)}"
    event = parse_event(event_json)
    told = f"{_told(event, kind, names)}{_claims(event)}"
    if counterparty is None:
        return f"{you} record: {told}."
    what = " and ".join(map(words.thing, products))
    return f"{you} hand {what} over to {names.of(counterparty)}, who signs too: {told}."


def _claims(event: LexicalObject) -> str:
    """What else a signature vouches for."""
    said = Told(readable=True, event=event)
    claims = [f"naming the certificate {reference}" for reference in said.certificates]
    if footprint := said.footprint:
        grams = "unreadable" if footprint.grams is None else f"{footprint.grams} g CO2e"
        claims.append(f"stating a carbon footprint of {grams}")
    if event.get("sensorElementList"):
        claims.append("with sensor readings")
    return "".join(f"; {claim}" for claim in claims)


def _recall(notice_json: str, kind: EventKind) -> str:
    notice = parse_event(notice_json)
    what = words.thing(str(notice.get("product", "a product")))
    reason = notice.get("reason")
    why = f" Reason: {reason.rstrip('.')}." if isinstance(reason, str) else ""
    return f"recall {what}, class {'I' * (kind & 0xF)}: it can no longer be handed over.{why}"


def _told(event: LexicalObject, kind: EventKind, names: Names) -> str:
    step = event.get("bizStep")
    bare = step.rsplit("-", 1)[-1].rsplit("/", 1)[-1] if isinstance(step, str) else None
    refs = [ref for _, ref in located_products(event)]
    did = words.step(bare) or words.what(int(kind), bare)
    if event.get("type") == "TransformationEvent":
        told = f"{_some(refs, 'input')} became {_some(refs, 'output')}"
    elif event.get("type") == "AggregationEvent":
        told = f"{did} {_some(refs, 'child')} on {_some(refs, 'parent')}"
    else:
        told = f"{did} {_list(refs)}"
    place = event.get("readPoint")
    where = names.place(str(place["id"])) if isinstance(place, dict) and "id" in place else ""
    return f"{told}{f' at {where}' if where else ''}, {_when(event)}"


def _some(refs: list[ProductRef], role: str) -> str:
    return _list([ref for ref in refs if ref.role == role]) or "nothing named"


def _list(refs: list[ProductRef]) -> str:
    shown = [
        f"{words.amount(ref.quantity, ref.uom)} of {words.thing(ref.uri)}".removeprefix(" of ")
        for ref in refs[:_MANY]
    ]
    more = f" and {len(refs) - _MANY} more" if len(refs) > _MANY else ""
    return " and ".join(shown) + more


def _when(event: LexicalObject) -> str:
    try:
        at = to_millis(str(event["eventTime"]))
    except (SmartRetailError, KeyError):
        return str(event.get("eventTime", ""))
    offset = event.get("eventTimeZoneOffset")
    return words.local_time(at, offset if isinstance(offset, str) else None)
