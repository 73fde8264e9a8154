"""Which fields of an event are public: a list of JSON pointers that are not."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Policy:
    """`private` holds JSON pointers; `*` stands for any one name or index.

    A private field takes everything below it along. `/type` can not be private.
    """

    private: tuple[str, ...] = ()

    def is_private(self, pointer: str) -> bool:
        """Whether the field at this pointer itself is listed."""
        return any(_matches(pattern, pointer) for pattern in self.private)


PUBLIC: Final = Policy()


def _matches(pattern: str, pointer: str) -> bool:
    wanted, given = pattern.split("/"), pointer.split("/")
    if len(wanted) != len(given):
        return False
    return all(w in ("*", g) for w, g in zip(wanted, given, strict=True))
