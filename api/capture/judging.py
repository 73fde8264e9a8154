"""A large document held against the rules that need more than one event, before any is recorded.

Its events are read a few hundred at a time. Which of them belong to one story is worked out first;
then story after story is told with what is known of it, so an event is judged on all that the
document says about its things, wherever in the document that stands.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from api.capture import bulk
from api.capture.refused import Refused
from api.capture.rulebook import MOST_WARNINGS, TOO_LONG, Asked, Rulebook, Verdict, profiled
from api.capture.ties import tie
from api.queries.snapshot import Snapshot
from api.queries.tracing.facts import TraceTooLarge
from api.queries.tracing.read import MAX_ROWS
from core.config import Choreography
from core.db.app_tables import CaptureEvent, CaptureJob
from core.db.engine import Database
from core.document.lexical import LexicalObject, parse_event
from core.epcis.choreography.parts import Parts
from core.epcis.choreography.telling import Telling, telling
from core.epcis.model import EpcisEvent, build_event
from core.epcis.validate import context_of
from core.errors import Issue

TOGETHER: Final = 500
"""Events of several stories that are judged with one look into the past."""


def built(rows: Sequence[CaptureEvent], around: LexicalObject) -> list[EpcisEvent]:
    """Events as they were checked when the document came."""
    context = context_of(around)
    return [
        build_event(parse_event(row.event), context, bulk.pointer_of(row.position)) for row in rows
    ]


@dataclass(slots=True)
class Judgement:
    """What became of a document beside its refused events."""

    warnings: list[Issue] = field(default_factory=list)

    def warn(self, issues: Sequence[Issue]) -> None:
        self.warnings += issues[: MOST_WARNINGS - len(self.warnings)]


class Judge:
    """Of one job."""

    def __init__(self, database: Database, rulebook: Rulebook, job: CaptureJob, asked: Asked):
        self._database = database
        self._rulebook = rulebook
        self._job = job
        self._asked = asked
        self._around = parse_event(job.document)

    async def judge(self, refused: Refused) -> Judgement:
        """Everything that profiles and the order of events forbid goes into `refused`.

        Raises DatabaseUnavailable.
        """
        found = Judgement()
        with Parts() as parts:
            await self._read_all(parts, refused, found)
            if self._asked.choreography is Choreography.OFF:
                return found
            async with Snapshot(self._database) as snapshot:
                await tie(snapshot, parts)
            groups = parts.groups(TOGETHER)
            while group := await asyncio.to_thread(next, groups, None):
                for part, verdict in await self._group(group):
                    self._note(part, verdict, refused, found)
        return found

    async def _read_all(self, parts: Parts, refused: Refused, found: Judgement) -> None:
        after = -1
        while rows := await bulk.next_events(self._database, self._job.job_id, after):
            verdict = await asyncio.to_thread(self._read, rows, parts)
            self._note([row.position for row in rows], verdict, refused, found)
            after = rows[-1].position

    def _read(self, rows: Sequence[CaptureEvent], parts: Parts) -> Verdict:
        events = built(rows, self._around)
        verdict = profiled(events, self._asked.profiles)
        if self._asked.choreography is not Choreography.OFF:
            for number, (row, event) in enumerate(zip(rows, events, strict=True)):
                if number not in verdict.refused:
                    parts.add(telling(event, row.position))
        return verdict

    async def _group(self, group: list[list[int]]) -> list[tuple[list[int], Verdict]]:
        """Stories together, or each alone if they have too long a past together."""
        whole = sorted(place for part in group for place in part)
        try:
            return [(whole, await self._story(whole))]
        except TraceTooLarge:
            if len(group) > 1:
                return [one for part in group for one in await self._group([part])]
        return [(whole, Verdict(warnings=[replace(TOO_LONG, pointer=bulk.pointer_of(whole[0]))]))]

    async def _story(self, places: list[int]) -> Verdict:
        if len(places) > MAX_ROWS:
            raise TraceTooLarge(f"{len(places)} events are one story")
        rows = await bulk.events_at(self._database, self._job.job_id, places)
        new = await asyncio.to_thread(lambda: list(self._told(rows)))
        return await self._rulebook.in_order(new, self._asked.choreography)

    def _told(self, rows: Sequence[CaptureEvent]) -> Iterator[Telling]:
        for number, event in enumerate(built(rows, self._around)):
            yield telling(event, number)

    def _note(
        self, places: Sequence[int], verdict: Verdict, refused: Refused, found: Judgement
    ) -> None:
        found.warn(verdict.warnings)
        for number, issues in verdict.refused.items():
            refused.add(places[number], issues)
