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
from core.config import STRENGTHS, ApiSettings, Choreography
from core.db.engine import Database
from core.epcis.choreography.judge import judge
from core.epcis.choreography.rules import Finding
from core.epcis.choreography.telling import Telling, telling
from core.epcis.model import EpcisEvent
from core.epcis.profiles.evaluate import findings
from core.epcis.profiles.load import named, shipped
from core.errors import BadInput, InvalidDocument, Issue, NotPermitted

CHOREOGRAPHY: Final = "SR360-Choreography"
PROFILE: Final = "SR360-Profile"
MOST_WARNINGS: Final = 200
TOO_LONG: Final = Issue(
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


class ChoreographyTooWeak(NotPermitted):
    """A sender asks for less of the rules about order than the operator lets anybody ask for."""

    code = "choreography_too_weak"


def asked_by(request: Request, settings: ApiSettings) -> Asked:
    """What a request asks for by `?profile=` or headers. Raises BadInput, ChoreographyTooWeak."""
    by_query = request.query_params.get("profile")
    names = request.headers.get(PROFILE, "") if by_query is None else by_query
    found = named(names, PROFILE if by_query is None else "profile")
    return Asked(_choreography(request, settings), tuple(one.id for one in found))


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
        verdict = await asyncio.to_thread(profiled, events, asked.profiles)
        if asked.choreography is not Choreography.OFF:
            new = await asyncio.to_thread(_tellings, events, verdict)
            try:
                await self._hold_against_history(new, asked.choreography, verdict)
            except TraceTooLarge:
                verdict.warnings.append(TOO_LONG)
        verdict.warnings = verdict.warnings[:MOST_WARNINGS]
        return verdict

    async def in_order(self, new: Sequence[Telling], choreography: Choreography) -> Verdict:
        """What is wrong with the order of events, by their place. Raises TraceTooLarge."""
        verdict = Verdict()
        await self._hold_against_history(new, choreography, verdict)
        return verdict

    async def _hold_against_history(
        self, new: Sequence[Telling], choreography: Choreography, verdict: Verdict
    ) -> None:
        async with Snapshot(self._database) as snapshot:
            known = await history(snapshot, new)
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


def profiled(events: Sequence[EpcisEvent], names: Sequence[str]) -> Verdict:
    """What these profiles ask for and the events lack."""
    verdict = Verdict()
    profiles = [shipped()[name] for name in names]
    for place, event in enumerate(events if profiles else ()):
        for issue, warning in findings(event, profiles):
            if warning:
                verdict.warnings.append(issue)
            else:
                verdict.refuse(place, issue)
    return verdict


def _choreography(request: Request, settings: ApiSettings) -> Choreography:
    text = request.headers.get(CHOREOGRAPHY, settings.choreography)
    allowed = STRENGTHS[STRENGTHS.index(settings.weakest_choreography) :]
    hint = f"Use {', '.join(allowed)}."
    try:
        found = Choreography(text)
    except ValueError as error:
        message = f"{CHOREOGRAPHY} {text[:40]!r} is unknown"
        raise BadInput(message, pointer=CHOREOGRAPHY, hint=hint) from error
    if found not in allowed:
        message = f"{CHOREOGRAPHY} {found} is weaker than this service allows"
        raise ChoreographyTooWeak(message, pointer=CHOREOGRAPHY, hint=hint)
    return found


def _issue(found: Finding) -> Issue:
    return Issue(found.rule, found.told.pointer + found.pointer, found.message, found.hint)
