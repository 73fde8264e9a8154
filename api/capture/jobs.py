"""Capture jobs (EPCIS 2.0 section 8.2.7): documents taken at once and recorded behind the scenes.

A job's document is stored before it is answered, so a restart goes on with it; each event goes by
its eventID or hash, so going on records nothing twice. `rollback` refuses all events if one of them
breaks a rule; what a block has taken nobody can take back, so it reaches no further than that.
Several processes may share the work: each job is one's alone (`claims`).
"""

import asyncio
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any, BinaryIO, Final

import orjson
import structlog
from sqlmodel import Session, col, select

from api.capture import bulk
from api.capture.claims import Claims
from api.capture.large import Large
from api.capture.master_data import keep_master_data
from api.capture.recorder import Recorder
from api.capture.rulebook import USUAL, Asked, Rulebook
from api.capture.sieve import Sieved, sieve, source_of
from core import clock
from core.db.app_tables import CaptureJob, CaptureJobError
from core.db.engine import Database, in_thread
from core.db.rule_tables import CaptureJobRules, CaptureJobWarning
from core.epcis.query.errors import EventRefused, NoSuchName
from core.epcis.validate import first_look, read
from core.errors import Issue, Retryable, SmartRetailError

log = structlog.get_logger(__name__)

ROLLBACK: Final = "rollback"
PROCEED: Final = "proceed"
_IDLE_S: Final = 1.0
_AFTER_BUG_MS: Final = 60_000
"""Until a job that this version cannot work off is tried again; others go first."""


class Jobs:
    """Takes jobs, works off one after the other that no other process does, and says how they
    stand."""

    def __init__(self, database: Database, recorder: Recorder | None) -> None:
        self._database = database
        self.rulebook = Rulebook(database)
        self.recorder = recorder
        """None where this service has no key of its own."""
        self._claims = Claims(database)
        self._bell = asyncio.Event()

    async def take(
        self, body: bytes, behaviour: str, asked: Asked = USUAL, owner: bytes | None = None
    ) -> str:
        """The id of a new job. Raises Malformed, EventRefused for no document."""
        source = await asyncio.to_thread(source_of, body, asked.mapping)
        document = await asyncio.to_thread(read, source.data)
        rows_wrong = source.made is not None and source.made.issues
        if not rows_wrong and (wrong := _no_document(document)):
            raise EventRefused(
                wrong.message, hint=wrong.hint, pointer=wrong.pointer, issues=[wrong]
            )
        job, rules = new_job(body, behaviour, asked, owner)
        await self._database.write(lambda session: session.add_all([job, rules]))
        self.ring()
        return job.job_id

    async def take_large(
        self, body: BinaryIO, behaviour: str, asked: Asked, most: int, owner: bytes | None = None
    ) -> str:
        """As `take`, of a document that memory should not hold. Raises CaptureTooLarge too."""
        store = partial(bulk.store, all_or_none=behaviour == ROLLBACK)
        job = await in_thread(store, self._database, body, behaviour, asked, most, owner)
        self.ring()
        return job.job_id

    def ring(self) -> None:
        """There is something to work off."""
        self._bell.set()

    async def run(self) -> None:
        """Work off what is open, for ever."""
        while True:
            self._bell.clear()
            try:
                while (job := await self._claims.next()) is not None:
                    await self._work_claimed(job)
            except Retryable as error:
                log.warning("capture_jobs_wait", code=error.code)
            except Exception:  # a bug in one job must end neither this process nor the next one
                log.exception("capture_job_fails")
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

    async def _work_claimed(self, job: CaptureJob) -> None:
        """Work a job off while its claim is kept. Raises ClaimLost and other Retryable."""
        work = asyncio.create_task(self._work(job))
        kept = asyncio.create_task(self._claims.keep(job.job_id))
        wait_ms = _AFTER_BUG_MS
        try:
            await asyncio.wait({work, kept}, return_when=asyncio.FIRST_COMPLETED)
            await (work if work.done() else kept)
            wait_ms = 0
        except SmartRetailError:
            wait_ms = 0
            raise
        finally:
            for task in (work, kept):
                task.cancel()
            await asyncio.gather(work, kept, return_exceptions=True)
            await asyncio.shield(self._claims.release(job.job_id, wait_ms))

    async def _work(self, job: CaptureJob) -> None:
        """All of a job. A service that is away leaves it open; it is gone on with then."""
        assert self.recorder is not None, "none is taken without"
        rules = await self.rules(job.job_id)
        if job.judged_at is not None or await bulk.next_events(self._database, job.job_id, -1):
            large = Large(self._database, self.rulebook, self.recorder, self._claims)
            await large.work(job, rules)
            return
        sieved = await self._work_on(job, job.document, Asked.of(rules.asked))
        await self._finish(job.job_id, sieved, held=rules.owner is not None)

    async def _work_on(self, job: CaptureJob, document: bytes, asked: Asked) -> Sieved:
        """Records what can be recorded of a document; what went wrong."""
        assert self.recorder is not None, "none is taken without"
        sieved = await sieve(self.rulebook, document, asked)
        clean = not sieved.problems
        events = sieved.events if clean or job.behaviour == PROCEED else ()
        for event in events:
            try:
                await self.recorder.record(event)
            except Retryable:
                raise
            except SmartRetailError as error:
                sieved.failed(event, error)
                if job.behaviour == ROLLBACK:
                    break
        if events:
            await keep_master_data(self._database, sieved.document)
        return sieved

    async def rules(self, job_id: str) -> CaptureJobRules:
        """What was asked of a job."""
        found = await self._database.read(lambda session: session.get(CaptureJobRules, job_id))
        return found or CaptureJobRules(job_id=job_id, asked=USUAL.text())  # of an older version

    async def warnings(self, job_id: str) -> list[Any]:
        """What a job's sender should know, although it was recorded."""
        wanted = select(CaptureJobWarning.issue).where(CaptureJobWarning.job_id == job_id)
        wanted = wanted.order_by(col(CaptureJobWarning.position))
        found = await self._database.read(lambda session: session.exec(wanted).all())
        return [orjson.loads(issue) for issue in found]

    async def _finish(self, job_id: str, sieved: Sieved, *, held: bool) -> None:
        values = {"finished_at": clock.now_ms(), "success": not sieved.problems}
        rows: list[Any] = [
            CaptureJobError(job_id=job_id, position=place, problem=orjson.dumps(one).decode())
            for place, one in enumerate(sieved.problems, start=1)
        ]
        rows += [*sieved.kept(job_id), *(sieved.held(job_id) if held else ())]

        def write(session: Session) -> None:
            self._claims.change(session, job_id, **values)
            session.add_all(rows)

        await self._database.write(write)


def new_job(
    body: bytes, behaviour: str, asked: Asked, owner: bytes | None
) -> tuple[CaptureJob, CaptureJobRules]:
    """Rows of a job that is still to be worked off."""
    job_id = str(uuid.uuid4())
    job = CaptureJob(job_id=job_id, created_at=clock.now_ms(), behaviour=behaviour, document=body)
    return job, CaptureJobRules(job_id=job_id, asked=asked.text(), owner=owner)


def view(
    job: CaptureJob, errors: Sequence[CaptureJobError], warnings: Sequence[Any] = ()
) -> dict[str, Any]:
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
        **({"warnings": list(warnings)} if warnings else {}),
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
