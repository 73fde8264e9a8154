"""The CBV event hash: one id for an event whoever captured it, in whichever spelling.

Source: CBV 2.0 section 8.9. It is not collision resistant: numbers and number-like text fold
together and nothing separates the members. The commitment is the document's data hash, never this.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from core.clock import iso
from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis import identifiers, vocab
from core.epcis.model import EpcisEvent
from core.epcis.timestamps import to_millis
from core.errors import InvalidIdentifier

NAMESPACES: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
}
"""Prefixes the EPCIS 2.0 context declares; a document's own context adds to them."""

_IGNORED: Final = frozenset(
    {"type", "@context", "recordTime", "eventID", "errorDeclaration", "rdfs:comment", "comment"}
)
_NUMERIC: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MAX_DIGITS: Final = 400


@dataclass(frozen=True, slots=True)
class Scope:
    """What is the same for all members of one event."""

    prefixes: Mapping[str, str]
    ignored: Collection[str]


Writer: TypeAlias = Callable[[str, LexicalValue, Scope], str]


def event_hash(event: EpcisEvent, ignored: Collection[str] = ()) -> str:
    """`ni:///sha-256;…?ver=CBV2.0`; `ignored` names extension members to leave out."""
    digest = hashlib.sha256(pre_hash(event, ignored).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: EpcisEvent, ignored: Collection[str] = ()) -> str:
    """The text that is hashed: names and canonical values, in the standard's order."""
    scope = Scope(_prefixes(event.context), _IGNORED | set(ignored))
    return f"eventType={event.type}" + _members(event.raw, _EVENT, scope)


def _members(raw: LexicalObject, order: Mapping[str, Writer], scope: Scope) -> str:
    """Known members in their order, then extensions sorted by their text."""
    known = [write(name, raw[name], scope) for name, write in order.items() if name in raw]
    rest = sorted(
        text
        for name, value in raw.items()
        if name not in order and name not in scope.ignored and not name.startswith("_comment")
        for text in _extension(name, value, scope)
    )
    return "".join(known + rest)


def _extension(name: str, value: LexicalValue, scope: Scope) -> list[str]:
    """One text for each value; an object's members follow its name, sorted."""
    if isinstance(value, list):
        return [text for item in value for text in _extension(name, item, scope)]
    label = _expanded_name(name, scope)
    if isinstance(value, dict):
        return [label + _members(value, {}, Scope(scope.prefixes, ("rdfs:comment",)))]
    text = _canonical(value, scope)
    return [f"{label}={text}" if text else label]


def _expanded_name(name: str, scope: Scope) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{scope.prefixes[prefix]}}}{local}" if colon and prefix in scope.prefixes else name


def _leaf(name: str, value: LexicalValue, scope: Scope) -> str:
    text = _canonical(value, scope)
    return f"{name}={text}" if text else ""


def _leaves(name: str, value: LexicalValue, scope: Scope) -> str:
    values = value if isinstance(value, list) else [value]
    return "".join(sorted(_leaf(name, item, scope) for item in values))


def _time(name: str, value: LexicalValue, scope: Scope) -> str:
    try:
        return f"{name}={iso(to_millis(str(value)))}"
    except (InvalidIdentifier, ValueError, OverflowError):
        return _leaf(name, value, scope)  # no calendar year holds it, or it is no time at all


def _term(vocabulary: str) -> Writer:
    return lambda name, value, scope: f"{name}={vocab.web_uri(vocabulary, str(value))}"


def _terms(vocabulary: str) -> Writer:
    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        values = value if isinstance(value, list) else [value]
        return "".join(sorted(_term(vocabulary)(name, item, scope) for item in values))

    return write


def _bare_term(base: str) -> Writer:
    """A word of a vocabulary given bare, by prefix or by URI."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        prefix, colon, local = str(value).partition(":")
        if colon:
            return f"{name}={scope.prefixes[prefix] + local if prefix in scope.prefixes else value}"
        return f"{name}={base}{value}"

    return write


def _list(child: str) -> Writer:
    """A list of plain values, each under the name its XML element has."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        texts = sorted(_leaf(child, item, scope) for item in _as_list(value))
        return name + "".join(texts) if any(texts) else ""

    return write


