"""How much past a candidate is judged on."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Budget:
    """How many past origins judge each candidate, and how many periods apart."""

    origins: int
    stride: int


DEMO_BUDGET: Final = Budget(origins=12, stride=3)
"""Four years of monthly origins in 8 CPU seconds."""

FULL_BUDGET: Final = Budget(origins=60, stride=1)
"""What docs/reference/forecast.md reports: 27 CPU seconds for a monthly series."""
