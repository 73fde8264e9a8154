"""A large document, checked in bounded memory: a few hundred events at a time, by all the rules.

What is found, and where, is what `validate.all_issues` finds in the whole document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, Final

from core.document.lexical import MAX_DEPTH, LexicalObject, parse_quickly, parse_with_plain
from core.epcis.json_stream import JsonEvents
from core.epcis.schema import COMMENT_PREFIX, pointer
from core.epcis.validate import all_issues, first_look
from core.epcis.xml.document import Reader, is_xml
from core.errors import Issue, Malformed

AT_ONCE: Final = 200
_BYTES_AT_ONCE: Final = 1 << 20
_EVENTS: Final = "/epcisBody/eventList"
_DEPTH: Final = 3
"""Levels of a document above its events."""
_AROUND: Final[LexicalObject] = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-01-01T00:00:00Z",
}
"""Stands in until the document's own head is known, which may come last."""

Event = tuple[LexicalObject, Any]
"""An event, and the same with Python's numbers or None."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The next events of a document."""

    first: int
    """The position of the first."""
    events: tuple[LexicalObject, ...]
    issues: tuple[Issue, ...]
    cells: tuple[Mapping[str, str], ...] = ()
    """Of each event of a table: places in it -> cells."""
    rows: tuple[Issue, ...] = ()
    """What is wrong with rows of a table that gave no event."""

    @property
    def wrong(self) -> dict[int, list[Issue]]:
        """What is wrong, by the position of the event."""
        found: dict[int, list[Issue]] = {}
        for issue in self.issues:
            found.setdefault(int(issue.pointer.split("/")[3]), []).append(issue)
        return found

    def good(self) -> Iterator[tuple[int, LexicalObject]]:
        """Those nothing is wrong with, by position."""
        bad = self.wrong
        for position, event in enumerate(self.events, self.first):
            if position not in bad:
                yield position, event


class Stream:
    """Checks the events of a document that is read once, from its start.

    Raises Malformed and InvalidDocument as `validate.read`.
    """

    def __init__(self, source: BinaryIO) -> None:
        head = source.read(64)
        source.seek(0)
        self.is_xml = is_xml(head)
        self._reader = Reader(source) if self.is_xml else JsonEvents(source)
        self._first: LexicalObject | None = None
        self.count = 0

    def __iter__(self) -> Iterator[Checked]:
        for some in self._events():
            self._first = some[0][0] if self._first is None else self._first
            issues = tuple(issues_of(some, self.count))
            yield Checked(self.count, tuple(event for event, _ in some), issues)
            self.count += len(some)

    def around(self) -> LexicalObject:
        """The document without its events. Known once they are through."""
        if isinstance(self._reader, Reader):
            return self._reader.document() | {"epcisBody": {"eventList": []}}
        document, _ = parse_with_plain(self._reader.around)
        if not isinstance(document, dict):
            raise Malformed("an event is a JSON object")
        return document

    def around_issues(self) -> list[Issue]:
        """What is wrong with the document itself."""
        return issues_around(self.around(), self._first)

    def _events(self) -> Iterator[list[Event]]:
        if isinstance(self._reader, Reader):
            events = iter(self._reader)
            while some := list(islice(events, AT_ONCE)):
                yield [(event, None) for event in some]
            return
        for texts in _together(self._reader):
            yield _read(texts, self.count)


def _together(texts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """A few hundred, or fewer large ones. What was cut before an error comes before it."""
    some: list[bytes] = []
    size = 0
    try:
        for text in texts:
            some.append(text)
            size += len(text)
            if len(some) == AT_ONCE or size > _BYTES_AT_ONCE:
                yield some
                some, size = [], 0
    except Malformed:
        if some:
            yield some
        raise
    if some:
        yield some


def _read(texts: list[bytes], first: int) -> list[Event]:
    """At one go if nothing in them is out of the ordinary."""
    together = b"[" + b",".join(texts) + b"]"
    if COMMENT_PREFIX.encode() not in together:
        quick = parse_quickly(together, MAX_DEPTH - _DEPTH + 1)
        if quick is not None:
            events: Any = quick[0]
            return list(zip(events, quick[1], strict=True))
    return [_parsed(text, position) for position, text in enumerate(texts, first)]


def _parsed(text: bytes, position: int) -> Event:
    try:
        event, plain = parse_with_plain(text, MAX_DEPTH - _DEPTH)
    except Malformed as error:
        where = pointer(["epcisBody", "eventList", position])
        raise Malformed(error.message, hint=error.hint, pointer=where) from error
    assert isinstance(event, dict), "the text begins and ends with a brace"
    return event, None if COMMENT_PREFIX.encode() in text else plain


def issues_around(around: LexicalObject, first: LexicalObject | None) -> list[Issue]:
    """What is wrong with a document apart from its events, of which one is given."""
    if first is None:
        return first_look(around) or all_issues(around)
    issues = all_issues(_with(around, [first]))
    return [one for one in issues if not one.pointer.startswith(f"{_EVENTS}/0")]


def issues_of(some: Sequence[Event], first: int) -> Iterator[Issue]:
    """What is wrong with events that follow each other from a position on."""
    plains = [plain for _, plain in some]
    plain = None if None in plains else _with(_AROUND, plains)
    for issue in all_issues(_with(_AROUND, [event for event, _ in some]), plain):
        _, _, _, position, *rest = issue.pointer.split("/")
        place = "/".join((_EVENTS, str(first + int(position)), *rest))
        yield replace(issue, pointer=place)


def _with(around: LexicalObject, events: list[Any]) -> LexicalObject:
    body = around.get("epcisBody")
    return around | {"epcisBody": (body if isinstance(body, dict) else {}) | {"eventList": events}}
