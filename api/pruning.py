"""What is forgotten after a while: copies that nobody needs any more, a thousand rows at a time.

How a capture job ended, its errors, its warnings and its quarantine stay; so do events on chain, of
course. Every process may prune: deleting twice deletes once.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from api.queries.event_search import first_block_at
from api.queries.snapshot import Snapshot
from core import clock
from core.config import Settings
from core.db.app_tables import CaptureEvent, CaptureJob, Subscription, ToldEvent, WebhookMessage
from core.db.chain_tables import EventIndex
from core.db.engine import Database
from core.errors import Retryable

log = structlog.get_logger(__name__)

AT_ONCE: Final = 1_000
_EVERY_S: Final = 600.0
_BREATH_S: Final = 0.1
"""Between batches, so that others can write."""
_DAY_MS: Final = 24 * 3600 * 1000


class Pruner:
    """Forgets what is older than the settings say."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._captured_ms = settings.api.keep_captured_days * _DAY_MS
        self._told_ms = settings.webhook.keep_days * _DAY_MS

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        while True:
            try:
                while await self.step():
                    await asyncio.sleep(_BREATH_S)
            except Retryable as error:
                log.warning("pruning_waits", code=error.code)
            await asyncio.sleep(_EVERY_S)

    async def step(self) -> bool:
        """One batch of each kind; whether there may be more. Raises DatabaseUnavailable."""
        more = await self._captured()
        for row in await self._database.read(_subscriptions):
            more |= await self._messages(row.subscription_id)
            more |= await self._told(row)
        return more

    async def _captured(self) -> bool:
        """The document of one finished job, or the next of its events."""
        old = clock.now_ms() - self._captured_ms
        wanted = (
            select(CaptureJob.job_id)
            .where(col(CaptureJob.pruned_at).is_(None), col(CaptureJob.finished_at) < old)
            .order_by(col(CaptureJob.finished_at))
            .limit(1)
        )
        job_id = await self._database.read(lambda session: session.exec(wanted).first())
        if job_id is None:
            return False
        mine = col(CaptureEvent.job_id) == job_id
        some = select(CaptureEvent.position).where(mine).limit(AT_ONCE)
        gone = delete(CaptureEvent).where(mine, col(CaptureEvent.position).in_(some))
        forget = update(CaptureJob).where(col(CaptureJob.job_id) == job_id)

        def write(session: Session) -> None:
            if session.connection().execute(gone).rowcount < AT_ONCE:
                values: dict[str, Any] = {"document": b"", "pruned_at": clock.now_ms()}
                session.connection().execute(forget.values(**values))

        await self._database.write(write)
        return True

    async def _messages(self, subscription_id: str) -> bool:
        some = (
            select(WebhookMessage.message_id)
            .where(
                WebhookMessage.subscription_id == subscription_id,
                WebhookMessage.created_at < clock.now_ms() - self._told_ms,
                WebhookMessage.state != "waiting",
            )
            .limit(AT_ONCE)
        )
        found = await self._database.read(lambda session: session.exec(some).all())
        gone = delete(WebhookMessage).where(col(WebhookMessage.message_id).in_(found))
        if found:
            await self._database.write(lambda session: session.connection().execute(gone))
        return len(found) == AT_ONCE

    async def _told(self, row: Subscription) -> bool:
        """Which events were told, as far as the subscription's query looks at them no more."""
        async with Snapshot(self._database) as snapshot:
            old = await first_block_at(snapshot, clock.now_ms() - self._told_ms)
            end = min(old, row.floor_block)
            if end <= row.pruned_block:
                return False
            hashes, reached = await _events_of(snapshot, row.pruned_block, end)
        mine = col(ToldEvent.subscription_id) == row.subscription_id
        gone = delete(ToldEvent).where(mine, col(ToldEvent.data_hash).in_(hashes))
        where = col(Subscription.subscription_id) == row.subscription_id
        moved = update(Subscription).where(where).values(pruned_block=reached)

        def write(session: Session) -> None:
            # In one transaction: what is forgotten must not be told again.
            session.connection().execute(moved)
            session.connection().execute(gone)

        await self._database.write(write)
        return reached < end


def _subscriptions(session: Session) -> Sequence[Subscription]:
    return session.exec(select(Subscription)).all()


async def _events_of(snapshot: Snapshot, start: int, end: int) -> tuple[list[bytes], int]:
    """The events of the next blocks, and the block behind them."""
    block = col(EventIndex.first_block)
    keys = select(EventIndex.data_hash, EventIndex.first_block)
    some = keys.where(block >= start, block < end).order_by(block).limit(AT_ONCE + 1)
    found = [(data_hash, number) for data_hash, number in await snapshot.all(some)]
    if len(found) <= AT_ONCE:
        return [data_hash for data_hash, _ in found], end
    first, last = found[0][1], found[-1][1]
    if first == last:  # one block of very many events
        whole = await snapshot.all(keys.where(block == first))
        return [data_hash for data_hash, _ in whole], first + 1
    return [data_hash for data_hash, number in found if number < last], last
