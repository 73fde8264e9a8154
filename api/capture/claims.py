"""Who works off a capture job: one process, until it says no more.

A claim holds for a few seconds and is renewed while the job is worked on, so a job whose process
was killed is taken over within seconds. Whatever a job writes is written under its claim: who lost
it without noticing writes nothing. What it may have recorded meanwhile goes by the events' names,
so nothing is recorded twice.
"""

import asyncio
import os
import secrets
import socket
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from core import clock
from core.db.app_tables import CaptureJob
from core.db.engine import Database
from core.errors import Retryable

CLAIM_MS: Final = 5_000
RENEW_S: Final = 1.0


class ClaimLost(Retryable):
    """Another process took a capture job over."""

    code = "claim_lost"
    hint_default = "Nothing is lost: the other process goes on with the job."


class Claims:
    """The claims of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    async def next(self) -> CaptureJob | None:
        """The oldest open job that nobody works on, now claimed. None if there is none."""
        free = (
            select(CaptureJob)
            .where(
                col(CaptureJob.finished_at).is_(None),
                col(CaptureJob.claimed_until) <= clock.now_ms(),
            )
            .order_by(col(CaptureJob.created_at))
            .limit(1)
        )
        # Looked at without writing: SQLite has one writer, and mostly there is nothing to claim.
        if await self._database.read(lambda session: session.exec(free).first()) is None:
            return None

        def write(session: Session) -> CaptureJob | None:
            found = session.exec(free.with_for_update(skip_locked=True)).first()
            if found is not None:
                found.claimed_by, found.claimed_until = self._owner, clock.now_ms() + CLAIM_MS
            return found

        return await self._database.write(write)

    def change(self, session: Session, job_id: str, **values: Any) -> None:
        """Change a job that is claimed, and renew the claim. Raises ClaimLost."""
        until = {"claimed_until": clock.now_ms() + CLAIM_MS}
        mine = (col(CaptureJob.job_id) == job_id) & (col(CaptureJob.claimed_by) == self._owner)
        statement = update(CaptureJob).where(mine, col(CaptureJob.finished_at).is_(None))
        if session.connection().execute(statement.values(**until, **values)).rowcount != 1:
            raise ClaimLost(f"capture job {job_id} is no longer this process's")

    async def keep(self, job_id: str) -> None:
        """Renew a claim for ever. Raises ClaimLost."""
        until = clock.now_ms() + CLAIM_MS
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._database.write(lambda session: self.change(session, job_id))
                until = clock.now_ms() + CLAIM_MS
            except ClaimLost:
                raise
            except Retryable as error:
                if clock.now_ms() > until:
                    raise ClaimLost(f"the claim on capture job {job_id} ran out") from error

    async def release(self, job_id: str, wait_ms: int = 0) -> None:
        """Let any process have it, at once or after a while, if it is still this one's."""
        mine = (col(CaptureJob.job_id) == job_id) & (col(CaptureJob.claimed_by) == self._owner)
        until = clock.now_ms() + wait_ms if wait_ms else 0
        free = update(CaptureJob).where(mine).values(claimed_by=None, claimed_until=until)
        await self._database.write(lambda session: session.connection().execute(free))
