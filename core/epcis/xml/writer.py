"""The JSON form of EPCIS 2.0 as EPCIS 2.0 XML: the reverse of the reader beside it.

Members stand in the order of the XSD (EPCglobal-epcis-2_0.xsd); what the XSD does not name follows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from xml.sax.saxutils import escape, quoteattr

from core.document.lexical import LexicalObject, LexicalValue, Number, canonical
from core.epcis import vocab
from core.epcis.xml import exact
from core.epcis.xml.namespaces import RDF
from core.epcis.xml.open_writer import attribute_text, is_plain, open_element, tag_of
from core.epcis.xml.words import WORDS, Spelling

OneT = TypeVar("OneT", bound="dict[str, Any] | str")

QUERY: Final = "urn:epcglobal:epcis-query:xsd:2"

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
_SENSOR_WORDS: Final = {
    "type": ("gs1:", "https://gs1.org/voc/"),
    "exception": ("gs1:", "https://gs1.org/voc/"),
    "component": ("cbv:Comp-", "https://ref.gs1.org/cbv/Comp-"),
}
"""Members of a sensor report with words of a vocabulary, and how XML begins those."""


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
    names = [*_ORDER, *_BEFORE.get(kind, ()), *_AFTER]
    ordered = [name for name in dict.fromkeys(names) if name in event]
    rest = [name for name in event if name not in names and name not in ("type", "@context")]
    body = "".join(writer.member(name, event[name]) for name in (*ordered, *rest))
    spaces = "".join(
        f" xmlns:{prefix}={quoteattr(uri)}"
        for prefix, uri in (declared | writer.undeclared).items()
    )
    carried = f" j:context={quoteattr(canonical(context))}" if context is not None else ""
    return f"<{kind}{spaces}{carried}>{body}</{kind}>"


class _Event:
    """Members of one event as elements."""

    def __init__(self, declared: Mapping[str, str], spelling: Spelling) -> None:
        self._declared = declared
        self._spelling = spelling
        self.undeclared: dict[str, str] = {"rdf": RDF}
        """Prefixes that were used and are not in the context."""

    def member(self, name: str, value: LexicalValue) -> str:
        writer = _WRITERS.get(name)
        written = writer(self, name, value) if writer else None
        return self.open(name, value) if written is None else written

    def open(self, name: str, value: LexicalValue) -> str:
        """An element of any shape."""
        return open_element(name, value, self._tag)

    def texts(self, name: str, value: LexicalValue) -> str | None:
        found = _all_of(value, str)
        if found is None or not all(map(is_plain, found)):
            return None
        inner = "correctiveEventID" if name == "correctiveEventIDs" else "epc"
        return _wrap(name, (f"<{inner}>{escape(text)}</{inner}>" for text in found))

    def quantities(self, name: str, value: LexicalValue) -> str | None:
        found = _all_of(value, dict)
        return None if found is None else _wrap(name, map(self._quantity, found))

    def _quantity(self, element: LexicalObject) -> str:
        known = ("epcClass", "quantity", "uom")
        quantity = element.get("quantity")
        amount = (
            f"<quantity>{quantity.lexeme}</quantity>"
            if isinstance(quantity, Number)
            else '<quantity xsi:nil="true"/>'
        )
        parts = [self.open("epcClass", element["epcClass"])] if "epcClass" in element else []
        parts += [amount] + ([self.open("uom", element["uom"])] if "uom" in element else [])
        parts += [self.open(name, one) for name, one in element.items() if name not in known]
        return f"<quantityElement>{''.join(parts)}</quantityElement>"

    def typed(self, name: str, value: LexicalValue) -> str | None:
        """Business transactions, sources, destinations."""
        inner = name.removesuffix("List")
        vocabulary = "bizTransaction" if inner == "bizTransaction" else "sourceDest"
        found = _all_of(value, dict)
        if found is None:
            return None
        parts = []
        for one in found:
            kind = one.get("type")
            attribute = ""
            if isinstance(kind, str):
                attribute = f" type={quoteattr(self._word(vocabulary, kind))}"
            parts.append(f"<{inner}{attribute}>{escape(str(one.get(inner, '')))}</{inner}>")
        return _wrap(name, parts)

    def word(self, name: str, value: LexicalValue) -> str | None:
        if not isinstance(value, str):
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
        return _wrap(name, (self.member(member, value[member]) for member in names))

    def dispositions(self, name: str, value: LexicalValue) -> str | None:
        if not isinstance(value, dict):
            return None
        parts = [
            f"<{side}>{escape(self._word('disposition', str(one)))}</{side}>"
            for side in ("unset", "set")
            for one in _list(value.get(side))
        ]
        return _wrap(name, parts)

    def sensors(self, name: str, value: LexicalValue) -> str | None:
        found = _all_of(value, dict)
        return None if found is None else _wrap(name, map(self._sensor, found))

    def _sensor(self, element: LexicalObject) -> str:
        parts = []
        if isinstance(metadata := element.get("sensorMetadata"), dict):
            parts.append(self._attributes("sensorMetadata", metadata))
        parts += [
            self._attributes("sensorReport", report)
            for report in _list(element.get("sensorReport"))
            if isinstance(report, dict)
        ]
        rest = (name for name in element if name not in ("sensorMetadata", "sensorReport"))
        parts += [self.open(name, element[name]) for name in rest]
        return f"<sensorElement>{''.join(parts)}</sensorElement>"

    def _attributes(self, name: str, members: LexicalObject) -> str:
        """Members as attributes; those of another kind than the standard's are marked."""
        written, marked = [], []
        for member, value in members.items():
            text, needs_mark = attribute_text(member, value)
            if not needs_mark and member in _SENSOR_WORDS:
                text, needs_mark = _sensor_word(member, text)
            tag = self._tag(member)
            if tag is None:
                continue
            written.append(f" {tag}={quoteattr(text)}")
            marked += [member] if needs_mark else []
        mark = f" j:typed={quoteattr(' '.join(marked))}" if marked else ""
        return f"<{name}{''.join(written)}{mark}/>"

    def _word(self, vocabulary: str, text: str) -> str:
        return self._spelling.of(vocabulary, text) if vocabulary in WORDS else text

    def _tag(self, name: str) -> str | None:
        tag, prefix = tag_of(name, self._declared)
        if prefix:
            self.undeclared.setdefault(prefix, exact.UNDECLARED + prefix)
        return tag


