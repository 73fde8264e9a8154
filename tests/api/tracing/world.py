"""A small supply chain as rows, and the slow way to trace it: moment by moment, by replay.

Nothing here is shared with `api.queries.tracing` but the tables: the reference asks at each moment
who was inside whom, and walks (product, part, moment) one at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from core.crypto import keccak256
from core.db import Database
from core.db import chain_tables as t
from core.types import EventKind

MOMENTS = range(12)
TABLES = (
    t.Document, t.DocumentProduct, t.Event, t.Packing, t.Transformation, t.Product,
    t.CustodyTransfer, t.Actor, t.Block, t.Recall,
)  # fmt: skip
ACTOR, WORD = b"\x01" * 20, b"\x07" * 32


def fill(database: Database, rows: Any) -> None:
    """These rows and no others."""
    with database.write_session() as session:
        for model in TABLES:
            session.exec(delete(model))
        session.add_all(rows)


@dataclass(frozen=True)
class Told:
    """One document: what it names, and in whose histories the chain holds it."""

    kind: EventKind
    action: str
    left: tuple[int, ...]
    """Inputs, or children."""
    right: tuple[int, ...]
    """Outputs, or the one parent."""
    at: int
    recorded: frozenset[int]
    corrected: frozenset[int] = field(default=frozenset())

    @property
    def vouching(self) -> frozenset[int]:
        return self.recorded - self.corrected


def uri(product: int) -> str:
    return f"https://id.gs1.org/01/10860009999920/10/LOT{product}"


def id_of(product: int) -> bytes:
    return keccak256(uri(product).encode())


def tables(told: list[Told]) -> Iterator[object]:
    """The rows of these documents; block n + 1 holds document n, corrections come last."""
    seqs: dict[int, int] = {}
    corrections: list[tuple[int, int]] = []
    for number, one in enumerate(told, start=1):
        data_hash = keccak256(b"%d" % number)
        names = {
            EventKind.TRANSFORMATION: "TransformationEvent",
            EventKind.AGGREGATION: "AggregationEvent",
            EventKind.ASSOCIATION: "AssociationEvent",
        }
        yield t.Document(
            data_hash=data_hash, status="ready", first_block=number, event_type=names[one.kind],
            event_json=f'{{"action":"{one.action}"}}',
        )  # fmt: skip
        roles = ("input", "output") if one.kind == EventKind.TRANSFORMATION else ("child", "parent")
        things = [(p, roles[0]) for p in one.left] + [(p, roles[1]) for p in one.right]
        for position, (product, role) in enumerate(things):
            yield t.DocumentProduct(
                data_hash=data_hash, position=position, product_id=id_of(product),
                uri=uri(product), role=role,
            )  # fmt: skip
        for index, product in enumerate(sorted(one.recorded)):
            seqs[product] = seqs.get(product, 0) + 1
            yield _entry((number, index), product, seqs[product], one.kind, data_hash, one.at)
            if product in one.corrected:
                corrections.append((product, seqs[product]))
    for index, (product, seq) in enumerate(corrections):
        place, seqs[product] = (len(told) + 1, index), seqs[product] + 1
        wrong = seq.to_bytes(20, "big")
        yield _entry(place, product, seqs[product], EventKind.CORRECTION, WORD, 0, wrong)


def _entry(
    place: tuple[int, int], product: int, seq: int, kind: int, data_hash: bytes, at: int,
    counterparty: bytes = bytes(20),
) -> t.Event:  # fmt: skip
    return t.Event(
        block_number=place[0], log_index=place[1], tx_hash=WORD, product_id=id_of(product),
        seq=seq, kind=kind, actor=ACTOR, counterparty=counterparty, data_hash=data_hash,
        occurred_at=at, head=WORD,
    )  # fmt: skip


State = tuple[int, str, int]


class Reference:
    """Everything reachable, as (product, part, moment)."""

    def __init__(self, told: list[Told], *, back: bool, as_of: int | None = None) -> None:
        self.told = [one for one in told if as_of is None or one.at <= as_of]
        self.back = back

    def reached(self, start: int) -> set[tuple[int, str]]:
        seen: set[State] = set()
        waiting: list[State] = [(start, "matter", moment) for moment in MOMENTS]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += self._next(state)
        matter = {product for product, part, _ in seen if part == "matter"}
        carriers = {product for product, part, _ in seen} - matter
        return {(p, "matter") for p in matter} | {(p, "carrier") for p in carriers}

    def _next(self, state: State) -> Iterator[State]:
        product, part, now = state
        later = now - 1 if self.back else now + 1
        if part == "matter" and later in MOMENTS:
            yield product, part, later
        yield from self._flows(product, part, now)
        for child, parent in self._inside(now):
            if child == product:
                yield parent, "carrier", now
            if parent == product and part == "matter":
                yield child, "matter", now

    def _flows(self, product: int, part: str, now: int) -> Iterator[State]:
        for one in self.told:
            if one.kind != EventKind.TRANSFORMATION:
                continue
            for source in one.left:
                for target in one.right:
                    vouched = {target} if self.back else {source, target}
                    if source == target or not vouched & one.vouching:
                        continue
                    if self.back and target == product and part == "matter":
                        yield source, "matter", one.at
                    if not self.back and source == product and (part == "matter" or one.at == now):
                        yield target, "matter", one.at

    def _inside(self, now: int) -> set[tuple[int, int]]:
        """(child, parent) at one moment; who enters or leaves at it is inside.

        Trace back believes of a container's content only what the container's history holds, and
        of a content's container only what the content's does.
        """
        found = set()
        for kind in (EventKind.AGGREGATION, EventKind.ASSOCIATION):
            events = [one for one in self.told if one.kind == kind and one.vouching]
            for child, parent in {(c, p) for e in events for c in e.left for p in e.right}:
                if child != parent and self._is_inside(child, parent, events, now):
                    found.add((child, parent))
        return found

    @staticmethod
    def _is_inside(child: int, parent: int, events: list[Told], now: int) -> bool:
        inside = touched = False
        for one in sorted(events, key=lambda e: e.at):
            ends = {child, parent}
            if one.at > now or parent not in one.right or not ends & one.vouching:
                continue
            if one.action == "DELETE" and (child in one.left or not one.left):
                touched = touched or (inside and one.at == now)
                inside = False
            elif one.action != "DELETE" and child in one.left:
                inside = True
        return inside or touched
