"""What an event can be found by: words that must be equal, and numbers that are compared.

Read leniently, because what is on chain may come from anybody: a member of the wrong shape is not
found by anything.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from core.document.event_time import event_time_ms
from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis import identifiers, vocab
from core.epcis.model import items
from core.epcis.query import namespaces, ordered
from core.errors import InvalidIdentifier

_NUMERIC: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?")
TEXT: Final = "$"
"""Ends the name of a field where its values are sorted as text."""
KIND: Final = "%"
"""Ends the name of a field where it is told which kinds of values are not numbers."""
IS_TEXT: Final = b"text"
IS_MOMENT: Final = b"time"
SORTED: Final = ("", "ILMD_")
"""Where the extensions stand that events can be sorted by."""
MOMENT: Final = "@"
"""Ends the name of a field where its values are compared as times."""
_LONGEST: Final = 2_000
"""Longer text is found by EXISTS only."""
_EPCS: Final = {
    "epcList": "epc",
    "childEPCs": "epc",
    "inputEPCList": "inputEPC",
    "outputEPCList": "outputEPC",
}
_CLASSES: Final = {
    "quantityList": "epcClass",
    "childQuantityList": "epcClass",
    "inputQuantityList": "inputEPCClass",
    "outputQuantityList": "outputEPCClass",
}
_PLACES: Final = ("readPoint", "bizLocation")
_SENSOR_TEXTS: Final = (
    *("deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules"),
    *("stringValue", "hexBinaryValue", "uriValue"),
)
_SENSOR_TIMES: Final = ("time", "startTime", "endTime")
SENSOR_NUMBERS: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")


@dataclass(slots=True)
class Terms:
    """The terms of one event."""

    words: set[tuple[str, str]] = field(default_factory=set)
    """(field, value); the value is empty where only the field's presence is told."""
    numbers: set[tuple[str, bytes]] = field(default_factory=set)
    """(field, `ordered.encode`); times are Unix milliseconds."""
    things: set[tuple[str, str]] = field(default_factory=set)
    """(field, canonical URI) of what the event names: the part of `words` that patterns search."""
    texts: set[tuple[str, bytes]] = field(default_factory=set)
    """(field, value) of extensions as text, and of what kind they are."""

    def text(self, name: str, value: LexicalValue) -> None:
        if isinstance(value, str) and len(value) <= _LONGEST:
            self.words.add((name, value))

    def thing(self, name: str, any_name: str, text: str) -> None:
        uri = normal(text)
        self.text(name, uri)
        self.text(any_name, uri)
        self.things.add((name, uri))

    def sortable(self, name: str, value: LexicalValue) -> None:
        """An extension's value as text; what is neither number nor time says so."""
        if not isinstance(value, str | Number):
            return
        text = value.lexeme if isinstance(value, Number) else value
        self.texts.add((f"{name}{TEXT}", text.encode("utf-8", "replace")))
        if as_number(value) is None:
            kind = IS_TEXT if event_time_ms(text) is None else IS_MOMENT
            self.texts.add((f"{name}{KIND}", kind))

    def number(self, name: str, value: LexicalValue) -> None:
        if (number := as_number(value)) is not None:
            self.numbers.add((name, ordered.encode(number)))

    def time(self, name: str, value: LexicalValue) -> None:
        if (millis := event_time_ms(value)) is not None:
            self.numbers.add((f"{name}{MOMENT}", ordered.encode(Decimal(millis))))


def word(name: str, value: str) -> str:
    """The 12 characters a word is stored as: 72 bits, so nobody aims at another's word."""
    digest = hashlib.blake2b(f"{name}\0{value}".encode("utf-8", "replace"), digest_size=9).digest()
    return base64.urlsafe_b64encode(digest).decode()


