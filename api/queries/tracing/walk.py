"""Breadth first over links, in either direction, through time.

A product is reached in one of two ways. As *matter*: something of the start is in it, or it is in
the start; every further link counts. As a *carrier*: it held matter for a while; what else it held
is of no concern, and of its later travels only those while the matter was inside.

Back, matter came from the inputs of a transformation and from the contents of a container; forward,
it went into outputs, into what the start contained, and into the outputs of a container that was
used whole. In both directions it travelled in containers, and those in containers of their own.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import AFTER_ALL, BEFORE_ALL, Cut, Facts, Link, TraceTooLarge
from api.queries.tracing.reader import Reader
from api.queries.tracing.spans import Span, Spans

MAX_DEPTH: Final = 64
MAX_NODES: Final = 5_000
MAX_LINKS: Final = 20_000


class Direction(StrEnum):
    """Which way a trace goes."""

    BACK = "back"
    FORWARD = "forward"


class Part(StrEnum):
    """How a product belongs to a trace."""

    MATTER = "matter"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class Visited:
    """A product of the trace."""

    product_id: bytes
    part: Part
    """MATTER, if it is that in any way."""
    depth: int
    """Fewest steps from the start."""


@dataclass(frozen=True, slots=True)
class Traced:
    """All products and links found, nearest first; equal facts give equal order."""

    start: bytes
    direction: Direction
    products: tuple[Visited, ...]
    links: tuple[Link, ...]
    truncated: bool
    """There is more beyond the depth that was asked for."""
    uris: dict[bytes, str]


State = tuple[bytes, Part]
Frontier = dict[State, list[Span]]
Move = tuple[Link, State, Span]


async def trace(
    snapshot: Snapshot,
    product_id: bytes,
    direction: Direction,
    *,
    depth: int = MAX_DEPTH,
    cut: Cut | None = None,
    uri: str | None = None,
) -> Traced:
    """The products behind or after one. Raises TraceTooLarge: over 5,000 products, or 20,000
    links, or a step of more than 50,000 statements."""
    reader = Reader(snapshot, cut or Cut())
    if uri is not None:
        reader.facts.uris[product_id] = uri
    walk = _Walk(direction, reader.facts)
    frontier: Frontier = walk.begin(product_id)
    for _ in range(depth):
        await _load(reader, direction, frontier)
        frontier = walk.step(frontier)
        if not frontier:
            break
    await _load(reader, direction, frontier)
    found = walk.visited()
    unnamed = [one.product_id for one in found if one.product_id not in reader.facts.uris]
    uris = reader.facts.uris | await read.uris_of(snapshot, unnamed)
    truncated = walk.goes_on(frontier)
    return Traced(product_id, direction, found, walk.links(), truncated, uris)


async def _load(reader: Reader, direction: Direction, frontier: Frontier) -> None:
    matter = [product for product, part in frontier if part is Part.MATTER]
    anything = [product for product, _ in frontier]
    await reader.containers(anything)
    await reader.contents(matter)
    if direction is Direction.BACK:
        await reader.inputs(matter)
    else:
        await reader.outputs(anything)


@dataclass
class _Walk:
    direction: Direction
    facts: Facts
    spans: dict[State, Spans] = field(default_factory=lambda: defaultdict(Spans))
    depths: dict[State, int] = field(default_factory=dict)
    found: dict[Link, None] = field(default_factory=dict)
    at: int = 0

    def begin(self, product_id: bytes) -> Frontier:
        """The start, as matter, at any time."""
        state, always = (product_id, Part.MATTER), (BEFORE_ALL, AFTER_ALL)
        self.spans[state].add(always)
        self.depths[state] = 0
        return {state: [always]}

    def step(self, frontier: Frontier) -> Frontier:
        """What one more step reaches that was not reached yet, or not for so long."""
        self.at += 1
        reached: Frontier = defaultdict(list)
        for state, spans in frontier.items():
            for link, target, when in self._moves(state, spans):
                self.found.setdefault(link)
                if (wider := self.spans[target].add(when)) is not None:
                    self.depths.setdefault(target, self.at)
                    reached[target].append(wider)
        if len(self.depths) > MAX_NODES or len(self.found) > MAX_LINKS:
            raise TraceTooLarge(f"the trace has over {MAX_NODES:,} products or {MAX_LINKS:,} links")
        return reached

    def goes_on(self, frontier: Frontier) -> bool:
        """Whether another step would find anything new."""
        return any(
            link not in self.found or not self.spans[target].covers(when)
            for state, spans in frontier.items()
            for link, target, when in self._moves(state, spans)
        )

    def visited(self) -> tuple[Visited, ...]:
        """Each product once."""
        parts: dict[bytes, Part] = {}
        depths: dict[bytes, int] = {}
        for (product, part), depth in self.depths.items():
            if part is Part.MATTER or product not in parts:
                parts[product] = part
            depths[product] = min(depth, depths.get(product, depth))
        ordered = sorted(depths, key=lambda product: depths[product])
        return tuple(Visited(product, parts[product], depths[product]) for product in ordered)

    def links(self) -> tuple[Link, ...]:
        return tuple(self.found)

    def _moves(self, state: State, spans: list[Span]) -> Iterator[Move]:
        product, part = state
        if part is Part.MATTER and self.direction is Direction.BACK:
            yield from self._flows_back(product)
        for span in spans:
            if self.direction is Direction.FORWARD:
                yield from self._flows_on(product, part, span)
            if part is Part.MATTER:
                yield from self._contents(product, span)
            yield from self._containers(product, span)

    def _flows_back(self, product: bytes) -> Iterator[Move]:
        for link in self.facts.inputs_of.get(product, ()):
            if link.by_target:
                yield link, (link.source, Part.MATTER), (BEFORE_ALL, link.since)

    def _flows_on(self, product: bytes, part: Part, span: Span) -> Iterator[Move]:
        for link in self.facts.outputs_of.get(product, ()):
            # Matter is not asked when: clocks differ, and a recall must rather reach too far.
            if part is Part.MATTER or span[0] <= link.since <= span[1]:
                yield link, (link.target, Part.MATTER), (link.since, AFTER_ALL)

    def _contents(self, product: bytes, span: Span) -> Iterator[Move]:
        back = self.direction is Direction.BACK
        for link in self.facts.contents_of.get(product, ()):
            shared = _shared(link, span)
            if shared is not None and (link.by_target or not back):
                when = (BEFORE_ALL, shared[1]) if back else (shared[0], AFTER_ALL)
                yield link, (link.source, Part.MATTER), when

    def _containers(self, product: bytes, span: Span) -> Iterator[Move]:
        back = self.direction is Direction.BACK
        for link in self.facts.containers_of.get(product, ()):
            shared = _shared(link, span)
            if shared is not None and (link.by_source or not back):
                yield link, (link.target, Part.CARRIER), shared


def _shared(link: Link, span: Span) -> Span | None:
    """The part of a stay that lies within a span, ends included."""
    start, end = max(link.since, span[0]), min(link.end, span[1])
    return (start, end) if start <= end else None
