"""Who holds each product and how far it is recalled, replayed from the entries of all of them.

A packed product follows its container, so the histories are replayed together, in the order of the
chain. Twin of web/src/lib/verify/custody.ts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.chain.bindings.supply_chain import DelegateSet
from core.chain.proof.head import Entry
from core.chain.proof.model import Log, Product
from core.errors import Malformed
from core.types import RECALL_BASE, Address, EventKind


@dataclass(slots=True)
class Standing:
    """Where a product stands after its history."""

    custodian: Address | None = None
    """None: nobody recorded it, or `missing` says why it is not known."""
    recall_level: int = 0
    refused: list[Entry] = field(default_factory=list)
    """Entries made by somebody who neither held the product nor acted for who did.

    Recalls are never counted: a regulator may recall what others hold."""
    container: str | None = None
    """URI of the product it is packed in."""
    missing: bytes | None = None
    """Last 20 bytes of a container that is not among the products: who held this one meanwhile is
    not known."""


def replay(products: Sequence[Product], logs: Sequence[Log]) -> list[Standing]:
    """The standing of each product; `logs` may say who acted for whom."""
    play = _Play(products, logs)
    entries = [(e, at) for at, product in enumerate(products) for e in product.history]
    for entry, at in sorted(entries, key=lambda pair: _place(pair[0])):
        play.take(at, entry)
    return [play.finished(at) for at in range(len(products))]


class _Play:
    def __init__(self, products: Sequence[Product], logs: Sequence[Log]) -> None:
        self._products = products
        self._by_tail = {p.id[12:]: at for at, p in reversed(list(enumerate(products)))}
        self._standings = [Standing() for _ in products]
        self._packed: list[bytes | None] = [None for _ in products]
        self._delegations = _delegations(logs)

    def take(self, at: int, entry: Entry) -> None:
        standing, holder = self._standings[at], self._holder(at)
        if entry.kind >= RECALL_BASE:
            standing.recall_level = entry.kind - RECALL_BASE
        elif isinstance(holder, _Unknown):
            standing.missing = standing.missing or holder.container
        elif holder not in (None, entry.actor) and not self._acts_for(holder, entry):
            standing.refused.append(entry)
        self._move(at, entry)

    def finished(self, at: int) -> Standing:
        standing, holder = self._standings[at], self._holder(at)
        if isinstance(holder, _Unknown):
            standing.custodian, standing.missing = None, holder.container
        else:
            standing.custodian = holder
        parent = self._by_tail.get(self._packed[at] or b"")
        standing.container = None if parent is None else self._products[parent].uri
        return standing

    def _move(self, at: int, entry: Entry) -> None:
        standing = self._standings[at]
        if entry.kind == EventKind.PACKED:
            self._packed[at] = entry.counterparty
        elif entry.kind == EventKind.UNPACKED:
            standing.custodian = entry.actor  # only who holds the container opens it
            self._packed[at] = None
        elif entry.kind == EventKind.HANDOVER:
            standing.custodian = entry.counterparty
        elif standing.custodian is None:
            standing.custodian = entry.actor

    def _holder(self, at: int) -> "Address | _Unknown | None":
        seen = set[int]()
        while (container := self._packed[at]) is not None:
            seen.add(at)
            parent = self._by_tail.get(container)
            if parent is None or parent in seen:
                return _Unknown(container)
            at = parent
        return self._standings[at].custodian

    def _acts_for(self, holder: Address | None, entry: Entry) -> bool:
        until = 0
        for place, account, delegate, granted in self._delegations:
            if place < _place(entry) and (account, delegate) == (holder, entry.actor):
                until = granted
        return until > 0


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Held by who holds a container whose history is not at hand."""

    container: bytes


def _delegations(logs: Sequence[Log]) -> list[tuple[tuple[int, int], bytes, bytes, int]]:
    found = []
    for log in logs:
        if log.topics[:1] == (DelegateSet.TOPIC0,):
            try:
                event = DelegateSet.decode(log.topics, log.data)
            except Malformed:
                continue  # no log of the contract looks like this, which has its own finding
            place = (log.block_number, log.log_index)
            found.append((place, event.account, event.delegate, event.until))
    return sorted(found)


def _place(entry: Entry) -> tuple[int, int]:
    return entry.block_number, entry.log_index
