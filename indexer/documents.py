"""The second stage: the documents behind the hashes, fetched from IPFS with their own retry.

A document is `pending` until its bytes are here, `ready` when they were understood, and
`quarantined` with the reason when they were not. A missing or altered block never stalls the
chain: it is asked for again, less and less often, and picked up when it is whole.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection, or_, select
from sqlmodel import Session

from core.clock import now_ms
from core.crypto import sha256
from core.crypto.cids import cid_v1_raw
from core.db import Database
from core.errors import (
    BadInput,
    BlockAltered,
    BlockMissing,
    DatabaseUnavailable,
    IpfsDown,
    Retryable,
    SmartRetailError,
)
from core.ipfs.client import Ipfs
from core.telemetry.traces import span
from indexer import event_index, rows
from indexer.metrics import Metrics
from indexer.outage import Outage
from indexer.registry import Registry
from indexer.statements import execute, insert

log = structlog.get_logger()

CONCURRENCY: Final = 8
BATCH: Final = 64
FIRST_RETRY_MS: Final = 250
LAST_RETRY_MS: Final = 60_000
ALTERED_RETRY_MS: Final = 15_000
IDLE_S: Final = 1.0

_DOCUMENT = rows.Document.table.c


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document."""

    row: Any
    """The new row of table `document`."""
    products: Sequence[Any] = ()
    """Rows of table `document_product`."""
    index: Sequence[Any] = ()
    """Rows for `event_index.add`."""


