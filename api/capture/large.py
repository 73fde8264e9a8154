"""A large job from its rows to the chain: judged as a whole first, then recorded in its order.

Both steps can be gone on with by another process: what was judged is written in one transaction,
and how far recording came after each few hundred events.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson
from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from api.capture import bulk
from api.capture.claims import Claims
from api.capture.judging import Judge, Judgement, built
from api.capture.master_data import keep_master_data
from api.capture.recorder import Recorder
from api.capture.refused import Refusal, Refused
from api.capture.rulebook import Asked, Rulebook
from api.capture.sieve import exception, failure, place, refusal, warning_rows
from api.errors import problem
from core import clock
from core.db.app_tables import CaptureEvent, CaptureJob, CaptureJobError
from core.db.engine import Database
from core.db.rule_tables import CaptureJobRules, QuarantinedEvent
from core.document.lexical import parse_event
from core.epcis.model import EpcisEvent, product_uris
from core.errors import Issue, Retryable, SmartRetailError

PROCEED: Final = "proceed"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Failed:
    """An event that could not be recorded."""

    row: CaptureEvent
    told: dict[str, Any]
    issue: Issue


class Large:
    """One job that this process has claimed."""

    def __init__(
        self, database: Database, rulebook: Rulebook, recorder: Recorder, claims: Claims
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._recorder = recorder
        self._claims = claims

    async def work(self, job: CaptureJob, rules: CaptureJobRules) -> None:
        """All of it. Raises ClaimLost and other Retryable: then it is to be gone on with."""
        asked = Asked.of(rules.asked)
        if job.judged_at is None and not await self._judge(job, rules, asked):
            return
        await keep_master_data(self._database, parse_event(job.document))
        await self._record(job, rules, asked)

    async def _judge(self, job: CaptureJob, rules: CaptureJobRules, asked: Asked) -> bool:
        """Whether anything is to be recorded."""
        with Refused() as refused:
            judgement = await Judge(self._database, self._rulebook, job, asked).judge(refused)

            def write(session: Session) -> bool:
                self._write_refused(session, job, rules, refused)
                session.add_all(self._warnings(session, job, judgement))
                goes_on = not refused.count or job.behaviour == PROCEED
                now = clock.now_ms()
                done = {} if goes_on else {"finished_at": now, "success": False}
                self._claims.change(session, job.job_id, judged_at=now, **done)
                return goes_on

            return await self._database.write(write)

    def _warnings(self, session: Session, job: CaptureJob, judgement: Judgement) -> list[Any]:
        found = []
        for issue in judgement.warnings:
            position = int((issue.pointer.split("/") + [""] * 4)[3] or 0)
            row = session.get(CaptureEvent, (job.job_id, position))
            found.append(_place(issue, row, job))
        return list(warning_rows(job.job_id, found))

    def _write_refused(
        self, session: Session, job: CaptureJob, rules: CaptureJobRules, refused: Refused
    ) -> None:
        last, events = bulk.last_error(session, job.job_id), iter(refused)
        while some := list(islice(events, _AT_ONCE)):
            places = [position for position, _ in some]
            mine = col(CaptureEvent.job_id) == job.job_id
            mine &= col(CaptureEvent.position).in_(places)
            rows = {row.position: row for row in session.exec(select(CaptureEvent).where(mine))}
            told = list(_problems(some, rows, job))
            _insert_errors(session, job.job_id, told, last)
            last += len(told)
            if rules.owner is not None:
                _hold(session, job, [(rows[at], exception(found)) for at, found in some])
            session.connection().execute(delete(CaptureEvent).where(mine))
            session.expunge_all()

    async def _record(self, job: CaptureJob, rules: CaptureJobRules, asked: Asked) -> None:
        around, at = parse_event(job.document), job.recorded
        spoilt = await self._spoilt(job)
        failed: list[_Failed] = []
        while not (failed and job.behaviour != PROCEED) and (
            rows := await bulk.next_events(self._database, job.job_id, at)
        ):
            failed = []
            for row, event in zip(rows, built(rows, around), strict=True):
                if (why := await self._one(event, asked, spoilt, row, job)) is None:
                    continue
                failed.append(why)
                spoilt |= set(product_uris(event))
                if job.behaviour != PROCEED:
                    break
            at = rows[-1].position
            await self._note(job, rules, at, failed)
        await self._database.write(lambda session: self._finish(session, job.job_id))

    async def _one(
        self, event: EpcisEvent, asked: Asked, spoilt: set[str], row: CaptureEvent, job: CaptureJob
    ) -> _Failed | None:
        """Record an event. What an event before did not change, it may not build on."""
        if not spoilt.isdisjoint(product_uris(event)):
            issues = (await self._rulebook.look([event], asked)).issues
            if issues:
                told = problem(
                    refusal(issues[0].message, [_place(one, row, job) for one in issues])
                )
                return _Failed(row, told, issues[0])
        try:
            await self._recorder.record(event)
        except Retryable:
            raise
        except SmartRetailError as error:
            issue = failure(event, error)
            pointer = _place(issue, row, job).pointer
            return _Failed(row, problem(error) | {"pointer": pointer}, issue)
        return None

    async def _spoilt(self, job: CaptureJob) -> set[str]:
        """What failed before another process went on."""
        wanted = select(CaptureEvent).where(
            CaptureEvent.job_id == job.job_id, col(CaptureEvent.failed)
        )
        rows = await self._database.read(lambda session: list(session.exec(wanted).all()))
        around = parse_event(job.document)
        return {uri for event in built(rows, around) for uri in product_uris(event)}

    async def _note(
        self, job: CaptureJob, rules: CaptureJobRules, at: int, failed: Sequence[_Failed]
    ) -> None:
        places = [one.row.position for one in failed]

        def write(session: Session) -> None:
            self._claims.change(session, job.job_id, recorded=at)
            last = bulk.last_error(session, job.job_id)
            _insert_errors(session, job.job_id, [one.told for one in failed], last)
            if rules.owner is not None:
                _hold(session, job, [(one.row, exception([one.issue])) for one in failed])
            mine = col(CaptureEvent.job_id) == job.job_id
            these = update(CaptureEvent).where(mine, col(CaptureEvent.position).in_(places))
            session.connection().execute(these.values(failed=True))

        await self._database.write(write)

    def _finish(self, session: Session, job_id: str) -> None:
        success = bulk.last_error(session, job_id) == 0
        self._claims.change(session, job_id, finished_at=clock.now_ms(), success=success)


def _problems(
    refusals: Sequence[Refusal], rows: dict[int, CaptureEvent], job: CaptureJob
) -> Iterator[dict[str, Any]]:
    for at, issues in refusals:
        for issue in issues:
            yield problem(refusal(issue.message, [_place(issue, rows[at], job)]))


def _place(issue: Issue, row: CaptureEvent | None, job: CaptureJob) -> Issue:
    cells = orjson.loads(row.cells) if row is not None and row.cells else None
    return place(issue, cells, job.is_xml)


def _insert_errors(
    session: Session, job_id: str, told: Sequence[dict[str, Any]], last: int
) -> None:
    rows = [
        {"job_id": job_id, "position": at, "problem": orjson.dumps(one).decode()}
        for at, one in enumerate(told, start=last + 1)
    ]
    if rows:
        session.connection().execute(insert(CaptureJobError), rows)


def _hold(session: Session, job: CaptureJob, refused: Sequence[tuple[CaptureEvent, str]]) -> None:
    """Keep events apart for their sender."""
    around = parse_event(job.document)
    names = [column.name for column in QuarantinedEvent.__table__.columns]  # type: ignore[attr-defined]
    rows = []
    for row, told in refused:
        event = bulk.with_context(row.event, around)
        values = bulk.held_row(job.job_id, row.position, event, told)
        rows.append(dict(zip(names, values, strict=True)))
    if rows:
        session.connection().execute(insert(QuarantinedEvent), rows)
