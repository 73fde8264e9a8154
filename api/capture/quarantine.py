"""Refused events, kept apart: nothing of them is in history or on chain until they are put right.

Who sends a document and asks for quarantine gets a key with the answer. Only the key opens what is
held: to read, correct, release or discard it. We keep the key's hash alone.
"""

import secrets
from dataclasses import replace
from typing import Any, Final

import orjson
from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.requests import Request

from api.capture.jobs import PROCEED, Jobs, new_job
from api.capture.keys import KEY, hashed
from api.capture.rulebook import Asked, RulesBroken
from api.capture.sieve import Sieved, exception, sieve
from core import clock
from core.db.engine import Database
from core.db.rule_tables import CaptureJobRules, QuarantinedEvent
from core.document.lexical import canonical, parse_event
from core.epcis.query.errors import NoSuchName
from core.errors import Conflict, Issue, NotPermitted

HELD: Final = "held"
RELEASED: Final = "released"
DISCARDED: Final = "discarded"


class NotOwner(NotPermitted):
    """Events in quarantine are their sender's business alone."""

    code = "not_owner"
    hint_default = f"Send the {KEY} that the answer to your POST /capture named."


class NotHeld(Conflict):
    """An event in quarantine was released or discarded before."""

    code = "not_held"
    hint_default = "Look at its state; a released event has a capture job of its own."


class Quarantine:
    """The held events of one job, opened by its owner's key."""

    def __init__(self, database: Database, jobs: Jobs, rules: CaptureJobRules) -> None:
        self._database = database
        self._jobs = jobs
        self._rules = rules
        self._asked = replace(Asked.of(rules.asked), mapping=None)  # what is held are events

    async def listed(self, after: int, size: int) -> list[QuarantinedEvent]:
        """From a position on."""
        wanted = (
            select(QuarantinedEvent)
            .where(QuarantinedEvent.job_id == self._rules.job_id, QuarantinedEvent.position > after)
            .order_by(col(QuarantinedEvent.position))
            .limit(size)
        )
        return await self._database.read(lambda session: list(session.exec(wanted).all()))

    async def get(self, position: int) -> QuarantinedEvent:
        """Raises NoSuchName."""
        key = (self._rules.job_id, position)
        found = await self._database.read(lambda session: session.get(QuarantinedEvent, key))
        if found is None:
            raise NoSuchName(f"event {position} is not in this quarantine", pointer="path")
        return found

    async def correct(self, position: int, body: bytes) -> QuarantinedEvent:
        """Puts another wording in its place and looks at it anew; it stays held.

        Raises NoSuchName, NotHeld, Malformed.
        """
        await self._held(position)
        event = canonical(parse_event(body))
        issues = _issues(await sieve(self._jobs.rulebook, event.encode(), self._asked))
        told = exception(issues) if issues else "{}"
        await self._change(position, {"event": event, "problem": told})
        return await self.get(position)

    async def release(self, position: int) -> str:
        """The job that records the event, if nothing is wrong with it any more.

        Raises NoSuchName, NotHeld, RulesBroken.
        """
        row = await self._held(position)
        assert row.event is not None, "it is held"
        issues = _issues(await sieve(self._jobs.rulebook, row.event.encode(), self._asked))
        if issues:
            first = issues[0]
            raise RulesBroken(first.message, hint=first.hint, pointer=first.pointer, issues=issues)
        job, rules = new_job(row.event.encode(), PROCEED, self._asked, self._rules.owner)
        await self._change(position, {"state": RELEASED, "released_as": job.job_id}, job, rules)
        self._jobs.ring()
        return job.job_id

    async def discard(self, position: int) -> None:
        """Its content is gone for good; that it was there and why it was refused stays.

        Raises NoSuchName, NotHeld.
        """
        await self._held(position)
        await self._change(position, {"state": DISCARDED, "event": None})

    async def _held(self, position: int) -> QuarantinedEvent:
        row = await self.get(position)
        if row.state != HELD:
            raise _not_held(row.state)
        return row

    async def _change(self, position: int, values: dict[str, Any], *rows: Any) -> None:
        """All or nothing, and only while it is held: of two that act at once, one is told so."""
        change = (
            update(QuarantinedEvent)
            .where(
                col(QuarantinedEvent.job_id) == self._rules.job_id,
                col(QuarantinedEvent.position) == position,
                col(QuarantinedEvent.state) == HELD,
            )
            .values(**values, updated_at=clock.now_ms())
        )

        def write(session: Session) -> None:
            if session.connection().execute(change).rowcount != 1:
                raise _not_held("no longer held")
            session.add_all(rows)

        await self._database.write(write)


async def opened(request: Request, database: Database, jobs: Jobs, job_id: str) -> Quarantine:
    """The quarantine of a job. Raises NoSuchName, NotOwner."""
    if await jobs.get(job_id) is None:
        raise NoSuchName(f"there is no capture job {job_id[:80]!r}", pointer="path")
    rules = await jobs.rules(job_id)
    given = request.headers.get(KEY, "")
    if rules.owner is None or not secrets.compare_digest(hashed(given), rules.owner):
        raise NotOwner(f"this is not the key to the quarantine of {job_id}", pointer=KEY)
    return Quarantine(database, jobs, rules)


def view(row: QuarantinedEvent) -> dict[str, Any]:
    """One held event as its owner sees it, every number of it as it was written."""
    return {
        "position": row.position,
        "pointer": row.pointer,
        "state": row.state,
        "problem": orjson.loads(row.problem) or None,
        "event": orjson.Fragment(row.event) if row.event else None,
        "releasedAs": row.released_as,
        "createdAt": clock.iso(row.created_at),
        "updatedAt": clock.iso(row.updated_at),
    }


def _issues(sieved: Sieved) -> list[Issue]:
    return [issue for found in sieved.refused.values() for issue in found]


def _not_held(state: str) -> NotHeld:
    return NotHeld(f"the event is {state}")
