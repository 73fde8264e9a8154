"""How far the history is read, how fast, and when it will be done."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

log = structlog.get_logger()

EVERY_S: Final = 2.0
_WINDOW_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a mirror stands on its way to the head."""

    block: int
    head: int
    blocks_left: int
    blocks_per_s: float
    logs_per_s: float

    @property
    def eta_s(self) -> float | None:
        """Seconds to the head at the rate of the last 20 s; None before there is a rate."""
        return self.blocks_left / self.blocks_per_s if self.blocks_per_s else None


Tell = Callable[[Progress], None]


def log_line(progress: Progress) -> None:
    """One line an EVERY_S, for logs."""
    log.info(
        "reading history",
        block=progress.block,
        head=progress.head,
        blocks_per_s=round(progress.blocks_per_s),
        logs_per_s=round(progress.logs_per_s),
        eta_s=None if progress.eta_s is None else round(progress.eta_s),
    )


class Meter:
    """Counts what was read and tells it every `every_s` at most, and once more at the head."""

    def __init__(
        self,
        tell: Tell,
        now: Callable[[], float] = time.monotonic,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._tell = tell
        self._now = now
        self._every_s = every_s
        self._told = False
        self._told_at = now()
        self._logs = 0
        self._marks: deque[tuple[float, int, int]] = deque()

    def read(self, block: int, logs: int, head: int) -> None:
        """The mirror has come to `block`, whose range held so many logs."""
        now = self._now()
        self._logs += logs
        self._marks.append((now, block, self._logs))
        while now - self._marks[0][0] > _WINDOW_S:
            self._marks.popleft()
        if now - self._told_at >= self._every_s or (self._told and block == head):
            self._told_at, self._told = now, True
            self._tell(self._progress(block, head))

    def _progress(self, block: int, head: int) -> Progress:
        (began, first, logs), (ended, last, all_logs) = self._marks[0], self._marks[-1]
        took = ended - began
        return Progress(
            block=block,
            head=head,
            blocks_left=head - block,
            blocks_per_s=(last - first) / took if took else 0.0,
            logs_per_s=(all_logs - logs) / took if took else 0.0,
        )
