"""Where the mirror stands against the node: the answer of `/ready`, and the gauges.

It asks the node and the database itself, so a follower that hangs cannot call itself caught up.
Whoever asks how often, each of them is asked at most once in `LOOK_EVERY_S` or `COUNT_EVERY_S`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog

from core.chain.client import Rpc
from core.config import IndexerSettings
from core.db import Database
from core.errors import DatabaseUnavailable, SmartRetailError
from indexer.metrics import Metrics
from indexer.position import Head, Mirrored, Unread, ask_head, read_mirrored, read_unread

T = TypeVar("T")

log = structlog.get_logger()

LOOK_EVERY_S: Final = 0.25
COUNT_EVERY_S: Final = 1.0
SILENT_S: Final = 10.0
"""How much longer than one document may take the document stage may give no sign of life."""


@dataclass(frozen=True, slots=True)
class Look:
    """One comparison; `reason` is empty when the mirror is caught up."""

    reason: str
    head: Head | None
    mirrored: Mirrored | None
    derived: int | None = None
    """How far tables of an older shape are derived anew."""

    @property
    def told(self) -> dict[str, Any]:
        """As `/ready` says it."""
        said: dict[str, Any] = {"reason": self.reason} if self.reason else {}
        if self.mirrored is not None:
            said["block"] = self.mirrored.number
        if self.head is not None:
            said["head"] = self.head.number
        if self.derived is not None:
            said["derived"] = self.derived
        return said


class Standing:
    """What the indexer's tasks say of themselves, and a look at node and database."""

    def __init__(self, settings: IndexerSettings, metrics: Metrics, rpc: Rpc) -> None:
        self._settings = settings
        self._metrics = metrics
        self._rpc = rpc
        self._database: Database | None = None
        self._look = _AtMost(LOOK_EVERY_S, self._compare)
        self._unread = _AtMost(COUNT_EVERY_S, self._count)
        self._trouble = ""
        self._derived: tuple[int, int] | None = None
        self.standby(waiting=True)

    def deriving(self, at: int, to: int) -> None:
        """The database opens when its tables are derived anew; that has come to block `at`."""
        self._derived = at, to
        log.info("deriving", block=at, of=to)

    def opened(self, database: Database) -> None:
        """The database can be asked from now on."""
        self._database, self._derived = database, None

    def closed(self) -> None:
        """It cannot any more: the process is on its way out."""
        self._database = None

    def standby(self, *, waiting: bool) -> None:
        """Whether this process still waits for the lock."""
        self._standby = waiting
        self._metrics.standby.set(waiting)
        self.beat()

    def trouble(self, reason: str) -> None:
        """The follower had to stop; '' once it reached the head again."""
        self._trouble = reason

    def beat(self) -> None:
        """The document stage lives."""
        self._beat = time.monotonic()

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        """For `/ready`."""
        look = await self._look.get()
        return not look.reason, look.told

    async def refresh(self) -> None:
        """For `/metrics`: set the gauges; what cannot be asked keeps its last value."""
        look, unread, metrics = await self._look.get(), await self._unread.get(), self._metrics
        metrics.ready.set(not look.reason)
        if unread is not None:
            metrics.unread(unread)
        if look.head is not None:
            metrics.head.set(look.head.number)
        if look.mirrored is not None:
            metrics.mirrored(look.mirrored)
        if look.head is not None and look.mirrored is not None:
            metrics.lag(look.head, look.mirrored)

    async def _compare(self) -> Look:
        # The node first: what it gains meanwhile is then not held against the mirror.
        head, no_head = await _or_reason(ask_head(self._rpc))
        mirrored, no_mirror = await _or_reason(self._mirrored())
        reason = self._idle() or no_head or no_mirror or self._behind(head, mirrored)
        derived = self._derived[0] if self._derived else None
        return Look(
            ": ".join(one for one in (reason, self._trouble) if one), head, mirrored, derived
        )

    def _idle(self) -> str:
        if self._derived is not None:
            return "deriving the tables anew: block {} of {}".format(*self._derived)
        if self._database is None:
            return "the database is not open yet"
        if self._standby:
            return "standby: another indexer writes this database"
        if time.monotonic() - self._beat > self._settings.document_timeout_s + SILENT_S:
            return "the document stage gives no sign of life"
        return ""

    def _behind(self, head: Head | None, mirrored: Mirrored | None) -> str:
        if head is None or mirrored is None:
            return "there is no block yet"
        lag = head.number - mirrored.number
        if lag > self._settings.ready_lag_blocks:
            return f"{lag} blocks behind the node's head"
        if lag == 0 and head.hash != mirrored.hash:
            return f"block {head.number} was replaced and is not read anew yet"
        return ""

    async def _mirrored(self) -> Mirrored | None:
        return None if self._database is None else await self._database.read(read_mirrored)

    async def _count(self) -> Unread | None:
        if self._database is None:
            return None
        unread, _ = await _or_reason(self._database.read(read_unread))
        return unread


class _AtMost(Generic[T]):
    """An answer that is not older than some seconds; those who ask together share one."""

    def __init__(self, every_s: float, ask: Callable[[], Awaitable[T]]) -> None:
        self._every_s = every_s
        self._ask = ask
        self._lock = asyncio.Lock()
        self._last: tuple[float, T] | None = None

    async def get(self) -> T:
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] >= self._every_s:
                answer = await self._ask()
                self._last = time.monotonic(), answer
            return self._last[1]


async def _or_reason(answer: Awaitable[T]) -> tuple[T | None, str]:
    try:
        return await answer, ""
    except DatabaseUnavailable as error:
        return None, f"the database does not answer: {error.message}"
    except SmartRetailError as error:
        return None, error.message
