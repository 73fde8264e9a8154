"""Subscriptions in SQL, and the messages they owe."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import orjson
from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from api.subscriptions.schedule import Schedule, read_schedule
from core import clock
from core.db.app_tables import Subscription, ToldEvent, WebhookMessage
from core.db.engine import Database
from core.epcis.query.errors import NoSuchName, TooManyNames

MOST: Final = 1_000
CLAIM_MS: Final = 60_000
"""A message on its way is nobody else's for so long."""


class Subscriptions:
    """Reads and writes, each in one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: Subscription) -> None:
        """Raises TooManyNames."""

        def write(session: Session) -> None:
            if (session.scalar(select(func.count()).select_from(Subscription)) or 0) >= MOST:
                raise TooManyNames(f"{MOST} subscriptions are kept already")
            session.add(row)

        await self._database.write(write)

    async def of_query(self, name: str, after: str, size: int) -> Sequence[Subscription]:
        column = col(Subscription.subscription_id)
        wanted = select(Subscription).where(Subscription.query_name == name, column > after)
        return await self._rows(wanted.order_by(column).limit(size))

    async def get(self, name: str, subscription_id: str) -> Subscription:
        """Raises NoSuchName."""
        wanted = select(Subscription).where(
            Subscription.query_name == name, Subscription.subscription_id == subscription_id
        )
        found = await self._rows(wanted)
        if not found:
            message = f"{name[:200]!r} has no subscription {subscription_id[:80]!r}"
            raise NoSuchName(message, pointer="path")
        return found[0]

    async def remove(self, subscription_id: str) -> None:
        """With all its messages."""

        def write(session: Session) -> None:
            for table in (ToldEvent, WebhookMessage, Subscription):
                column = col(table.subscription_id)
                session.exec(delete(table).where(column == subscription_id))

        await self._database.write(write)

    async def due(self) -> Sequence[Subscription]:
        """Those whose query is to run now."""
        now = clock.now_ms()
        return await self._rows(select(Subscription).where(col(Subscription.due_at) <= now))

    async def owe(self, row: Subscription, body: str | None, told: Sequence[bytes]) -> bool:
        """Write a message and what it tells; False when another process told it meanwhile."""
        now = clock.now_ms()

        def write(session: Session) -> None:
            for data_hash in told:
                session.add(ToldEvent(subscription_id=row.subscription_id, data_hash=data_hash))
            if body is not None:
                session.add(
                    WebhookMessage(
                        message_id=f"msg_{secrets.token_hex(16)}",
                        subscription_id=row.subscription_id,
                        body=body,
                        next_attempt_at=now,
                        created_at=now,
                    )
                )

        try:
            await self._database.write(write)
        except IntegrityError:
            return False
        return True

    async def ran(self, row: Subscription, floor_block: int, due_at: int) -> None:
        """Note when a query ran and runs next, and below which block all is told."""
        values = {"last_run_at": clock.now_ms(), "floor_block": floor_block, "due_at": due_at}
        await self._update(row.subscription_id, values)

    async def notified(self, subscription_id: str) -> None:
        await self._update(subscription_id, {"last_notified_at": clock.now_ms()})

    async def claim(self, size: int) -> list[tuple[WebhookMessage, Subscription]]:
        """Messages to send now, held against other processes for a minute."""

        def write(session: Session) -> list[tuple[WebhookMessage, Subscription]]:
            now = clock.now_ms()
            wanted = (
                select(WebhookMessage, Subscription)
                .join(
                    Subscription,
                    col(Subscription.subscription_id) == col(WebhookMessage.subscription_id),
                )
                .where(WebhookMessage.state == "waiting", WebhookMessage.next_attempt_at <= now)
                .order_by(col(WebhookMessage.next_attempt_at))
                .limit(size)
                .with_for_update(skip_locked=True, of=WebhookMessage)
            )
            found = list(session.exec(wanted).all())
            for message, _ in found:
                message.next_attempt_at = now + CLAIM_MS
                session.add(message)
            return found

        return await self._database.write(write)

    async def settle(self, message_id: str, state: str, answer: str, again_at: int) -> None:
        """What became of an attempt."""
        statement = (
            update(WebhookMessage)
            .where(col(WebhookMessage.message_id) == message_id)
            .values(
                state=state,
                answer=answer[:200],
                next_attempt_at=again_at,
                attempts=col(WebhookMessage.attempts) + 1,
            )
        )
        await self._database.write(lambda session: session.connection().execute(statement))

    async def replay(self, subscription_id: str, since: int) -> int:
        """Send again what was made from a time on, delivered or not; how many messages."""
        statement = (
            update(WebhookMessage)
            .where(
                col(WebhookMessage.subscription_id) == subscription_id,
                col(WebhookMessage.created_at) >= since,
            )
            .values(state="waiting", attempts=0, next_attempt_at=clock.now_ms())
        )
        write = self._database.write
        return await write(lambda session: session.connection().execute(statement).rowcount)

    async def _update(self, subscription_id: str, values: dict[str, int]) -> None:
        statement = (
            update(Subscription)
            .where(col(Subscription.subscription_id) == subscription_id)
            .values(**values)
        )
        await self._database.write(lambda session: session.connection().execute(statement))

    async def _rows(self, statement: SelectOfScalar[Subscription]) -> Sequence[Subscription]:
        return await self._database.read(lambda session: list(session.exec(statement).all()))


def new_id() -> str:
    """A subscription's id: nobody guesses another's."""
    return str(uuid.uuid4())


def schedule_of(row: Subscription) -> Schedule | None:
    """None for a stream."""
    return None if row.schedule is None else read_schedule(orjson.loads(row.schedule))


def next_run(schedule: Schedule | None, wait_ms: int) -> int:
    """Unix milliseconds of the next look, for a stream after `wait_ms`."""
    if schedule is None:
        return clock.now_ms() + wait_ms
    return int(schedule.after(datetime.now(UTC)).timestamp() * 1000)
