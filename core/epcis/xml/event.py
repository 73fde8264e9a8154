"""One event element as the JSON object of the same event.

EPCIS 1.2 puts what came later into `extension` inside `extension`; in JSON there is no such thing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

from core.document.lexical import LexicalObject, LexicalValue, Number, parse
from core.epcis import vocab
from core.epcis.model import Disordered
from core.epcis.xml import exact
from core.epcis.xml.generic import (
    LAYOUT,
    Members,
    Names,
    bare,
    extensions,
    foreign,
    inside,
    is_nil,
    leaf,
    misplaced,
    name_of,
    open_value,
    text,
)
from core.epcis.xml.open_writer import WRAPPERS
from core.epcis.xml.order import disorder
from core.epcis.xml.values import truth

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
    """The event in JSON form.

    Raises Malformed for a number or truth value that is none, and for what JSON has no place for.
    """
    event = Members()
    event.add("type", names.name(element.tag))
    if (context := element.get(exact.CONTEXT)) is not None:  # we wrote it
        event.add("@context", parse(context))
        names = exact.ExactNames(event.found["@context"])
    _fill(event, element, names, _CONVERTERS)
    if (exponents := element.get(exact.EXPONENTS)) is not None:
        _respell(event.found, parse(exponents))
    fault = disorder(element, names, str(event.found["type"]))
    return event.found if fault is None else Disordered(event.found, fault)


def _respell(event: LexicalObject, exponents: LexicalValue) -> None:
    """Writes quantities as their JSON did. Raises Malformed where that is not the same number."""
    try:
        assert isinstance(exponents, dict)
        for place, number in exponents.items():
            name, _, position = place.rpartition("/")
            element: Any = event[name]
            element = element[int(position)]
            assert isinstance(number, Number)
            assert element["quantity"].decimal() == number.decimal()
            element["quantity"] = number
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise misplaced("exponents", "a number that is not the quantity's") from error


def _fill(
    found: Members, element: Element, names: Names, converters: Mapping[str, Converter]
) -> None:
    """The members of a standard object: its elements, and attributes as extensions."""
    for name, value in extensions(element, names):
        found.add(name, value)
    for child in _unwrapped(element, names):
        name = name_of(child, names)
        converter = None if child.get(exact.TYPE) == "json" else converters.get(name)
        found.add(name, converter(child, names) if converter else open_value(child, names))


def _unwrapped(element: Element, names: Names) -> Iterator[Element]:
    for child in inside(element, names):
        if child.tag in WRAPPERS:
            yield from _unwrapped(bare(child, names), names)
        else:
            yield child


def _items(element: Element, names: Names, kind: str) -> Iterator[Element]:
    """The elements of a list, all of one kind."""
    for child in bare(element, names):
        if names.name(child.tag) != kind:
            raise misplaced(names.name(child.tag), f"an element inside {names.name(element.tag)}")
        yield child


def _texts(kind: str) -> Converter:
    return lambda element, names: [leaf(child, names) for child in _items(element, names, kind)]


def _quantities(element: Element, names: Names) -> LexicalValue:
    return [_quantity(child, names) for child in _items(element, names, "quantityElement")]


def _quantity(element: Element, names: Names) -> LexicalObject:
    found = Members()
    for child in bare(element, names):
        name = name_of(child, names)
        if name != "quantity":
            found.add(name, open_value(child, names))
        elif (own := leaf(child, names)) or not is_nil(child):
            found.add(name, names.number(own, name))
    return found.found


def _typed(kind: str, vocabulary: str) -> Converter:
    """A list of things with a type: business transactions, sources, destinations."""

    def converted(element: Element, names: Names) -> LexicalValue:
        return [one(child, names) for child in _items(element, names, kind)]

    def one(child: Element, names: Names) -> LexicalObject:
        found: LexicalObject = {}
        if (word := child.attrib.pop("type", None)) is not None:
            found["type"] = names.bare(vocabulary, word.strip())
        found[kind] = leaf(child, names)
        return found

    return converted


def _word(vocabulary: str) -> Converter:
    return lambda element, names: names.bare(vocabulary, leaf(element, names))


def _object(element: Element, names: Names) -> LexicalValue:
    """An object even when it is empty: a place, or instance and lot master data."""
    found = Members()
    _fill(found, element, names, {})
    return found.found


def _declaration(element: Element, names: Names) -> LexicalValue:
    found = Members()
    _fill(found, element, names, _DECLARATION)
    return found.found


def _dispositions(element: Element, names: Names) -> LexicalValue:
    found: dict[str, LexicalValue] = {}
    for child in bare(element, names):
        words = found.setdefault(names.name(child.tag), [])
        assert isinstance(words, list)
        words.append(names.bare("disposition", leaf(child, names)))
    return found


def _sensors(element: Element, names: Names) -> LexicalValue:
    return [_sensor(child, names) for child in _items(element, names, "sensorElement")]


def _sensor(element: Element, names: Names) -> LexicalObject:
    found = Members()
    reports: list[LexicalValue] = []
    for name, value in extensions(element, names):
        found.add(name, value)
    for child in _unwrapped(element, names):
        match names.name(child.tag):
            case "sensorMetadata":
                found.add("sensorMetadata", _attributes(child, names))
            case "sensorReport":
                reports.append(_attributes(child, names))
            case _:
                found.add(name_of(child, names), open_value(child, names))
    return found.found | {"sensorReport": reports}


def _attributes(element: Element, names: Names) -> LexicalObject:
    typed, literal = (element.get(m, "").split(" ") for m in (exact.TYPED, exact.LITERAL))
    found: LexicalObject = {}
    for tag, value in foreign(element):
        name = names.name(tag)
        if name in typed:
            found[name] = parse(value)
        else:
            text_ = value.strip(LAYOUT)
            found[name] = text_ if name in literal else _measured(name, text_, names)
    if (members := element.get(exact.MEMBERS)) is not None:
        unnamed = parse(members)
        found |= unnamed if isinstance(unnamed, dict) else {}
    for child in element:
        raise misplaced(names.name(child.tag), f"an element inside {names.name(element.tag)}")
    if own := text(element):
        found[names.use_rdf()] = own
    return found


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
    "correctiveEventIDs": _texts("correctiveEventID"),
}
_CONVERTERS: Final[Mapping[str, Converter]] = {
    "epcList": _texts("epc"),
    "childEPCs": _texts("epc"),
    "inputEPCList": _texts("epc"),
    "outputEPCList": _texts("epc"),
    "quantityList": _quantities,
    "childQuantityList": _quantities,
    "inputQuantityList": _quantities,
    "outputQuantityList": _quantities,
    "bizTransactionList": _typed("bizTransaction", "bizTransaction"),
    "sourceList": _typed("source", "sourceDest"),
    "destinationList": _typed("destination", "sourceDest"),
    "bizStep": _word("bizStep"),
    "disposition": _word("disposition"),
    "readPoint": _object,
    "bizLocation": _object,
    "ilmd": _object,
    "errorDeclaration": _declaration,
    "persistentDisposition": _dispositions,
    "sensorElementList": _sensors,
}
