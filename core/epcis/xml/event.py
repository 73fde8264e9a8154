"""One event element as the JSON object of the same event.

EPCIS 1.2 puts what came later into `extension` inside `extension`; in JSON there is no such thing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from core.document.lexical import LexicalObject, LexicalValue, parse
from core.epcis import vocab
from core.epcis.xml import exact
from core.epcis.xml.generic import Members, Names, is_nil, name_of, open_value, text
from core.epcis.xml.namespaces import SCHEMA_INSTANCE
from core.epcis.xml.values import truth

WRAPPERS: Final = frozenset({"extension", "baseExtension"})
_NUMBERS: Final = frozenset(
    {"value", "minValue", "maxValue", "meanValue", "percRank", "percValue", "sDev"}
)
_WORDS: Final = {
    "type": ("measurementType", "gs1:", "https://gs1.org/voc/"),
    "exception": ("sensorAlertType", "gs1:", "https://gs1.org/voc/"),
    "component": ("component", "cbv:Comp-", "https://ref.gs1.org/cbv/Comp-"),
}
"""Words of a sensor report: their list in the JSON schema, and how XML writes them."""

Converter = Callable[[Element, Names], LexicalValue]


def read_event(element: Element, names: Names) -> LexicalObject:
    """The event in JSON form. Raises Malformed for a number or truth value that is none."""
    event = Members()
    event.add("type", names.name(element.tag))
    if (context := element.get(exact.CONTEXT)) is not None:  # we wrote it
        event.add("@context", parse(context))
        names = exact.ExactNames(event.found["@context"])
    for child in _unwrapped(element):
        name = name_of(child, names)
        converter = _CONVERTERS.get(name)
        event.add(name, converter(child, names) if converter else open_value(child, names))
    return event.found


def _unwrapped(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


def _texts(element: Element, _names: Names) -> LexicalValue:
    return [text(child) for child in element]


def _quantities(element: Element, names: Names) -> LexicalValue:
    return [_quantity(child, names) for child in element]


def _quantity(element: Element, names: Names) -> LexicalObject:
    found = Members()
    for child in element:
        name = names.name(child.tag)
        if name == "quantity" and not is_nil(child):
            found.add(name, names.number(text(child), name))
        elif name != "quantity":
            found.add(name, open_value(child, names))
    return found.found


def _typed(vocabulary: str) -> Converter:
    """A list of things with a type: business transactions, sources, destinations."""

    def converted(element: Element, names: Names) -> LexicalValue:
        return [one(child, names) for child in element]

    def one(child: Element, names: Names) -> LexicalObject:
        found: LexicalObject = {}
        if (kind := child.get("type")) is not None:
            found["type"] = names.bare(vocabulary, kind.strip())
        found[names.name(child.tag)] = text(child)
        return found

    return converted


def _word(vocabulary: str) -> Converter:
    return lambda element, names: names.bare(vocabulary, text(element))


def _object(element: Element, names: Names) -> LexicalValue:
    """An object even when it is empty: a place, or instance and lot master data."""
    found = Members()
    for child in _unwrapped(element):
        found.add(name_of(child, names), open_value(child, names))
    return found.found


def _declaration(element: Element, names: Names) -> LexicalValue:
    found = Members()
    for child in _unwrapped(element):
        name = name_of(child, names)
        converter = _DECLARATION.get(name)
        found.add(name, converter(child, names) if converter else open_value(child, names))
    return found.found


def _dispositions(element: Element, names: Names) -> LexicalValue:
    found: dict[str, LexicalValue] = {}
    for child in element:
        words = found.setdefault(names.name(child.tag), [])
        assert isinstance(words, list)
        words.append(names.bare("disposition", text(child)))
    return found


def _sensors(element: Element, names: Names) -> LexicalValue:
    return [_sensor(child, names) for child in element]


def _sensor(element: Element, names: Names) -> LexicalObject:
    found = Members()
    reports: list[LexicalValue] = []
    for child in _unwrapped(element):
        match names.name(child.tag):
            case "sensorMetadata":
                found.add("sensorMetadata", _attributes(child, names))
            case "sensorReport":
                reports.append(_attributes(child, names))
            case _:
                found.add(name_of(child, names), open_value(child, names))
    return found.found | {"sensorReport": reports}


def _attributes(element: Element, names: Names) -> LexicalObject:
    typed = element.get(exact.TYPED, "").split(" ")
    return {
        name: parse(value) if name in typed else _measured(name, value.strip(), names)
        for name, value in _named_attributes(element, names)
    }


def _named_attributes(element: Element, names: Names) -> Iterator[tuple[str, str]]:
    for tag, value in element.attrib.items():
        if not tag.startswith(("{" + SCHEMA_INSTANCE + "}", "{" + exact.JSON + "}")):
            yield names.name(tag), value


def _measured(name: str, value: str, names: Names) -> LexicalValue:
    if name in _NUMBERS:
        return names.number(value, name)
    if name == "booleanValue":
        return truth(value, name)
    if name in _WORDS:
        return _bare(value, *_WORDS[name])
    return value


def _bare(value: str, vocabulary: str, prefix: str, stem: str) -> str:
    """A standard word as JSON has it, another one as its whole URI."""
    word = value.removeprefix(prefix).removeprefix(stem)
    if word == value or word in vocab.words(vocabulary):
        return word
    return stem + word


_DECLARATION: Final[Mapping[str, Converter]] = {
    "reason": _word("errorReason"),
    "correctiveEventIDs": _texts,
}
_CONVERTERS: Final[Mapping[str, Converter]] = {
    "epcList": _texts,
    "childEPCs": _texts,
    "inputEPCList": _texts,
    "outputEPCList": _texts,
    "quantityList": _quantities,
    "childQuantityList": _quantities,
    "inputQuantityList": _quantities,
    "outputQuantityList": _quantities,
    "bizTransactionList": _typed("bizTransaction"),
    "sourceList": _typed("sourceDest"),
    "destinationList": _typed("sourceDest"),
    "bizStep": _word("bizStep"),
    "disposition": _word("disposition"),
    "readPoint": _object,
    "bizLocation": _object,
    "ilmd": _object,
    "errorDeclaration": _declaration,
    "persistentDisposition": _dispositions,
    "sensorElementList": _sensors,
}
