"""A document's good events apart from its bad ones, for a sender who wants the good ones taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.document.lexical import LexicalObject
from core.epcis.model import EpcisEvent, build_event
from core.epcis.validate import (
    all_issues,
    context_of,
    events_of,
    first_look,
    read,
)
from core.errors import Issue


@dataclass(frozen=True, slots=True)
class Sifted:
    """What became of a document."""

    document: LexicalObject
    events: Sequence[EpcisEvent]
    """Those nothing is wrong with; none if something is wrong with the document itself."""
    issues: Sequence[Issue]
    """Everything that is wrong, however much."""


def sift(data: bytes) -> Sifted:
    """Raises Malformed when the bytes are neither one clean JSON text nor XML."""
    document = read(data)
    issues = first_look(document) or all_issues(document)
    located = dict(events_of(document))
    places = [event_of(issue.pointer) for issue in issues]
    if any(place not in located for place in places):
        return Sifted(document, (), issues)
    bad = set(places)
    good = [(place, event) for place, event in located.items() if place not in bad]
    context = context_of(document) if good else ()
    return Sifted(document, [build_event(one, context, place) for place, one in good], issues)


def event_of(place: str) -> str:
    """The event that a pointer leads into: `/epcisBody/eventList/3` of whatever is below."""
    return "/".join(place.split("/")[:4])
