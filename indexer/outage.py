"""An IPFS node that is down: then one document asks for all, less and less often.

Without this every pending document would knock on a closed door, each at its own pace, and write
down that it did: with thousands of them most of what an indexer does.
"""

import time
from collections.abc import Callable
from typing import Final

FIRST_REST_S: Final = 0.5
LAST_REST_S: Final = 10.0


class Outage:
    """Whether to ask at all; doubts grow with each failure and end with any answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rest_s = 0.0
        self._until = 0.0

    def failed(self) -> None:
        """Nothing listened. Those who asked at the same time say nothing new."""
        if not self.resting:
            self._rest_s = min(max(2 * self._rest_s, FIRST_REST_S), LAST_REST_S)
            self._until = self._clock() + self._rest_s

    def answered(self) -> None:
        """The node is there, whatever it said."""
        self._rest_s = self._until = 0.0

    @property
    def resting(self) -> bool:
        """Nobody should ask now."""
        return self._clock() < self._until

    @property
    def allowed(self) -> int | None:
        """How many may ask now: None for any number."""
        if self.resting:
            return 0
        return 1 if self._rest_s else None
