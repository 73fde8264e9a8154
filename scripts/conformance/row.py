"""What came of the vectors of one file."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import SmartRetailError

T = TypeVar("T")
Judge = Callable[[Any], "bool | str"]
"""Whether a vector holds, or why it is left out."""


@dataclass(slots=True)
class Row:
    """Counts of one file."""

    file: str
    what: str
    """What was held against it."""
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.passed + len(self.failed) + self.excluded.total()


def judged(file: str, what: str, vectors: Iterable[Any], judge: Judge) -> Row:
    """Each vector is tried; one that breaks the judge has failed."""
    row = Row(file, what)
    for vector in vectors:
        verdict = attempt(judge, vector)
        if isinstance(verdict, str):
            row.excluded[verdict] += 1
        elif verdict:
            row.passed += 1
        else:
            row.failed.append(str(vector)[:200])
    return row


def attempt(work: Callable[[Any], T], given: Any) -> T | None:
    """What it gives, or None when it is refused."""
    try:
        return work(given)
    except (SmartRetailError, LookupError):
        return None
