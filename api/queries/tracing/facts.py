"""What recorded documents say of two products: one flowed into the other, or stayed in it.

Times are Unix milliseconds as signed. A document counts only where the chain holds it: in the
history of the source, of the target, or of both. Naming a product is not recording it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from core.errors import BadInput

Place = tuple[int, int]
"""Where in the chain: (block, log index)."""

BEFORE_ALL: Final = -(2**63)
AFTER_ALL: Final = 2**63


class TraceTooLarge(BadInput):
    """A trace has more products or steps than one answer may hold."""

    code = "trace_too_large"
    hint_default = "Ask for less depth or an earlier asOf, or trace on from a product on the way."


class Relation(StrEnum):
    """How a source stands to a target."""

    TRANSFORMED = "transformed"
    """It was used up and the target came into being."""
    PACKED = "packed"
    """It was in the target (aggregation)."""
    ASSOCIATED = "associated"
    """It was fixed to the target (association)."""
    MEMBER = "member"
    """It is the lot that the target, a serial number, is of."""


@dataclass(frozen=True, slots=True)
class Cut:
    """As of when a trace is told; None stands for now."""

    event_time: int | None = None
    """Only what happened up to this moment, Unix milliseconds."""
    block: int | None = None
    """Only what was recorded up to this block."""
    with_corrected: bool = False
    """Also what its author declared wrong afterwards."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The author's number to the letter, and its UN/ECE Rec. 20 unit; no unit counts pieces."""

    quantity: str
    uom: str | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A product in a document."""

    data_hash: bytes
    product_id: bytes
    uri: str | None
    """None where only the chain tells it."""
    amounts: tuple[Amount, ...]
    grams: int | None = None
    """What the contract booked, if it keeps the balance."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Where the chain holds a document in one product's history."""

    at: int
    place: Place
    corrected: bool


Recordings: TypeAlias = Mapping[bytes, Mapping[bytes, Recording]]
"""By document, then by product."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step from a source to a target, as one document (two for a stay that ended) tells it."""

    source: bytes
    target: bytes
    relation: Relation
    data_hash: bytes
    since: int
    until: int | None
    """When a stay ended; None while it lasts, and for what takes no time."""
    place: Place
    by_source: bool
    """The source's own history holds the document."""
    by_target: bool
    used: tuple[Amount, ...] = ()
    """How much of the source."""
    made: tuple[Amount, ...] = ()
    """How much of the target."""

    @property
    def is_stay(self) -> bool:
        return self.relation in (Relation.PACKED, Relation.ASSOCIATED)

    @property
    def end(self) -> int:
        return AFTER_ALL if self.until is None else self.until


@dataclass
class Facts:
    """Links by the product at either end, as far as they have been read."""

    inputs_of: dict[bytes, list[Link]] = field(default_factory=dict)
    outputs_of: dict[bytes, list[Link]] = field(default_factory=dict)
    contents_of: dict[bytes, list[Link]] = field(default_factory=dict)
    containers_of: dict[bytes, list[Link]] = field(default_factory=dict)
    uris: dict[bytes, str] = field(default_factory=dict)

    def links(self) -> Iterator[Link]:
        """Everything read, with repetitions."""
        for known in (self.inputs_of, self.outputs_of, self.contents_of, self.containers_of):
            for links in known.values():
                yield from links
