"""An event loop whose clock jumps: hours of back-off pass at once, in the same order each time."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Waits for real only when nothing but a thread can go on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            return super().select(10)
        self.now += max(timeout, 0)
        return super().select(0) if timeout else []


class JumpingLoop(asyncio.SelectorEventLoop):
    """`asyncio.Runner(loop_factory=JumpingLoop)`; `after(steps, act)` acts between two awaits."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        self._fuse: tuple[int, Callable[[], object]] | None = None
        super().__init__(self._jumping)

    def after(self, steps: int, act: Callable[[], object]) -> None:
        """Call `act` once the loop has turned so many times; replaces what was set before."""
        self._fuse = (steps, act)

    def _run_once(self) -> None:
        if self._fuse is not None:
            steps, act = self._fuse
            self._fuse = None if steps <= 0 else (steps - 1, act)
            if steps <= 0:
                act()
        super()._run_once()  # type: ignore[misc]

    def time(self) -> float:
        return self._jumping.now