def as_number(value: LexicalValue) -> Decimal | None:
    """The exact value of a JSON number, or of text that can only be one."""
    text = value.lexeme if isinstance(value, Number) else value
    if not isinstance(text, str) or len(text) > _LONGEST or not _NUMERIC.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def scalars(value: LexicalValue) -> Iterator[str]:
    """How an event's scalar may be asked for: as written, as its number, as its moment.

    `~` marks the number of text too, which only a query that says "number" means: lot `00123` is
    not lot `123`.
    """
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str | Number):
        text = value.lexeme if isinstance(value, Number) else value
        if len(text) <= _LONGEST:
            yield text
        if (number := as_number(value)) is not None:
            code = ordered.encode(number).decode()
            yield f"~{code}"
            if isinstance(value, Number):
                yield f"#{code}"
        if (millis := event_time_ms(text)) is not None:
            yield f"@{millis}"


def asked(value: str | Number) -> Iterator[str]:
    """The `scalars` that a query's value may equal."""
    if isinstance(value, Number):
        yield f"~{ordered.encode(value.decimal()).decode()}"
        return
    yield value
    if (number := as_number(value)) is not None:
        yield f"#{ordered.encode(number).decode()}"
    if (millis := event_time_ms(value)) is not None:
        yield f"@{millis}"


def normal(text: str) -> str:
    """The canonical form of an identifier; one that is wrong is found as it was written."""
    try:
        return identifiers.normalize(text)
    except InvalidIdentifier:
        return text


def terms_of(event: LexicalObject, event_hash: str | None = None) -> Terms:
    """Everything an event can be found by; one without an eventID goes by its CBV hash."""
    found = Terms()
    _what(event, found)
    _why(event, found)
    _who(event, found)
    _error(event, found)
    found.text("eventType", event.get("type"))
    found.text("action", event.get("action"))
    found.text("eventID", event.get("eventID") or event_hash)
    found.text("transformationID", event.get("transformationID"))
    extensions = _Extensions(found, namespaces.of_context(event.get("@context")))
    extensions.read(event, "")
    extensions.read(event.get("ilmd"), "ILMD_", every=True)
    extensions.read(event.get("errorDeclaration"), "ERROR_DECLARATION_")
    for place in _PLACES:
        extensions.read(event.get(place), f"{place}_")
    _sensors(event, found, extensions)
    return found


def _what(event: LexicalObject, found: Terms) -> None:
    if isinstance(parent := event.get("parentID"), str):
        found.thing("parentID", "anyEPC", parent)
    for member, name in _EPCS.items():
        for epc in items(event, member):
            if isinstance(epc, str):
                found.thing(name, "anyEPC", epc)
    for member, name in _CLASSES.items():
        for element in items(event, member):
            if isinstance(element, dict):
                _quantity(element, name, found)


def _quantity(element: LexicalObject, name: str, found: Terms) -> None:
    if isinstance(epc_class := element.get("epcClass"), str):
        found.thing(name, "anyEPCClass", epc_class)
    found.number("quantity", element.get("quantity"))
    if isinstance(uom := element.get("uom"), str):
        found.number(f"quantity_{uom}", element.get("quantity"))


def _why(event: LexicalObject, found: Terms) -> None:
    for name in ("bizStep", "disposition"):
        if isinstance(value := event.get(name), str):
            found.text(name, vocab.bare(name, value))
    persistent = event.get("persistentDisposition")
    if isinstance(persistent, dict):
        for side in ("set", "unset"):
            for value in items(persistent, side):
                if isinstance(value, str):
                    word_ = vocab.bare("disposition", value)
                    found.text(f"persistentDisposition_{side}", word_)
    for name in _PLACES:
        place = event.get(name)
        if isinstance(place, dict) and isinstance(identifier := place.get("id"), str):
            found.text(name, normal(identifier))


