"""A captured document's events apart from what is wrong with them, by all five layers of rules."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from api.capture.rulebook import Asked, Rulebook
from api.errors import problem
from core import clock
from core.db.rule_tables import CaptureJobWarning, QuarantinedEvent
from core.document.lexical import LexicalObject, canonical
from core.epcis.model import EpcisEvent
from core.epcis.query.errors import EventRefused
from core.epcis.schema import pointer
from core.epcis.sift import event_of, sift
from core.epcis.validate import events_of
from core.epcis.xml import is_xml
from core.epcis.xml.xpath import xpath
from core.errors import Issue, SmartRetailError


@dataclass(slots=True)
class Sieved:
    """What became of a document."""

    document: LexicalObject
    is_xml: bool
    events: list[EpcisEvent]
    """Those nothing is wrong with so far."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """Everything that is wrong, as RFC 9457 members."""
    refused: defaultdict[str, list[Issue]] = field(default_factory=lambda: defaultdict(list))
    """The same by the event's pointer."""
    warnings: Sequence[Issue] = ()

    def refuse(self, issue: Issue) -> None:
        """One more thing is wrong with an event."""
        self._note(problem(_refusal(issue.message, [issue])), issue)

    def failed(self, event: EpcisEvent, error: SmartRetailError) -> None:
        """An event could not be recorded although nothing was wrong with it."""
        place = event.pointer + error.pointer
        self._note(
            problem(error) | {"pointer": place}, Issue(error.code, place, error.message, error.hint)
        )

    def _note(self, told: dict[str, Any], issue: Issue) -> None:
        where = {"xpath": xpath(issue.pointer)} if self.is_xml else {}
        self.problems.append(told | where)
        of = event_of(issue.pointer) if self.document.get("type") == "EPCISDocument" else ""
        self.refused[of].append(issue)

    def kept(self, job_id: str) -> Iterator[CaptureJobWarning | QuarantinedEvent]:
        """Rows of warnings."""
        for position, issue in enumerate(self.warnings, start=1):
            told = orjson.dumps(issue).decode()
            yield CaptureJobWarning(job_id=job_id, position=position, issue=told)

    def held(self, job_id: str) -> Iterator[QuarantinedEvent]:
        """Rows of the refused events, each with all its reasons."""
        now, context = clock.now_ms(), self.document.get("@context", [])
        for position, (path, event) in enumerate(events_of(self.document), start=1):
            place = pointer(path)
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


async def sieve(rulebook: Rulebook, data: bytes, asked: Asked) -> Sieved:
    """Raises Malformed when the bytes are neither one clean JSON text nor XML."""
    sifted = await asyncio.to_thread(sift, data)
    verdict = await rulebook.look(sifted.events, asked)
    good = [one for place, one in enumerate(sifted.events) if place not in verdict.refused]
    sieved = Sieved(sifted.document, is_xml(data), good, warnings=verdict.warnings)
    for issue in (*sifted.issues, *verdict.issues):
        sieved.refuse(issue)
    return sieved


def exception(issues: Sequence[Issue]) -> str:
    """Why an event was refused, as JSON of an RFC 9457 problem."""
    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
    return orjson.dumps(problem(_refusal(issues[0].message + more, issues))).decode()


def _refusal(message: str, issues: Sequence[Issue]) -> EventRefused:
    first = issues[0]
    return EventRefused(message, hint=first.hint, pointer=first.pointer, issues=issues)
