"""How often Python looks for garbage that forms cycles."""

import gc
from typing import Final

COLLECT_EVERY: Final = 50_000
"""Objects more than at the last look before the next. A document of events is a hundred thousand
lists and dicts, none in a cycle, and Python looks for one after each 700 more."""


def collect_seldom(every: int = COLLECT_EVERY) -> None:
    """For a service, once it has loaded all that stays."""
    gc.freeze()
    gc.set_threshold(every)
