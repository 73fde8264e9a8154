"""How far an audit has come, for whoever watches."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and of how much."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""
