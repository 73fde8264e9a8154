"""A query as conditions that all must hold, and how its answer is ordered and bounded."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A field has at least one of these values; an empty value asks for the field itself."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A field has a number that compares so: `EQ`, `GT`, `GE`, `LT` or `LE`, with any of these."""

    field: str
    operator: str
    values: tuple[bytes, ...]
    """As `ordered.encode` writes them."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The event names a thing whose canonical URI begins with one of these (EPC patterns)."""

    fields: tuple[str, ...]
    prefixes: tuple[str, ...]
    exact: tuple[tuple[str, str], ...] = ()
    """Or has one of these words, as (field, value)."""


@dataclass(frozen=True, slots=True)
class MasterData:
    """A field's value is one of these in the master data, or below it; or has an attribute."""

    field: str
    below: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    """Any of these, …"""
    values: tuple[str, ...] = ()
    """… with any of these values, or whatever value if there is none."""


Condition: TypeAlias = Words | Numbers | Identifiers | MasterData


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds from, and until but without; None is open."""

    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What is asked of the events."""

    conditions: tuple[Condition, ...] = ()
    event_time: Span = Span()
    record_time: Span = Span()
    order_by: str = "recordTime"
    """`recordTime`, `eventTime`, or an extension as `terms` files it."""
    descending: bool = False
    limit: int | None = None
    """eventCountLimit: only the first so many."""
    maximum: int | None = None
    """maxEventCount: refuse to answer when there are more."""
    fingerprint: str = ""
    """Equal for the same parameters; a page token belongs to one."""