def _objects(child: str, order: Mapping[str, Writer]) -> Writer:
    """A list of objects, sorted by their text; `child` is empty where XML has no wrapper."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        inner = _without_extra_ignores(scope)
        texts = sorted(
            child + _members(item, order, inner)
            for item in _as_list(value)
            if isinstance(item, dict)
        )
        return name + "".join(texts) if any(texts) else ""

    return write


def _repeated(order: Mapping[str, Writer]) -> Writer:
    """A list whose own name stands before each of its objects."""
    return lambda name, value, scope: _objects(name, order)("", value, scope)


def _object(order: Mapping[str, Writer]) -> Writer:
    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        if not isinstance(value, dict):
            return ""
        return name + _members(value, order, _without_extra_ignores(scope))

    return write


def _without_extra_ignores(scope: Scope) -> Scope:
    """Below the event only comments are left out; `type` there is content."""
    return Scope(scope.prefixes, ("rdfs:comment", "comment"))


def _as_list(value: LexicalValue) -> list[LexicalValue]:
    return value if isinstance(value, list) else []


def _canonical(value: LexicalValue, scope: Scope) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Number():
            return _canonical_number(value.lexeme)
        case str():
            return _canonical_text(value.strip(), scope)
        case _:
            return ""


def _canonical_text(text: str, scope: Scope) -> str:
    if _NUMERIC.fullmatch(text):
        return _canonical_number(text)
    prefix, colon, local = text.partition(":")
    if colon and prefix in NAMESPACES:
        return NAMESPACES[prefix] + local
    try:
        return identifiers.normalize(text)
    except InvalidIdentifier:
        return text


def _canonical_number(text: str) -> str:
    """Plain digits without needless zeros, exact; absurd sizes stay as written."""
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_DIGITS or len(text) > _MAX_DIGITS:
        return text
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def _prefixes(context: tuple[LexicalValue, ...]) -> dict[str, str]:
    """Prefixes a document declares itself; remote contexts are never fetched."""
    declared = {
        name: uri
        for part in context
        if isinstance(part, dict)
        for name, uri in part.items()
        if isinstance(uri, str)
    }
    return NAMESPACES | declared


_QUANTITY: Final[dict[str, Writer]] = {"epcClass": _leaf, "quantity": _leaf, "uom": _leaf}
_PLACE: Final[dict[str, Writer]] = {"id": _leaf}
_GS1: Final = _bare_term(NAMESPACES["gs1"])
_METADATA: Final[dict[str, Writer]] = {
    "time": _time,
    "startTime": _time,
    "endTime": _time,
    "deviceID": _leaf,
    "deviceMetadata": _leaf,
    "rawData": _leaf,
    "dataProcessingMethod": _leaf,
    "bizRules": _leaf,
}
_REPORT: Final[dict[str, Writer]] = {
    "type": _GS1,
    "exception": _GS1,
    "deviceID": _leaf,
    "deviceMetadata": _leaf,
    "rawData": _leaf,
    "dataProcessingMethod": _leaf,
    "time": _time,
    "microorganism": _leaf,
    "chemicalSubstance": _leaf,
    "value": _leaf,
    "component": _bare_term(NAMESPACES["cbv"] + "Comp-"),
    "stringValue": _leaf,
    "booleanValue": _leaf,
    "hexBinaryValue": _leaf,
    "uriValue": _leaf,
    "minValue": _leaf,
    "maxValue": _leaf,
    "meanValue": _leaf,
    "sDev": _leaf,
    "percRank": _leaf,
    "percValue": _leaf,
    "uom": _leaf,
    "coordinateReferenceSystem": _leaf,
}
_SENSOR: Final[dict[str, Writer]] = {
    "sensorMetadata": _object(_METADATA),
    "sensorReport": _repeated(_REPORT),
}
_PARTY: Final = _term("sourceDest")
_EVENT: Final[dict[str, Writer]] = {
    "eventTime": _time,
    "eventTimeZoneOffset": _leaf,
    "certificationInfo": _leaves,
    "parentID": _leaf,
    "epcList": _list("epc"),
    "inputEPCList": _list("epc"),
    "childEPCs": _list("epc"),
    "quantityList": _objects("quantityElement", _QUANTITY),
    "childQuantityList": _objects("quantityElement", _QUANTITY),
    "inputQuantityList": _objects("quantityElement", _QUANTITY),
    "outputEPCList": _list("epc"),
    "outputQuantityList": _objects("quantityElement", _QUANTITY),
    "action": _leaf,
    "transformationID": _leaf,
    "bizStep": _term("bizStep"),
    "disposition": _term("disposition"),
    "persistentDisposition": _object(
        {"set": _terms("disposition"), "unset": _terms("disposition")}
    ),
    "readPoint": _object(_PLACE),
    "bizLocation": _object(_PLACE),
    "bizTransactionList": _objects("", {"type": _term("bizTransaction"), "bizTransaction": _leaf}),
    "destinationList": _objects("", {"type": _PARTY, "destination": _leaf}),
    "sourceList": _objects("", {"type": _PARTY, "source": _leaf}),
    "sensorElementList": _objects("sensorElement", _SENSOR),
}
"""The order of CBV 2.0 section 8.9.2, as the reference vectors have it."""
