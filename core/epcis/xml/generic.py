"""Elements that the standard does not fix: extensions, master data attributes.

Text is text, elements inside make an object, repetition makes a list, and an attribute stands
beside the text. White space around text is layout, and `xsi:type` says what the text shows anyway.
What has no place in JSON (text between elements, attributes of standard fields) is refused.
"""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from core.document.lexical import LexicalObject, LexicalValue, parse
from core.epcis.xml import exact
from core.epcis.xml.namespaces import SCHEMA_INSTANCE, Namespaces
from core.errors import Malformed

Names = Namespaces | exact.ExactNames
LAYOUT: Final = " \t\r\n"
_PASSED_OVER: Final = ("{" + SCHEMA_INSTANCE + "}", "{" + exact.JSON + "}")
_HINT: Final = "Leave it out, or put it into an extension element or attribute of its own."


class Members:
    """Members of an object in the making; one that is repeated becomes a list."""

    def __init__(self) -> None:
        self.found: LexicalObject = {}
        self._repeated: set[str] = set()

    def add(self, name: str, value: LexicalValue) -> None:
        if name not in self.found:
            self.found[name] = value
        elif name in self._repeated:
            values = self.found[name]
            assert isinstance(values, list)
            values.append(value)
        else:
            self._repeated.add(name)
            self.found[name] = [self.found[name], value]


def text(element: Element) -> str:
    """An element's own text."""
    return (element.text or "").strip(LAYOUT)


def leaf(element: Element, names: Names) -> str:
    """The text of an element that holds nothing else. Raises Malformed for more."""
    for child in element:
        raise misplaced(names.name(child.tag), f"an element inside {names.name(element.tag)}")
    for tag, _ in foreign(element):
        raise misplaced(names.name(tag), f"an attribute of {names.name(element.tag)}")
    return text(element)


def inside(element: Element, names: Names) -> Element:
    """The element, which holds elements and no text of its own. Raises Malformed for text."""
    for stray in (element.text, *(child.tail for child in element)):
        if stray and (found := stray.strip(LAYOUT)):
            raise misplaced(names.name(element.tag), f"text between elements ({found[:40]!r})")
    return element


def bare(element: Element, names: Names) -> Element:
    """The same of an element without attributes."""
    for tag, _ in foreign(element):
        raise misplaced(names.name(tag), f"an attribute of {names.name(element.tag)}")
    return inside(element, names)


def foreign(element: Element) -> Iterator[tuple[str, str]]:
    """The attributes that are neither XML Schema's nor ours."""
    for tag, value in element.attrib.items() if element.attrib else ():
        if not tag.startswith(_PASSED_OVER):
            yield tag, value


def misplaced(name: str, what: str) -> Malformed:
    """The error about something that the JSON form has no place for."""
    return Malformed(f"{name[:80]}: {what} cannot be kept", pointer=name, hint=_HINT)


def extensions(element: Element, names: Names) -> Iterator[tuple[str, LexicalValue]]:
    """A standard element's attributes of other namespaces. Raises Malformed for one without."""
    for tag, value in foreign(element):
        name = names.name(tag)
        if ":" not in name:
            raise misplaced(name, f"an attribute of {names.name(element.tag)}")
        yield name, value


def is_nil(element: Element) -> bool:
    """Whether the author says that there is no value."""
    return element.get(f"{{{SCHEMA_INSTANCE}}}nil", "").strip() in ("true", "1")


def open_value(element: Element, names: Names) -> LexicalValue:
    """An element of any shape as a JSON value. Raises Malformed for text between elements."""
    if element.get(exact.TYPE) == "json":
        return parse(element.text or "")
    attributes = {
        _qualified(tag, element, names): value
        for tag, value in foreign(element)
        if element.tag != exact.MEMBER
    }
    own, nil = text(element), is_nil(element)
    if nil and (own or len(element)):
        raise misplaced(names.name(element.tag), "a value beside xsi:nil")
    if not len(element) and not attributes:
        return None if nil else own
    found = Members()
    for name, value in attributes.items():
        found.add(name, value)
    if own or nil:
        found.add(names.use_rdf(), own or None)
    for child in element:
        if child.tail and child.tail.strip(LAYOUT):
            raise misplaced(names.name(element.tag), "text between elements")
        found.add(name_of(child, names), open_value(child, names))
    return found.found


def name_of(element: Element, names: Names) -> str:
    """The JSON name of an element; one that no XML name can spell stands in an attribute."""
    if element.tag == exact.MEMBER:
        name = parse(element.get("name", '""'))
        return name if isinstance(name, str) else ""
    return names.name(element.tag)


def _qualified(tag: str, element: Element, names: Names) -> str:
    """An attribute without a prefix belongs to its element, so it takes that one's."""
    prefix, colon, _ = names.name(element.tag).rpartition(":")
    name = names.name(tag)
    return name if ":" in name else f"{prefix}{colon}{name}"
