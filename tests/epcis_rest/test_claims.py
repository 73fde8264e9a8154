"""A capture job is one process's at a time, on SQLite and PostgreSQL.

given open jobs
├── and many that claim at once -> each job is claimed once, the oldest first
├── a claim that ran out -> is anybody's; who lost it writes nothing
├── a claim that is given back -> is free at once, or after the time said
└── finished jobs -> are nobody's
a job that fails by a bug -> does not keep others from being worked off
"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from api.capture.claims import ClaimLost, Claims
from api.capture.jobs import Jobs, new_job
from api.capture.rulebook import USUAL
from core import clock
from core.db.app_tables import CaptureJob
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository


def opened(prepared: Prepared, count: int, document: bytes = b"{}") -> list[str]:
    """Open jobs, the oldest first."""
    ids = []
    with prepared.database.write_session() as session:
        for number in range(count):
            job, rules = new_job(document, "proceed", USUAL, None)
            job.created_at = number
            session.add_all([job, rules])
            ids.append(job.job_id)
    return ids


def changed(prepared: Prepared, job_id: str, **values: Any) -> None:
    with prepared.database.write_session() as session:
        statement = update(CaptureJob).where(col(CaptureJob.job_id) == job_id)
        session.connection().execute(statement.values(**values))


async def written(prepared: Prepared, claims: Claims, job_id: str, **values: Any) -> None:
    await prepared.database.write(lambda session: claims.change(session, job_id, **values))


async def test_each_is_claimed_once(repository: Repository, prepared: Prepared) -> None:
    ids = opened(prepared, 12)
    claims = [Claims(prepared.database) for _ in range(6)]
    found: list[str] = []
    while None not in (jobs := await asyncio.gather(*(one.next() for one in claims))):
        found += [job.job_id for job in jobs if job is not None]
    found += [job.job_id for job in jobs if job is not None]
    while (job := await claims[0].next()) is not None:  # whom others' locks sent away
        found.append(job.job_id)
    assert sorted(found) == sorted(ids)


async def test_the_oldest_first(repository: Repository, prepared: Prepared) -> None:
    ids, claims = opened(prepared, 3), Claims(prepared.database)
    found = [await claims.next() for _ in range(4)]
    assert [job and job.job_id for job in found] == [*ids, None]


async def test_who_lost_a_claim_writes_nothing(repository: Repository, prepared: Prepared) -> None:
    [job_id] = opened(prepared, 1)
    first, second = Claims(prepared.database), Claims(prepared.database)
    assert await first.next() is not None
    await written(prepared, first, job_id, recorded=1)
    assert await second.next() is None
    changed(prepared, job_id, claimed_until=clock.now_ms() - 1)
    taken = await second.next()
    assert taken is not None
    assert (taken.job_id, taken.recorded) == (job_id, 1)
    with pytest.raises(ClaimLost):
        await written(prepared, first, job_id, recorded=9)
    await first.release(job_id)
    assert await first.next() is None
    await written(prepared, second, job_id, recorded=2, finished_at=3)
    with pytest.raises(ClaimLost):
        await written(prepared, second, job_id, recorded=9)
    await second.release(job_id)
    assert await second.next() is None
    job = await Jobs(prepared.database, None).get(job_id)
    assert job is not None
    assert job.recorded == 2


async def test_given_back(repository: Repository, prepared: Prepared) -> None:
    [job_id] = opened(prepared, 1)
    first, second = Claims(prepared.database), Claims(prepared.database)
    assert await first.next() is not None
    await first.release(job_id)
    assert await second.next() is not None
    await second.release(job_id, 60_000)
    assert await first.next() is None


async def test_a_bug_in_one_job_ends_no_other(repository: Repository, prepared: Prepared) -> None:
    class Buggy(Jobs):
        """Cannot work off the oldest."""

        async def _work(self, job: CaptureJob) -> None:
            if job.created_at == 0:
                raise RuntimeError("a bug")
            await self._database.write(
                lambda session: self._claims.change(session, job.job_id, finished_at=1)
            )

    ids, jobs = opened(prepared, 3), Buggy(prepared.database, None)
    running = asyncio.create_task(jobs.run())
    try:
        async with asyncio.timeout(60):
            while not all([(await jobs.get(one)).finished_at for one in ids[1:]]):  # type: ignore[union-attr]
                await asyncio.sleep(0.05)
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.wait({running})
    left = await jobs.get(ids[0])
    assert left is not None
    assert (left.finished_at, left.claimed_by) == (None, None)
    assert left.claimed_until > clock.now_ms()
