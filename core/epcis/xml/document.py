"""A whole EPCIS XML document: read as it streams, event by event, nothing of it expanded.

Entities, external references and deep nesting are refused before they cost anything: billion laughs
and XXE have no way in (defusedxml). A bare DOCTYPE, which some systems send, does no harm.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from core.document.lexical import MAX_DEPTH, LexicalObject, LexicalValue
from core.epcis.model import EVENT_KINDS, Disordered
from core.epcis.xml.event import read_event
from core.epcis.xml.generic import bare, inside, leaf, misplaced
from core.epcis.xml.header import read_header
from core.epcis.xml.namespaces import Namespaces
from core.epcis.xml.open_writer import WRAPPERS
from core.errors import InvalidDocument, Issue, Malformed

ROOTS: Final = ("EPCISDocument", "EPCISQueryDocument")
_AROUND: Final = {0: ("EPCISHeader", "EPCISBody"), 1: ("EventList", "QueryResults")}
"""Elements without a namespace that may stand in the root, and in the body."""
_NEAR: Final = 3
"""Elements above one that stands around the events: the root, its body, and an extension."""
_OF_RESULTS: Final = ("queryName", "subscriptionID")
_OF_DOCUMENT: Final = ("schemaVersion", "creationDate")
_HINT: Final = "Send one well-formed EPCIS 1.2 or 2.0 XML document in UTF-8 or UTF-16."


def is_xml(data: bytes) -> bool:
    """Whether bytes can only be meant as XML: they begin with `<`, in whatever Unicode encoding."""
    start = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start.startswith(b"<")


def read_document(data: bytes) -> LexicalObject:
    """The document in the JSON form of EPCIS 2.0, extensions and master data included.

    Raises:
        Malformed: it is no XML, holds entities, or nests deeper than 64 levels.
        InvalidDocument: it is XML of another kind.
    """
    reader = Reader(io.BytesIO(data))
    events: list[LexicalValue] = list(reader)
    around = reader.document()
    if reader.single and isinstance(event := events[0], dict):
        whole: LexicalObject = {"@context": around["@context"], **event}
        return Disordered(whole, event.fault) if isinstance(event, Disordered) else whole
    body: LexicalObject = {"eventList": events}
    if around["type"] == "EPCISQueryDocument":
        body = {"queryResults": {**reader.results, "resultsBody": body}}
    return around | {"epcisBody": body}


class Reader:
    """Yields the events of a document; what stands around them is known once they are through."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._names = Namespaces()
        self._path: list[Element] = []
        self._type = ""
        self._root: dict[str, str] = {}
        self._header: LexicalObject = {}
        self.results: LexicalObject = {}
        """What a query document tells of its query."""
        self._before: Element | None = None
        """The event that ended last; what follows it is read later."""
        self.single = False
        """Whether the document is one event, with nothing around it."""

    def __iter__(self) -> Iterator[LexicalObject]:
        """Raises as `read_document`."""
        try:
            for what, item in iterparse(self._source, ("start", "end", "start-ns")):
                yield from self._step(what, item)
        except DefusedXmlException as error:
            message = f"the XML defines entities or refers outside: {type(error).__name__}"
            raise Malformed(message, hint="Write every character itself.") from error
        except (ParseError, LookupError, ValueError) as error:
            raise Malformed(f"not well-formed XML: {error}", hint=_HINT) from error

    def document(self) -> LexicalObject:
        """Everything but the events."""
        found: LexicalObject = {"@context": self._names.context(), "type": self._type}
        found["schemaVersion"] = "2.0"
        if "creationDate" in self._root:
            found["creationDate"] = self._root["creationDate"]
        return found | self._header

    def _step(self, what: str, item: Any) -> Iterator[LexicalObject]:
        if what == "start-ns":
            self._names.declared(*item)
            return
        if self._before is not None:
            self._check_tail(self._before)
            self._before = None
        if what == "start":
            self._enter(item)
        else:
            self._path.pop()
            yield from self._leave(item)

    def _enter(self, element: Element) -> None:
        if not self._path:
            self._check_root(element)
            self._root = dict(element.attrib)
        elif len(self._path) >= MAX_DEPTH:
            raise Malformed(f"the XML nests deeper than {MAX_DEPTH} levels", hint=_HINT)
        elif len(self._path) <= _NEAR and not self.single and element.tag[0] != "{":
            self._check_place(element.tag)
        self._path.append(element)

    def _check_place(self, tag: str) -> None:
        """A misspelled EventList would hide its events."""
        inner = [one.tag for one in self._path[1:] if one.tag not in WRAPPERS]
        known = _AROUND.get(len(inner)) if inner in ([], ["EPCISBody"]) else None
        if known and tag not in known and tag not in WRAPPERS:
            raise misplaced(tag, "an element around the events")

    def _check_tail(self, event: Element) -> None:
        if event.tail and event.tail.strip():
            raise misplaced(self._names.name(event.tag), "text after the event")

    def _leave(self, element: Element) -> Iterator[LexicalObject]:
        above = [one.tag for one in self._path[1:] if one.tag not in WRAPPERS]
        if self.single and not self._path:
            for name in _OF_DOCUMENT:
                element.attrib.pop(name, None)
            yield read_event(element, self._names)
        elif above[-1:] == ["EventList"] and element.tag not in WRAPPERS:
            yield read_event(element, self._names)
            self._check_tail(element)
            element.clear()
            self._path[-1].remove(element)  # memory holds one event at a time
            self._before = element
        elif not above and element.tag == "EPCISHeader":
            self._header = read_header(element, self._names)
        elif element.tag in _OF_RESULTS and self._in_results(above):
            self.results[element.tag] = leaf(element, self._names)
        elif not self.single and (not self._path or above in ([], ["EPCISBody"])):
            inside(element, self._names)
        elif above[-1:] == ["EventList"] and element.tag in WRAPPERS:
            bare(element, self._names)

    def _in_results(self, above: Sequence[str]) -> bool:
        return [self._names.name(tag) for tag in above] == ["EPCISBody", "QueryResults"]

    def _check_root(self, element: Element) -> None:
        self._type = self._names.name(element.tag)
        self.single = self._type in EVENT_KINDS
        if self.single or (self._type in ROOTS and element.tag.startswith("{")):
            return
        message = f"the root element is {element.tag[:100]!r}, not an EPCISDocument"
        issue = Issue("epcis.document", "/", message, _HINT)
        raise InvalidDocument(message, hint=_HINT, pointer="/", issues=[issue])