def _who(event: LexicalObject, found: Terms) -> None:
    lists = (
        ("bizTransactionList", "bizTransaction", "bizTransaction"),
        ("sourceList", "source", "sourceDest"),
        ("destinationList", "destination", "sourceDest"),
    )
    for member, name, vocabulary in lists:
        for entry in items(event, member):
            if isinstance(entry, dict) and isinstance(value := entry.get(name), str):
                kind = entry.get("type")
                kind = vocab.bare(vocabulary, kind) if isinstance(kind, str) else ""
                found.text(f"{name}_{kind}", normal(value))


def _error(event: LexicalObject, found: Terms) -> None:
    declaration = event.get("errorDeclaration")
    if not isinstance(declaration, dict):
        return
    found.words.add(("errorDeclaration", ""))
    found.time("errorDeclarationTime", declaration.get("declarationTime"))
    if isinstance(reason := declaration.get("reason"), str):
        found.text("errorReason", vocab.bare("errorReason", reason))
    for corrective in items(declaration, "correctiveEventIDs"):
        found.text("correctiveEventID", corrective)


def _sensors(event: LexicalObject, found: Terms, extensions: "_Extensions") -> None:
    for element in items(event, "sensorElementList"):
        if not isinstance(element, dict):
            continue
        found.words.add(("sensorElementList", ""))
        extensions.read(element, "SENSORELEMENT_")
        metadata = element.get("sensorMetadata")
        extensions.read(metadata, "SENSORMETADATA_")
        if isinstance(metadata, dict):
            _sensor_members(metadata, found)
        for report in items(element, "sensorReport"):
            if isinstance(report, dict):
                extensions.read(report, "SENSORREPORT_")
                _sensor_members(report, found)
                _report(report, found)


def _sensor_members(members: LexicalObject, found: Terms) -> None:
    for name in _SENSOR_TEXTS:
        if isinstance(value := members.get(name), str):
            found.text(name, normal(value) if name == "deviceID" else value)
    for name in _SENSOR_TIMES:
        found.time(name, members.get(name))


def _report(report: LexicalObject, found: Terms) -> None:
    if isinstance(kind := report.get("type"), str):
        found.text("type", sensor_type(kind))
    if isinstance(truth := report.get("booleanValue"), bool):
        found.text("booleanValue", "true" if truth else "false")
    found.number("percRank", report.get("percRank"))
    if isinstance(uom := report.get("uom"), str):
        for name in SENSOR_NUMBERS:
            found.number(f"{name}_{uom}", report.get(name))


def sensor_type(text: str) -> str:
    """A measurement type as JSON writes it: the bare word of GS1's vocabulary."""
    return text.removeprefix("gs1:").removeprefix("https://gs1.org/voc/")


class _Extensions:
    """Members with a prefix, wherever the standard lets a query look for them."""

    def __init__(self, found: Terms, prefixes: Mapping[str, str]) -> None:
        self._found = found
        self._prefixes = prefixes

    def read(self, value: LexicalValue, where: str, *, every: bool = False) -> None:
        """The extensions among the members of `value`; of ILMD every member is one."""
        if not isinstance(value, dict):
            return
        for name, member in value.items():
            if (every or ":" in name) and not name.startswith("@"):
                self._add(where, name, member)
                self._inner(f"INNER_{where}", member)

    def _inner(self, where: str, value: LexicalValue) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                self._add(where, name, member)
                self._inner(where, member)
        elif isinstance(value, list):
            for item in value:
                self._inner(where, item)

    def _add(self, where: str, name: str, value: LexicalValue) -> None:
        for spelling in {name, namespaces.expanded(name, self._prefixes)}:
            key = f"{where}{spelling}"
            self._found.words.add((key, ""))
            for item in value if isinstance(value, list) else [value]:
                self._value(key, item, is_sorted=where in SORTED)

    def _value(self, key: str, value: LexicalValue, *, is_sorted: bool) -> None:
        if isinstance(value, dict):  # XML text beside attributes
            value = value.get("rdf:value")
        self._found.words.update((key, text) for text in scalars(value) if text)
        self._found.number(key, value)
        self._found.time(key, value)
        if is_sorted:
            self._found.sortable(key, value)