class Documents:
    """Fetches, checks and opens documents until cancelled."""

    def __init__(
        self,
        database: Database,
        ipfs: Ipfs,
        registry: Registry,
        metrics: Metrics | None = None,
        beat: Callable[[], None] = lambda: None,
        timeout_s: float = 30.0,
    ) -> None:
        self._database = database
        self._ipfs = ipfs
        self._registry = registry
        self._metrics = metrics or Metrics()
        self._beat = beat
        self._timeout_s = timeout_s
        self._bell = asyncio.Event()
        self._outage = Outage()
        self._running: dict[bytes, asyncio.Task[Outcome | None]] = {}
        # What has failed before may take long again; it never holds what is new.
        self._first_slots = asyncio.Semaphore(CONCURRENCY // 2)
        self._retry_slots = asyncio.Semaphore(CONCURRENCY // 2)

    @property
    def busy(self) -> set[asyncio.Task[Outcome | None]]:
        """Documents under way, or done and not saved yet."""
        return set(self._running.values())

    def ring(self) -> None:
        """Say that documents may be waiting."""
        self._bell.set()

    async def run(self) -> None:
        """Work off what is due, for ever."""
        indexed = False
        try:
            while True:
                self._bell.clear()
                self._beat()
                try:
                    if not indexed:
                        await event_index.index_older(self._database)
                        indexed = True
                    await self.step()
                except DatabaseUnavailable as error:
                    log.warning("waiting", code=error.code, reason=error.message)
                    await asyncio.sleep(IDLE_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await self._bell.wait()
        finally:
            await self._drop()

    async def step(self) -> None:
        """Save what is done and start what is due. Raises DatabaseUnavailable."""
        done = {key: task.result() for key, task in self._running.items() if task.done()}
        outcomes = [outcome for outcome in done.values() if outcome]
        if outcomes:
            await self._database.write(lambda session: _save(session, outcomes))
        for key in done:
            del self._running[key]
        if len(self._running) < BATCH // 2 and self._outage.allowed != 0:
            for row in (await self._database.read(_due))[: self._outage.allowed]:
                self._start(row)
        self._metrics.in_flight.set(len(self._running))

    def _start(self, row: Any) -> None:
        if row.data_hash not in self._running:
            task = asyncio.create_task(self._try(row))
            task.add_done_callback(lambda _: self.ring())
            self._running[row.data_hash] = task

    async def _drop(self) -> None:
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._running.clear()

    async def _try(self, row: Any) -> Outcome | None:
        """None when the node went down while this one waited for its turn."""
        async with self._retry_slots if row.attempts else self._first_slots:
            if self._outage.resting:
                return None
            with (
                self._metrics.document_seconds.time(),
                span("indexer.document", data_hash=row.data_hash.hex(), attempt=row.attempts + 1),
            ):
                outcome = await self._settle(row)
            self._metrics.attempts.labels(outcome.row.status).inc()
            return outcome

    async def _settle(self, row: Any) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._fetch(row)
        except TimeoutError:
            reason = f"{cid_v1_raw(row.data_hash)}: not here within {self._timeout_s:g} s"
            return Outcome(_again(row, "pending", reason, _back_off(row.attempts)))
        except BlockAltered as error:
            log.error("ipfs block altered", reason=error.message, hint=error.hint, **_place(row))
            return Outcome(_again(row, "quarantined", error.message, ALTERED_RETRY_MS))
        except Retryable as error:
            return Outcome(_again(row, "pending", error.message, _back_off(row.attempts)))
        except Exception as error:  # strangers' bytes must never stop this stage
            # A fault of ours, which the next release may not have: never held against them.
            log.exception("document cannot be read", **_place(row))
            reason = f"cannot be read yet: {type(error).__name__}"
            return Outcome(_again(row, "pending", reason, LAST_RETRY_MS))

    async def _fetch(self, row: Any) -> Outcome:
        payload = await self._block(cid_v1_raw(row.data_hash))
        if sha256(payload) != row.data_hash:
            raise BlockAltered(f"{cid_v1_raw(row.data_hash)} does not hash to its address")
        try:
            return await self._read(row, payload)
        except BadInput as error:
            where = f" at {error.pointer}" if error.pointer else ""
            return _quarantine(row._replace(payload=payload), error.message + where)

    async def _read(self, row: Any, payload: bytes) -> Outcome:
        # EPCIS and its schemas: memory that a mirror without readable documents never needs
        from indexer.read_document import bundle_cid, read_document

        cid = bundle_cid(row.media, payload)
        bundle = await self._block(cid) if cid else None
        read = await asyncio.to_thread(
            read_document, row.media, row.data_hash, payload, bundle, self._registry
        )
        settled = _settled(row, payload=payload, **read.columns)
        return Outcome(settled, read.products, read.index)

    async def _block(self, cid: str) -> bytes:
        try:
            found = await self._ipfs.get_block(cid)
            self._outage.answered()
        except (Retryable, BlockAltered) as error:
            self._hear(error)
            if cid not in error.message:
                error.message = f"{cid}: {error.message}"
            raise
        return found

    def _hear(self, error: SmartRetailError) -> None:
        if isinstance(error, IpfsDown):
            self._outage.failed()
        elif isinstance(error, BlockMissing):
            self._outage.answered()


def _due(session: Session) -> list[Any]:
    """Rows to try now; a quarantined row has a next attempt only if it can still heal."""
    query = (
        select(rows.Document.table)
        .where(
            or_(
                _DOCUMENT.status == "pending",
                (_DOCUMENT.status == "quarantined") & (_DOCUMENT.next_attempt_at > 0),
            ),
            _DOCUMENT.next_attempt_at <= now_ms(),
        )
        .order_by(_DOCUMENT.next_attempt_at, _DOCUMENT.first_block)
        .limit(BATCH)
    )
    return [rows.Document(*row) for row in session.execute(query)]


def _quarantine(row: Any, reason: str) -> Outcome:
    """Content that hashes right and reads wrong will never heal: no next attempt."""
    log.warning("document quarantined", reason=reason, **_place(row))
    return Outcome(_settled(row, status="quarantined", reason=rows.clean(reason)))


def _back_off(attempts: int) -> int:
    """Milliseconds, doubled at each failure, spread so that what failed together parts."""
    longest = min(FIRST_RETRY_MS << min(attempts, 20), LAST_RETRY_MS)
    return int(longest * random.uniform(0.5, 1.0))  # noqa: S311


def _place(row: Any) -> dict[str, Any]:
    """How a log line names a document."""
    return {"data_hash": row.data_hash.hex(), "media": row.media, "block": row.first_block}


def _again(row: Any, status: str, reason: str, wait_ms: int) -> Any:
    return row._replace(
        status=status,
        reason=reason,
        attempts=row.attempts + 1,
        next_attempt_at=now_ms() + wait_ms,
    )


def _settled(row: Any, **columns: Any) -> Any:
    state = {"status": "ready", "reason": None, "next_attempt_at": 0, **columns}
    return row._replace(attempts=row.attempts + 1, **state)


def _save(session: Session, outcomes: Sequence[Outcome]) -> None:
    connection = session.connection()
    for outcome in outcomes:
        # A reorganisation may have removed the row meanwhile; then nothing of it may come back.
        if not _update(connection, outcome.row):
            continue
        if outcome.products:
            insert(connection, list(outcome.products))
            _name_products(connection, outcome.products)
        if outcome.index:
            event_index.add(connection, outcome.row.data_hash, outcome.index)


def _update(connection: Connection, row: Any) -> bool:
    columns = [name for name in row._fields if name not in ("data_hash", "first_block", "media")]
    assignments = ", ".join(f'"{name}" = ?' for name in columns)
    values = [getattr(row, name) for name in columns]
    changed = execute(
        connection,
        f"UPDATE chain.document SET {assignments} "  # noqa: S608
        # A later mention may have made it something else meanwhile; then it is read as that.
        "WHERE data_hash = ? AND media = ? AND status <> 'ready'",
        *values,
        *(row.data_hash, row.media),
    )
    return changed == 1


def _name_products(connection: Connection, products: Sequence[Any]) -> None:
    for row in products:
        execute(
            connection,
            "UPDATE chain.product SET uri = ? WHERE product_id = ? AND uri IS NULL",
            *(row.uri, row.product_id),
        )
