"""How many blocks to ask for at once: as many as the provider answers soon and in few bytes.

The size doubles until something is refused; from half of what was refused on, it grows by an
eighth, so that a provider's limit is met seldom. Time and bytes hold it back before that: bytes,
because what is in flight is what the indexer holds in memory.
"""

from typing import Final

FIRST_RANGE: Final = 8
FAST_S: Final = 0.4
SLOW_S: Final = 2.0
TARGET_BYTES: Final = 512 * 1024
"""Of JSON in one range: 600 logs of ours. Parsed, it takes four times as much memory."""


class Pace:
    """The size of the next range, from what became of those before."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._gently_from = most
        self.size = min(FIRST_RANGE, most)

    def answered(self, count: int, took_s: float, size_bytes: int) -> None:
        """A range of `count` blocks came back."""
        if took_s > SLOW_S or size_bytes > 2 * TARGET_BYTES:
            self.size = min(self.size, self._fitting(count, size_bytes, count // 2))
        elif took_s < FAST_S and count >= self.size:
            step = count if count < self._gently_from else max(1, count // 8)
            self.size = min(self._most, self._fitting(count, size_bytes, count + step))

    def refused(self, count: int) -> None:
        """A range of `count` blocks was too much for somebody."""
        self.size = max(1, min(self.size, count // 2))
        self._gently_from = self.size

    def _fitting(self, count: int, size_bytes: int, wanted: int) -> int:
        """At most `wanted`, at most what fits the target at so many bytes a block, at least 1."""
        fitting = TARGET_BYTES * count // size_bytes if size_bytes else wanted
        return max(1, min(wanted, fitting))
