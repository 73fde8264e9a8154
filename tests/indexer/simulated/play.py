"""Where histories are played: two databases in memory, a clock that jumps, logs unheard."""

import asyncio
import logging
import random
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest import mock

import structlog

from tests.indexer.simulated.clock import JumpingLoop
from tests.indexer.simulated.history import History, Told
from tests.indexer.simulated.mirror import Mirror

MEMORY = Path("/dev/shm")


class Stage:
    """Plays any number of histories, one after another."""

    def __init__(self) -> None:
        where = str(MEMORY) if MEMORY.is_dir() else None
        self._folder = tempfile.TemporaryDirectory(prefix="sr360-histories-", dir=where)
        self._mirror, self._fresh = (Mirror(Path(self._folder.name) / name) for name in "ab")
        self._runner = asyncio.Runner(loop_factory=JumpingLoop)
        self._heard = structlog.get_config()
        quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
        structlog.configure(wrapper_class=quiet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._runner.close()
        self._mirror.close()
        self._fresh.close()
        self._folder.cleanup()
        structlog.configure(**self._heard)

    def play(self, random_: random.Random) -> Told:
        """One history. Raises whatever it shows to be wrong."""
        try:
            # Whoever measures time must see the clock that jumps.
            with mock.patch("time.monotonic", self._runner.get_loop().time):
                return self._runner.run(History(random_, self._mirror, self._fresh).play())
        except BaseException:
            self._runner.close()
            self._runner = asyncio.Runner(loop_factory=JumpingLoop)
            raise
