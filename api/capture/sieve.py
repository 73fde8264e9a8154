"""A captured document's events apart from what is wrong with them, by all five layers of rules."""

import asyncio
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from api.capture.rulebook import Asked, Rulebook
from api.errors import issue_members, problem
from core import clock
from core.db.rule_tables import CaptureJobWarning, QuarantinedEvent
from core.document.lexical import LexicalObject, canonical
from core.epcis.model import EpcisEvent
from core.epcis.query.errors import EventRefused
from core.epcis.sift import event_of, sift
from core.epcis.tables.events import Made, cell_of, make
from core.epcis.tables.mapping import read_mapping
from core.epcis.validate import MAX_ISSUES, events_of, validate_document
from core.epcis.xml import is_xml
from core.epcis.xml.xpath import xpath
from core.errors import InvalidDocument, Issue, SmartRetailError

_NO_EVENTS = "/epcisBody/eventList"


@dataclass(slots=True)
class Sieved:
    """What became of a document."""

    document: LexicalObject
    source: "Source"
    events: list[EpcisEvent]
    """Those nothing is wrong with so far."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """Everything that is wrong, as RFC 9457 members."""
    refused: defaultdict[str, list[Issue]] = field(default_factory=lambda: defaultdict(list))
    """The same by the event's pointer."""
    warnings: Sequence[Issue] = ()

    def refuse(self, issue: Issue) -> None:
        """One more thing is wrong with an event."""
        located = self.source.located(issue)
        self._note(problem(refusal(issue.message, [located])), issue)

    def failed(self, event: EpcisEvent, error: SmartRetailError) -> None:
        """An event could not be recorded although nothing was wrong with it."""
        issue = failure(event, error)
        self._note(problem(error) | {"pointer": self.source.located(issue).pointer}, issue)

    def _note(self, told: dict[str, Any], issue: Issue) -> None:
        self.problems.append(told)
        of = event_of(issue.pointer) if self.document.get("type") == "EPCISDocument" else ""
        self.refused[of].append(issue)

    def kept(self, job_id: str) -> Iterator[CaptureJobWarning]:
        """Rows of warnings."""
        return warning_rows(job_id, self.warnings)

    def held(self, job_id: str) -> Iterator[QuarantinedEvent]:
        """Rows of the refused events, each with all its reasons."""
        now, context = clock.now_ms(), self.document.get("@context", [])
        for position, (place, event) in enumerate(events_of(self.document), start=1):
            if place in self.refused:
                yield QuarantinedEvent(
                    job_id=job_id,
                    position=position,
                    pointer=place,
                    event=canonical({"@context": context} | event),
                    problem=exception(self.refused[place]),
                    created_at=now,
                    updated_at=now,
                )


@dataclass(frozen=True, slots=True)
class Source:
    """What a document was made from, and where its author finds a place of it."""

    data: bytes
    """JSON or XML."""
    made: Made | None = None
    """If it was a table."""

    @property
    def is_xml(self) -> bool:
        return is_xml(self.data)

    def located(self, issue: Issue) -> Issue:
        """By its cell in a table, also by its XPath in XML."""
        if self.is_xml:
            return replace(issue, xpath=xpath(issue.pointer))
        return self.made.located(issue) if self.made else issue


def source_of(data: bytes, mapping: str | None) -> Source:
    """Raises InvalidDocument for a table without the mapping's columns, Malformed."""
    if mapping is None:
        return Source(data)
    made = make(io.BytesIO(data), read_mapping(orjson.loads(mapping)))
    return Source(canonical(made.document).encode(), made)


async def sieve(rulebook: Rulebook, data: bytes, asked: Asked) -> Sieved:
    """Raises Malformed when the bytes are neither one clean JSON text nor XML."""
    source = await asyncio.to_thread(source_of, data, asked.mapping)
    sifted = await asyncio.to_thread(sift, source.data)
    verdict = await rulebook.look(sifted.events, asked)
    good = [one for place, one in enumerate(sifted.events) if place not in verdict.refused]
    warnings = [source.located(issue) for issue in verdict.warnings]
    sieved = Sieved(sifted.document, source, good, warnings=warnings)
    rows = source.made.issues if source.made else []
    wrong = [one for one in sifted.issues if not (rows and one.pointer == _NO_EVENTS)]
    for issue in (*rows, *wrong, *verdict.issues):
        sieved.refuse(issue)
    return sieved


async def all_events(
    rulebook: Rulebook, data: bytes, asked: Asked
) -> tuple[list[EpcisEvent], list[Issue]]:
    """Every event of a document, and warnings. Raises InvalidDocument if anything is wrong."""
    source = await asyncio.to_thread(source_of, data, asked.mapping)
    try:
        if source.made and source.made.issues:
            raise _invalid(source.made.issues)
        events = validate_document(source.data)
        verdict = await rulebook.look(events, asked)
        verdict.check()
    except InvalidDocument as error:
        error.issues = tuple(map(source.located, error.issues))
        error.pointer = error.issues[0].pointer if error.issues else error.pointer
        raise
    return events, [source.located(issue) for issue in verdict.warnings]


def _invalid(issues: Sequence[Issue]) -> InvalidDocument:
    first, more = issues[0], len(issues) - 1
    message = first.message + (f" (and {more} more)" if more else "")
    return InvalidDocument(message, hint=first.hint, issues=issues[:MAX_ISSUES])


def exception(issues: Sequence[Issue]) -> str:
    """Why an event was refused, as JSON of an RFC 9457 problem."""
    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
    return orjson.dumps(problem(refusal(issues[0].message + more, issues))).decode()


def warning_rows(job_id: str, warnings: Sequence[Issue]) -> Iterator[CaptureJobWarning]:
    """What a sender should know of events that were taken all the same."""
    for position, issue in enumerate(warnings, start=1):
        told = orjson.dumps(issue_members(issue)).decode()
        yield CaptureJobWarning(job_id=job_id, position=position, issue=told)


def failure(event: EpcisEvent, error: SmartRetailError) -> Issue:
    """What kept an event from being recorded, as a finding about it."""
    return Issue(error.code, event.pointer + error.pointer, error.message, error.hint)


def place(issue: Issue, cells: Mapping[str, str] | None, is_xml: bool) -> Issue:
    """A finding about a large document, where its author sees it: in a cell, or by its XPath."""
    if is_xml:
        return replace(issue, xpath=xpath(issue.pointer))
    return replace(issue, pointer=cell_of(cells, issue.pointer)) if cells else issue


def refusal(message: str, issues: Sequence[Issue]) -> EventRefused:
    """The error that says why an event is refused."""
    first = issues[0]
    return EventRefused(message, hint=first.hint, pointer=first.pointer, issues=issues)
