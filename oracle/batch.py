"""Closes batches: consecutive readings of one device about one product, each in one batch only."""

import asyncio
from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import Final

import structlog
from sqlmodel import Session, col, func, select

from core import clock
from core.config import OracleSettings
from core.crypto import Domain, to_hex
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingBatch
from core.db.engine import Database
from core.errors import Retryable
from core.messages import Reading
from core.types import Address, MilliCelsius, Millis, ProductId
from oracle.manifest import Manifest
from oracle.report import to_json

MAX_RUN: Final = 10_000
"""Readings looked at in one transaction."""
_log = structlog.get_logger(__name__)


class Batcher:
    """Turns readings into batches when there are enough of them, or the oldest waited long."""

    def __init__(self, database: Database, settings: OracleSettings, domain: Domain) -> None:
        self._database = database
        self._settings = settings
        self._domain = domain

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                for batch_id in await self._database.write(self.close_ready):
                    _log.info("batch_closed", batch=to_hex(batch_id))
            except Retryable as error:
                _log.warning("batcher_waits", code=error.code, reason=error.message)
            await asyncio.sleep(min(0.5, self._settings.batch_wait_s))

    def close_ready(self, session: Session) -> list[bytes]:
        """Close every batch that is due, in the session's transaction; returns their ids."""
        open_devices = select(Row.device).where(col(Row.batch_id).is_(None)).distinct()
        closed = []
        for device in session.exec(open_devices).all():
            for rows in self._due(_next_run(session, Address(device))):
                closed.append(self._close(session, rows))
        return closed

    def _due(self, run: Sequence[Row]) -> list[list[Row]]:
        """The run in pieces of one product and at most the batch size, as far as they are due."""
        size = self._settings.batch_size
        overdue = clock.now_ms() - int(self._settings.batch_wait_s * 1000)
        pieces = []
        for _, group in groupby(run, key=lambda row: row.product_id):
            rows = list(group)
            pieces += [rows[i : i + size] for i in range(0, len(rows), size)]
        # A short piece is full if another product follows it: nothing can join it any more.
        return [
            rows
            for place, rows in enumerate(pieces)
            if len(rows) == size or rows[0].received_at <= overdue or place < len(pieces) - 1
        ]

    def _close(self, session: Session, rows: Sequence[Row]) -> bytes:
        bounds = self._settings.lower_bound_mc, self._settings.upper_bound_mc
        first = rows[0]
        manifest = Manifest(
            Address(first.device), ProductId(first.product_id), *bounds, tuple(map(_reading, rows))
        )
        report = manifest.report(self._domain, bytes(32))
        for row in rows:
            row.batch_id = report.batch_id
            session.add(row)
        session.add(
            ReadingBatch(
                batch_id=report.batch_id,
                product_id=report.product_id,
                device=report.device,
                root=report.root,
                manifest_hash=report.manifest_hash,
                manifest=manifest.encode(self._domain),
                report=to_json(report),
                created_at=clock.now_ms(),
            )
        )
        return report.batch_id


def _next_run(session: Session, device: Address) -> list[Row]:
    """Readings that follow the last batched one without a gap; a late one is waited for."""
    batched = select(func.max(Row.seq)).where(Row.device == device, col(Row.batch_id).is_not(None))
    last = session.exec(batched).one() or 0
    following = select(Row).where(Row.device == device, Row.seq > last)
    rows = enumerate(session.exec(following.order_by(col(Row.seq)).limit(MAX_RUN)), start=last + 1)
    return [row for _, row in takewhile(lambda pair: pair[0] == pair[1].seq, rows)]


def _reading(row: Row) -> Reading:
    return Reading(
        Address(row.device),
        row.seq,
        ProductId(row.product_id),
        MilliCelsius(row.value),
        Millis(row.measured_at),
        row.signature,
    )
