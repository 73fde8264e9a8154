"""The JSON form of EPCIS 2.0 as EPCIS 2.0 XML: the reverse of the reader beside it.

Members stand in the order of the XSD (EPCglobal-epcis-2_0.xsd); what the XSD does not name follows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from core.document.lexical import LexicalObject, LexicalValue, Number, canonical
from core.epcis.rules import PLAIN_NUMBER
from core.epcis.xml import exact
from core.epcis.xml.namespaces import RDF
from core.epcis.xml.open_writer import (
    WRAPPERS,
    ascii_json,
    attribute_text,
    is_plain,
    json_element,
    open_element,
    tag_of,
)
from core.epcis.xml.order import of_event
from core.epcis.xml.shapes import SENSOR_WORDS, all_of, is_sensor, is_text, is_word, sensor_word
from core.epcis.xml.words import WORDS, Spelling

QUERY: Final = "urn:epcglobal:epcis-query:xsd:2"


def query_document(
    events: Sequence[LexicalObject], about: Mapping[str, str], created: str, spelling: Spelling
) -> str:
    """An EPCISQueryDocument; `about` has queryName and perhaps subscriptionID."""
    told = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in about.items() if text)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<epcisq:EPCISQueryDocument xmlns:epcisq="{QUERY}" xmlns:j="{exact.JSON}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" schemaVersion="2.0" '
        f'creationDate="{created}"><EPCISBody><epcisq:QueryResults>{told}<resultsBody><EventList>'
        f"{''.join(write_event(event, spelling) for event in events)}"
        "</EventList></resultsBody></epcisq:QueryResults></EPCISBody></epcisq:EPCISQueryDocument>\n"
    )


def write_event(event: LexicalObject, spelling: Spelling = Spelling.URN) -> str:
    """One event element. It declares its own prefixes, so it may stand anywhere."""
    context, kind = event.get("@context"), str(event["type"])
    declared = exact.namespaces(context)
    writer = _Event(declared, spelling)
    names = of_event(kind)
    ordered = [name for name in names if name in event and name not in WRAPPERS]
    rest = [name for name in event if name not in ordered and name not in ("type", "@context")]
    body = "".join(writer.member(name, event[name]) for name in (*ordered, *rest))
    spaces = "".join(
        f" xmlns:{prefix}={quoteattr(uri)}"
        for prefix, uri in (declared | writer.undeclared).items()
    )
    carried = f" j:context={quoteattr(canonical(context))}" if context is not None else ""
    if writer.exponents:
        carried += f" j:exponents={quoteattr(canonical(writer.exponents))}"
    return f"<{kind}{spaces}{carried}>{body}</{kind}>"


class _Event:
    """Members of one event as elements."""

    def __init__(self, declared: Mapping[str, str], spelling: Spelling) -> None:
        self._declared = declared
        self._spelling = spelling
        self.undeclared: dict[str, str] = {"rdf": RDF}
        """Prefixes that were used and are not in the context."""

        self.exponents: LexicalObject = {}
        """Quantities whose JSON no decimal of XML can show, by list and position."""

    def member(self, name: str, value: LexicalValue) -> str:
        return self._by(_WRITERS, name, value)

    def _by(self, writers: "Mapping[str, _Writer]", name: str, value: LexicalValue) -> str:
        """A member of the standard's shape as the standard writes it, of any other as JSON."""
        writer = writers.get(name)
        if writer is None:
            return self.open(name, value)
        written = writer(self, name, value)
        return json_element(name, value, self._tag) if written is None else written

    def open(self, name: str, value: LexicalValue) -> str:
        """An element of any shape."""
        return open_element(name, value, self._tag)

    def texts(self, name: str, value: LexicalValue) -> str | None:
        found = all_of(value, str)
        if found is None or not all(map(is_plain, found)):
            return None
        inner = "correctiveEventID" if name == "correctiveEventIDs" else "epc"
        return _wrap(name, (f"<{inner}>{escape(text)}</{inner}>" for text in found))

    def quantities(self, name: str, value: LexicalValue) -> str | None:
        found = all_of(value, dict)
        if found is None or any(
            "quantity" in one and not isinstance(one["quantity"], Number) for one in found
        ):
            return None
        return _wrap(name, (self._quantity(one, f"{name}/{i}") for i, one in enumerate(found)))

    def _quantity(self, element: LexicalObject, place: str) -> str:
        known = ("epcClass", "quantity", "uom")
        quantity = element.get("quantity")
        amount = (
            f"<quantity>{self._decimal(quantity, place)}</quantity>"
            if isinstance(quantity, Number)
            else '<quantity xsi:nil="true"/>'
        )
        parts = [self.open("epcClass", element["epcClass"])] if "epcClass" in element else []
        parts += [amount] + ([self.open("uom", element["uom"])] if "uom" in element else [])
        parts += [self.open(name, one) for name, one in element.items() if name not in known]
        return f"<quantityElement>{''.join(parts)}</quantityElement>"

    def _decimal(self, quantity: Number, place: str) -> str:
        text = quantity.lexeme
        if "e" not in text.lower() or not PLAIN_NUMBER.fullmatch(text):
            return text
        self.exponents[place] = quantity
        return f"{quantity.decimal():f}"

    def typed(self, name: str, value: LexicalValue) -> str | None:
        """Business transactions, sources, destinations."""
        inner = name.removesuffix("List")
        vocabulary = "bizTransaction" if inner == "bizTransaction" else "sourceDest"
        found = all_of(value, dict)
        if not found:  # the XSD knows no empty one
            return None
        parts = []
        for one in found:
            kind, text = one.get("type", ""), one.get(inner)
            if not {*one} <= {"type", inner} or not is_word(kind) or not is_text(text):
                return None
            attribute = f" type={quoteattr(self._word(vocabulary, kind))}" if "type" in one else ""
            parts.append(f"<{inner}{attribute}>{escape(text)}</{inner}>")
        return _wrap(name, parts)

    def word(self, name: str, value: LexicalValue) -> str | None:
        if not is_word(value):
            return None
        vocabulary = "errorReason" if name == "reason" else name
        return f"<{name}>{escape(self._word(vocabulary, value))}</{name}>"

    def object(self, name: str, value: LexicalValue) -> str | None:
        """A place or master data: the identifier first, then extensions."""
        if not isinstance(value, dict):
            return None
        ordered = sorted(value, key=lambda member: member != "id")
        return _wrap(name, (self.open(member, value[member]) for member in ordered))

    def declaration(self, name: str, value: LexicalValue) -> str | None:
        if not isinstance(value, dict):
            return None
        order = ["declarationTime", "reason", "correctiveEventIDs"]
        names = sorted(value, key=lambda member: order.index(member) if member in order else 9)
        return _wrap(name, (self._by(_DECLARATION, member, value[member]) for member in names))

    def dispositions(self, name: str, value: LexicalValue) -> str | None:
        if not isinstance(value, dict) or not {*value} <= {"set", "unset"}:
            return None
        parts = []
        for side in ("unset", "set"):
            words = all_of(value.get(side, []), str)
            if words is None or not all(map(is_word, words)) or (side in value and not words):
                return None
            parts += [f"<{side}>{escape(self._word('disposition', w))}</{side}>" for w in words]
        return _wrap(name, parts)

    def sensors(self, name: str, value: LexicalValue) -> str | None:
        found = all_of(value, dict)
        if not found or not all(map(is_sensor, found)):
            return None
        return _wrap(name, map(self._sensor, found))

    def _sensor(self, element: LexicalObject) -> str:
        parts = []
        if isinstance(metadata := element.get("sensorMetadata"), dict):
            parts.append(self._attributes("sensorMetadata", metadata))
        reports: Any = element["sensorReport"]
        parts += [self._attributes("sensorReport", report) for report in reports]
        rest = (name for name in element if name not in ("sensorMetadata", "sensorReport"))
        parts += [self.open(name, element[name]) for name in rest]
        return f"<sensorElement>{''.join(parts)}</sensorElement>"

    def _attributes(self, name: str, members: LexicalObject) -> str:
        """Members as attributes; those of another kind than the standard's are marked."""
        written: list[str] = []
        marks: dict[str, list[str]] = {"typed": [], "literal": []}
        unnamed: LexicalObject = {}
        for member, value in members.items():
            tag = self._tag(member)
            if tag is None:
                unnamed[member] = value
                continue
            text, is_json = attribute_text(member, value)
            is_literal = False
            if not is_json and member in SENSOR_WORDS:
                text, is_literal = sensor_word(member, text)
            written.append(f" {tag}={quoteattr(text)}")
            marks["typed"] += [member] if is_json else []
            marks["literal"] += [member] if is_literal else []
        written += [f" j:{mark}={quoteattr(' '.join(of))}" for mark, of in marks.items() if of]
        written += [f" j:members={quoteattr(ascii_json(unnamed))}"] if unnamed else []
        return f"<{name}{''.join(written)}/>"

    def _word(self, vocabulary: str, text: str) -> str:
        return self._spelling.of(vocabulary, text) if vocabulary in WORDS else text

    def _tag(self, name: str) -> str | None:
        tag, prefix = tag_of(name, self._declared)
        if prefix:
            self.undeclared.setdefault(prefix, exact.UNDECLARED + prefix)
        return tag


def _wrap(name: str, parts: Iterable[str]) -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


_Writer = Callable[[_Event, str, LexicalValue], str | None]
_WRITERS: Final[Mapping[str, _Writer]] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _Event.texts),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
        _Event.quantities,
    ),
    **dict.fromkeys(("bizTransactionList", "sourceList", "destinationList"), _Event.typed),
    **dict.fromkeys(("bizStep", "disposition"), _Event.word),
    **dict.fromkeys(("readPoint", "bizLocation", "ilmd"), _Event.object),
    "errorDeclaration": _Event.declaration,
    "persistentDisposition": _Event.dispositions,
    "sensorElementList": _Event.sensors,
}
_DECLARATION: Final[Mapping[str, _Writer]] = {
    "reason": _Event.word,
    "correctiveEventIDs": _Event.texts,
}
