"""What is asked of events beyond the standard: that they fit what is known, and a profile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from starlette.requests import Request

from api.capture.history import history
from api.queries.snapshot import Snapshot
from api.queries.tracing.facts import TraceTooLarge
from core.config import Choreography
from core.db.engine import Database
from core.epcis.choreography.judge import judge
from core.epcis.choreography.rules import Finding
from core.epcis.choreography.telling import Telling, telling
from core.epcis.model import EpcisEvent
from core.epcis.profiles.evaluate import findings
from core.epcis.profiles.load import named, shipped
from core.errors import BadInput, InvalidDocument, Issue

CHOREOGRAPHY: Final = "SR360-Choreography"
PROFILE: Final = "SR360-Profile"
MOST_WARNINGS: Final = 200
_TOO_LONG: Final = Issue(
    "choreography.history_too_long",
    "",
    "what these events name has a history of over 50,000 events: it was not held against them",
    "Name lots and serials rather than whole classes.",
)


class RulesBroken(InvalidDocument):
    """Events are well-formed and contradict what is known, or lack what a profile asks for."""

    code = "rules_broken"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sender of a document, or the operator, asks for."""

    choreography: Choreography = Choreography.REFUSE
    profiles: tuple[str, ...] = ()
    mapping: str | None = None
    """JSON of the mapping, as it was when it was named, if the document is a table."""

    def text(self) -> str:
        """As JSON, so that it can be kept."""
        return orjson.dumps(self).decode()

    @staticmethod
    def of(text: str) -> "Asked":
        """What `text` wrote."""
        kept = orjson.loads(text)
        choreography, profiles = Choreography(kept["choreography"]), tuple(kept["profiles"])
        return Asked(choreography, profiles, kept.get("mapping"))


USUAL: Final = Asked()


def asked_by(request: Request, usual: Choreography) -> Asked:
    """What a request asks for by `?profile=` or headers. Raises BadInput."""
    by_query = request.query_params.get("profile")
    names = request.headers.get(PROFILE, "") if by_query is None else by_query
    found = named(names, PROFILE if by_query is None else "profile")
    return Asked(_choreography(request, usual), tuple(one.id for one in found))


@dataclass(slots=True)
class Verdict:
    """What became of events."""

    refused: dict[int, list[Issue]] = field(default_factory=dict)
    """By their place among those given."""
    warnings: list[Issue] = field(default_factory=list)

    def refuse(self, place: int, issue: Issue) -> None:
        self.refused.setdefault(place, []).append(issue)

    @property
    def issues(self) -> list[Issue]:
        return [issue for _, found in sorted(self.refused.items()) for issue in found]

    def check(self) -> None:
        """Raises RulesBroken with everything, if anything was refused."""
        if not self.refused:
            return
        found = self.issues
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise RulesBroken(
            f"{found[0].message}{more}",
            hint=found[0].hint,
            pointer=found[0].pointer,
            issues=found[:MOST_WARNINGS],
        )


class Rulebook:
    """Holds events against the rules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, events: Sequence[EpcisEvent], asked: Asked) -> Verdict:
        """Everything that is wrong with them; one that is refused did not happen for the others."""
        verdict = Verdict()
        await asyncio.to_thread(_hold_against_profiles, events, asked.profiles, verdict)
        if asked.choreography is not Choreography.OFF:
            await self._hold_against_history(events, asked.choreography, verdict)
        verdict.warnings = verdict.warnings[:MOST_WARNINGS]
        return verdict

    async def _hold_against_history(
        self, events: Sequence[EpcisEvent], choreography: Choreography, verdict: Verdict
    ) -> None:
        new = await asyncio.to_thread(_tellings, events, verdict)
        try:
            async with Snapshot(self._database) as snapshot:
                known = await history(snapshot, new)
        except TraceTooLarge:
            verdict.warnings.append(_TOO_LONG)
            return
        strict = choreography is Choreography.STRICT
        for found in await asyncio.to_thread(judge, new, known, strict=strict):
            if found.warning or choreography is Choreography.WARN:
                verdict.warnings.append(_issue(found))
            else:
                assert found.told.place is not None
                verdict.refuse(found.told.place, _issue(found))


def _tellings(events: Sequence[EpcisEvent], verdict: Verdict) -> list[Telling]:
    return [
        telling(event, place) for place, event in enumerate(events) if place not in verdict.refused
    ]


def _hold_against_profiles(
    events: Sequence[EpcisEvent], names: Sequence[str], verdict: Verdict
) -> None:
    profiles = [shipped()[name] for name in names]
    for place, event in enumerate(events if profiles else ()):
        for issue, warning in findings(event, profiles):
            if warning:
                verdict.warnings.append(issue)
            else:
                verdict.refuse(place, issue)


def _choreography(request: Request, usual: Choreography) -> Choreography:
    text = request.headers.get(CHOREOGRAPHY, usual)
    try:
        return Choreography(text)
    except ValueError as error:
        hint = f"Use {', '.join(Choreography)}."
        message = f"{CHOREOGRAPHY} {text[:40]!r} is unknown"
        raise BadInput(message, pointer=CHOREOGRAPHY, hint=hint) from error


def _issue(found: Finding) -> Issue:
    return Issue(found.rule, found.told.pointer + found.pointer, found.message, found.hint)
