"""`GET /queries/{name}/events` with `Upgrade: websocket`: a subscription as long as the line."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from api.deps import Services
from api.epcis.headers import EpcFormat
from api.epcis.media import Media
from api.epcis.rendering import Rendering
from api.queries.event_search import Hit
from api.queries.snapshot import Snapshot
from api.subscriptions import named
from api.subscriptions.fresh import fresh, not_among, settled_block
from api.subscriptions.request import controls, initial
from api.subscriptions.schedule import FIELDS, Schedule
from api.subscriptions.store import next_run
from core import clock
from core.epcis.query.model import EventQuery
from core.errors import Retryable, SmartRetailError

router = APIRouter()
log = structlog.get_logger(__name__)

EVENTS_A_MESSAGE: Final = 100
_REFUSED: Final = 4400
"""A close code of the range that applications may use."""


@router.websocket("/queries/{name}/events")
async def follow(socket: WebSocket, name: str) -> None:
    """Sends EPCISQueryDocuments with events recorded from `initialRecordTime` on, or from now."""
    services: Services = socket.app.state.services
    await socket.accept()
    try:
        async with Snapshot(services.database) as snapshot:
            query = named.query_of((await named.find(snapshot, name)).query)
        line = _Line(services, socket, name, query, socket.query_params)
    except SmartRetailError as error:
        await socket.close(_REFUSED, error.message[:120])
        return
    telling = asyncio.create_task(line.tell())
    with contextlib.suppress(WebSocketDisconnect):
        while True:  # the client says nothing; its going away is what we wait for
            await socket.receive_text()
    telling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await telling


class _Line:
    """What one connection was told and is to be told."""

    def __init__(
        self,
        services: Services,
        socket: WebSocket,
        name: str,
        query: EventQuery,
        asked: Mapping[str, str],
    ) -> None:
        fields = {field: asked[field] for field in FIELDS if field in asked}
        self._schedule: Schedule | None = controls(
            asked.get("stream") == "true" or (not fields or None), fields or None
        )
        self._since = initial(asked.get("initialRecordTime"))
        self._report_if_empty = asked.get("reportIfEmpty") == "true" and bool(fields)
        self._rendering = Rendering(Media.JSON, EpcFormat.NO_PREFERENCE)
        self._services, self._socket, self._name, self._query = services, socket, name, query
        self._told: dict[bytes, int] = {}
        """Events by the block they stand in, down to the floor."""
        self._floor = 0

    async def tell(self) -> None:
        """Until cancelled, or the line breaks."""
        while True:
            wait = int(1000 * self._services.settings.webhook.poll_interval_s)
            due = next_run(self._schedule, wait)
            await asyncio.sleep(max(due - clock.now_ms(), 0) / 1000)
            with contextlib.suppress(Retryable):
                while await self._look() == EVENTS_A_MESSAGE:
                    pass

    async def _look(self) -> int:
        async with Snapshot(self._services.database) as snapshot:
            known = not_among(list(self._told))
            hits = await fresh(
                snapshot, self._query, self._since, self._floor, EVENTS_A_MESSAGE, known
            )
            floor = await settled_block(snapshot)
        if hits or self._report_if_empty:
            await self._socket.send_text(self._rendering.query_document(hits, self._name))
        self._remember(hits, floor)
        return len(hits)

    def _remember(self, hits: list[Hit], floor: int) -> None:
        self._told |= {hit.data_hash: int(hit.key[0]) for hit in hits}
        if len(hits) < EVENTS_A_MESSAGE:
            self._floor = floor
            self._told = {key: block for key, block in self._told.items() if block >= floor}
