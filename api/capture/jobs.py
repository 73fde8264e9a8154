"""Capture jobs (EPCIS 2.0 section 8.2.7): documents taken at once and recorded behind the scenes.

A job's document is stored before it is answered, so a restart goes on with it; each event goes by
its eventID or hash, so going on records nothing twice. `rollback` refuses all events if one of them
breaks a rule; what a block has taken nobody can take back, so it reaches no further than that.
"""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from api.capture.master_data import keep_master_data
from api.capture.recorder import Recorder
from api.errors import problem
from core import clock
from core.db.app_tables import CaptureJob, CaptureJobError
from core.db.engine import Database
from core.epcis.query.errors import CaptureTooLarge, EventRefused, NoSuchName
from core.epcis.sift import sift
from core.epcis.validate import events_of, first_look, read
from core.errors import Issue, Retryable, SmartRetailError

log = structlog.get_logger(__name__)

MOST_EVENTS: Final = 10_000
ROLLBACK: Final = "rollback"
PROCEED: Final = "proceed"
_IDLE_S: Final = 1.0


class Jobs:
    """Takes jobs, works them off one after the other, and says how they stand."""

    def __init__(self, database: Database, recorder: Recorder | None) -> None:
        self._database = database
        self.recorder = recorder
        """None where this service has no key of its own."""
        self._bell = asyncio.Event()

    async def take(self, body: bytes, behaviour: str) -> str:
        """The id of a new job. Raises Malformed, EventRefused for no document, CaptureTooLarge."""
        document = await asyncio.to_thread(read, body)
        if wrong := _no_document(document):
            raise EventRefused(
                wrong.message, hint=wrong.hint, pointer=wrong.pointer, issues=[wrong]
            )
        if (count := len(events_of(document))) > MOST_EVENTS:
            raise CaptureTooLarge(
                f"{count} events in one document; at most {MOST_EVENTS} are taken"
            )
        job = CaptureJob(
            job_id=str(uuid.uuid4()),
            created_at=clock.now_ms(),
            behaviour=behaviour,
            document=body,
        )
        await self._database.write(lambda session: session.add(job))
        self._bell.set()
        return job.job_id

    async def run(self) -> None:
        """Work off what is open, for ever."""
        while True:
            self._bell.clear()
            try:
                for job in await self._open():
                    await self._work(job)
            except Retryable as error:
                log.warning("capture_jobs_wait", code=error.code)
            try:
                async with asyncio.timeout(_IDLE_S):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def get(self, job_id: str) -> CaptureJob | None:
        """None if there is no such job."""
        return await self._database.read(lambda session: session.get(CaptureJob, job_id))

    async def listed(self, after: Sequence[Any], size: int) -> list[CaptureJob]:
        """The next jobs, the oldest first."""
        wanted = select(CaptureJob).order_by(col(CaptureJob.created_at), col(CaptureJob.job_id))
        if after:
            created, job_id = after[0], after[1].decode()
            later = col(CaptureJob.created_at) > created
            same = (col(CaptureJob.created_at) == created) & (col(CaptureJob.job_id) > job_id)
            wanted = wanted.where(later | same)
        return await self._database.read(
            lambda session: list(session.exec(wanted.limit(size)).all())
        )

    async def errors(self, job_id: str, after: int, size: int) -> list[CaptureJobError]:
        """What kept events from being recorded, from a position on."""
        wanted = (
            select(CaptureJobError)
            .where(CaptureJobError.job_id == job_id, CaptureJobError.position > after)
            .order_by(col(CaptureJobError.position))
            .limit(size)
        )
        return await self._database.read(lambda session: list(session.exec(wanted).all()))

    async def _open(self) -> list[CaptureJob]:
        wanted = select(CaptureJob).where(col(CaptureJob.finished_at).is_(None))
        wanted = wanted.order_by(col(CaptureJob.created_at)).limit(16)
        return await self._database.read(lambda session: list(session.exec(wanted).all()))

    async def _work(self, job: CaptureJob) -> None:
        """All of a job. A service that is away leaves it open; it goes on from its start then."""
        assert self.recorder is not None, "none is taken without"
        sifted = await asyncio.to_thread(sift, job.document)
        problems = [_of_issue(issue) for issue in sifted.issues]
        events = sifted.events if not problems or job.behaviour == PROCEED else ()
        for event in events:
            try:
                await self.recorder.record(event)
            except Retryable:
                raise
            except SmartRetailError as error:
                problems.append(problem(error) | {"pointer": event.pointer + error.pointer})
                if job.behaviour == ROLLBACK:
                    break
        if events:
            await keep_master_data(self._database, sifted.document)
        await self._finish(job.job_id, problems)

    async def _finish(self, job_id: str, problems: Sequence[dict[str, Any]]) -> None:
        values = {"finished_at": clock.now_ms(), "success": not problems}
        finished = update(CaptureJob).where(col(CaptureJob.job_id) == job_id).values(**values)
        rows = [
            CaptureJobError(job_id=job_id, position=place, problem=orjson.dumps(one).decode())
            for place, one in enumerate(problems, start=1)
        ]

        def write(session: Session) -> None:
            session.add_all(rows)
            session.connection().execute(finished)

        await self._database.write(write)


def view(job: CaptureJob, errors: Sequence[CaptureJobError]) -> dict[str, Any]:
    """A job as the standard shows it."""
    finished = {} if job.finished_at is None else {"finishedAt": clock.iso(job.finished_at)}
    return {
        "captureID": job.job_id,
        "createdAt": clock.iso(job.created_at),
        **finished,
        "running": job.finished_at is None,
        "success": job.success,
        "captureErrorBehaviour": job.behaviour,
        "errors": [orjson.loads(one.problem) for one in errors],
    }


def no_job(job_id: str) -> NoSuchName:
    return NoSuchName(f"there is no capture job {job_id[:80]!r}", pointer="path")


def _no_document(document: dict[str, Any]) -> Issue | None:
    if found := first_look(document):
        return found[0]
    if document.get("type") == "EPCISDocument" or "eventTime" in document:
        return None
    hint = "Send an EPCISDocument, or one event with its @context."
    return Issue("epcis.document", "/type", "this is no EPCIS document", hint)


def _of_issue(issue: Issue) -> dict[str, Any]:
    refused = EventRefused(issue.message, hint=issue.hint, pointer=issue.pointer, issues=[issue])
    return problem(refused)
