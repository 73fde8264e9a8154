"""The loop behind webhooks: find what is new, owe it, deliver it until it is taken."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final

import aiohttp
import structlog

from api.epcis.headers import VERSIONS, EpcFormat
from api.epcis.media import Media
from api.epcis.rendering import Rendering
from api.queries.event_search import Hit
from api.queries.snapshot import Snapshot
from api.subscriptions import named, signature
from api.subscriptions.fresh import fresh, not_told, settled_block
from api.subscriptions.store import Subscriptions, next_run, schedule_of
from api.subscriptions.target import TargetRefused, check_target, connector_options
from core import clock
from core.config import WebhookSettings
from core.db.app_tables import Subscription, WebhookMessage
from core.db.engine import Database
from core.epcis.company_prefix import NO_LENGTHS, PrefixLengths
from core.errors import Retryable, SmartRetailError

log = structlog.get_logger(__name__)

EVENTS_A_MESSAGE: Final = 100
AT_ONCE: Final = 16
WAITS_S: Final = (5, 30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600)
"""How long to wait after each failure; after the last one a message has failed for good."""
_GONE: Final = 410


class Engine:
    """Runs due queries and sends due messages until cancelled."""

    def __init__(
        self,
        database: Database,
        settings: WebhookSettings,
        lengths: PrefixLengths = NO_LENGTHS,
    ) -> None:
        self._database = database
        self._lengths = lengths
        self._settings = settings
        self._store = Subscriptions(database)

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        options = connector_options(allow_private=self._settings.allow_private)
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_s)
        connector = aiohttp.TCPConnector(**options)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while True:
                try:
                    await self.step(session)
                except Retryable as error:
                    log.warning("subscriptions_wait", code=error.code)
                await asyncio.sleep(self._settings.poll_interval_s)

    async def step(self, session: aiohttp.ClientSession) -> None:
        """Everything that is due now. Raises DatabaseUnavailable."""
        for row in await self._store.due():
            try:
                await self._look(row)
            except Retryable:
                raise
            except SmartRetailError as error:  # a query that this version refuses
                log.warning("subscription_fails", id=row.subscription_id, reason=error.message)
                await self._store.ran(row, row.floor_block, clock.now_ms() + 60_000)
        claimed = await self._store.claim(AT_ONCE)
        await asyncio.gather(*(self._send(session, *one) for one in claimed))

    async def _look(self, row: Subscription) -> None:
        async with Snapshot(self._database) as snapshot:
            query = named.query_of((await named.find(snapshot, row.query_name)).query)
            hits = await fresh(
                snapshot,
                query,
                row.initial_record_time,
                max(row.floor_block, row.pruned_block),
                EVENTS_A_MESSAGE,
                not_told(row.subscription_id),
            )
            floor = await settled_block(snapshot)
        told = await self._tell(row, hits)
        more = len(hits) == EVENTS_A_MESSAGE
        wait = int(1000 * self._settings.poll_interval_s)
        due = clock.now_ms() if more else next_run(schedule_of(row), wait)
        await self._store.ran(row, row.floor_block if more or not told else floor, due)

    async def _tell(self, row: Subscription, hits: Sequence[Hit]) -> bool:
        if not hits and not (row.report_if_empty and row.schedule):
            return True
        rendering = Rendering(Media.JSON, EpcFormat(row.epc_format), lengths=self._lengths)
        body = rendering.query_document(hits, row.query_name, row.subscription_id)
        return await self._store.owe(row, body, [hit.data_hash for hit in hits])

    async def _send(
        self, session: aiohttp.ClientSession, message: WebhookMessage, row: Subscription
    ) -> None:
        answer, taken = await self._post(session, message, row)
        if taken:
            await self._store.settle(message.message_id, "delivered", answer, 0)
            await self._store.notified(row.subscription_id)
            return
        over = message.attempts >= len(WAITS_S) or answer == str(_GONE)
        wait = 0 if over else WAITS_S[message.attempts] * random.uniform(0.8, 1.2)  # noqa: S311
        again_at = clock.now_ms() + int(1000 * wait)
        state = "failed" if over else "waiting"
        await self._store.settle(message.message_id, state, answer, again_at)

    async def _post(
        self, session: aiohttp.ClientSession, message: WebhookMessage, row: Subscription
    ) -> tuple[str, bool]:
        """The status or what went wrong, and whether the subscriber took it."""
        body = message.body.encode()
        signed = signature.headers(row.secret, message.message_id, clock.now_s(), body)
        headers = VERSIONS | signed | {"content-type": "application/json"}
        try:
            check_target(row.target, allow_private=self._settings.allow_private)
            # a redirect could lead anywhere, so it is an answer like another
            async with session.post(
                row.target, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return str(answer.status), 200 <= answer.status < 300
        except (aiohttp.ClientError, TargetRefused, TimeoutError, OSError) as error:
            return f"{type(error).__name__}: {error}", False
        except SmartRetailError as error:
            return error.message, False