def _sensor_word(member: str, text: str) -> tuple[str, bool]:
    """A bare word with its prefix; one that has a prefix already is marked, or it would lose it."""
    known = {"type": "measurementType", "exception": "sensorAlertType"}.get(member, member)
    prefixes = _SENSOR_WORDS[member]
    if text in vocab.words(known):
        return prefixes[0] + text, False
    return (canonical(text), True) if text.startswith(prefixes) else (text, False)


def _wrap(name: str, parts: Iterable[str]) -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


def _all_of(value: LexicalValue, kind: type[OneT]) -> list[OneT] | None:
    """The items of a list whose items are all of this kind; None for anything else."""
    found: list[Any] = value if isinstance(value, list) else [None]
    return found if all(isinstance(one, kind) for one in found) else None


def _list(value: LexicalValue) -> list[LexicalValue]:
    return value if isinstance(value, list) else []


_Writer = Callable[[_Event, str, LexicalValue], str | None]
_WRITERS: Final[Mapping[str, _Writer]] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _Event.texts),
    "correctiveEventIDs": _Event.texts,
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
        _Event.quantities,
    ),
    **dict.fromkeys(("bizTransactionList", "sourceList", "destinationList"), _Event.typed),
    **dict.fromkeys(("bizStep", "disposition", "reason"), _Event.word),
    **dict.fromkeys(("readPoint", "bizLocation", "ilmd"), _Event.object),
    "errorDeclaration": _Event.declaration,
    "persistentDisposition": _Event.dispositions,
    "sensorElementList": _Event.sensors,
}
