"""Elements that the standard does not fix: extensions, master data attributes.

Text is text, elements inside make an object, repetition makes a list, and an attribute stands
beside the text. White space around text is layout, and `xsi:type` says what the text shows anyway.
"""

from xml.etree.ElementTree import Element

from core.document.lexical import LexicalObject, LexicalValue, parse
from core.epcis.xml import exact
from core.epcis.xml.namespaces import SCHEMA_INSTANCE, Namespaces

Names = Namespaces | exact.ExactNames


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
    return (element.text or "").strip()


def is_nil(element: Element) -> bool:
    """Whether the author says that there is no value."""
    return element.get(f"{{{SCHEMA_INSTANCE}}}nil", "").strip() in ("true", "1")


def open_value(element: Element, names: Names) -> LexicalValue:
    """An element of any shape as a JSON value."""
    if is_nil(element):
        return None
    if element.get(exact.TYPE) == "json":
        return parse(element.text or "")
    attributes = {
        _qualified(tag, element, names): value
        for tag, value in element.attrib.items()
        if not tag.startswith(("{" + SCHEMA_INSTANCE + "}", "{" + exact.JSON + "}"))
        and element.tag != exact.MEMBER
    }
    if not len(element) and not attributes:
        return text(element)
    found = Members()
    for name, value in attributes.items():
        found.add(name, value)
    if text(element):
        found.add(names.use_rdf(), text(element))
    for child in element:
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
