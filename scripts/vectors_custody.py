"""Histories with packing, handovers and recalls, and who holds what after them.

The truth comes from a model of its own that moves every product at once, where a verifier looks up
the chain of containers; so each checks the other.
"""

import random
from dataclasses import dataclass, field
from typing import Any, Final

from core.chain.bindings.supply_chain import DelegateSet
from core.chain.proof.encode import entry_json, log_json
from core.chain.proof.head import Entry
from core.chain.proof.model import Log, Product
from core.crypto import keccak256, sha256, to_hex
from core.types import RECALL_BASE, ZERO_ADDRESS, Address, DataHash, EventKind, Millis, TxHash

CONTRACT: Final = Address(b"\x5f" * 20)
PEOPLE: Final = tuple(Address(bytes([0xA0 + n]) * 20) for n in range(3))
DEPTH: Final = 4


@dataclass
class Things:
    """Products as the contract holds them, with the entries it would log."""

    uris: list[str]
    histories: list[list[Entry]] = field(init=False)
    custodian: list[Address | None] = field(init=False)
    parent: list[int | None] = field(init=False)
    recalled: list[int] = field(init=False)
    logs: list[Log] = field(default_factory=list)
    block: int = 0

    def __post_init__(self) -> None:
        count = len(self.uris)
        self.histories = [[] for _ in range(count)]
        self.custodian, self.parent, self.recalled = [None] * count, [None] * count, [0] * count

    def id(self, at: int) -> bytes:
        return keccak256(self.uris[at].encode())

    def record(self, at: int, who: Address, kind: int = EventKind.OBJECT) -> None:
        if self.custodian[at] is None:
            self.custodian[at] = who
        self._add(at, kind, who)

    def hand_over(self, at: int, to: Address) -> None:
        self._add(at, EventKind.HANDOVER, self._holder(at), to)
        for inside in self._within(at):
            self.custodian[inside] = to

    def pack(self, child: int, parent: int) -> None:
        self.record(parent, self._holder(parent), EventKind.AGGREGATION)
        self._add(child, EventKind.PACKED, self._holder(child), Address(self.id(parent)[12:]))
        self.parent[child] = parent

    def unpack(self, child: int) -> None:
        parent = self.parent[child]
        assert parent is not None
        tail = Address(self.id(parent)[12:])
        self._add(child, EventKind.UNPACKED, self._holder(child), tail)
        self.parent[child] = None

    def recall(self, at: int, level: int) -> None:
        """Level 0 closes it."""
        self.recalled[at] = level
        self._add(at, RECALL_BASE | level, PEOPLE[2])

    def correct(self, at: int, seq: int) -> None:
        who = self._holder(at)
        self._add(at, EventKind.CORRECTION, who, Address(seq.to_bytes(20, "big")))

    def delegate(self, account: Address, delegate: Address, until: int) -> None:
        self.block += 1
        words = (bytes(12) + account, bytes(12) + delegate)
        data = until.to_bytes(32, "big")
        tx_hash = TxHash(sha256(data + bytes([self.block % 256])))
        topics = (DelegateSet.TOPIC0, *words)
        self.logs.append(Log(CONTRACT, topics, data, self.block, 0, tx_hash))

    def step(self, dice: random.Random) -> None:
        """Something the contract would allow, or nothing."""
        at, other = dice.randrange(len(self.uris)), dice.randrange(len(self.uris))
        what = dice.choice("rrhhppuuxlc")
        if self.custodian[at] is None:
            self.record(at, dice.choice(PEOPLE[:2]))
        elif what == "h" and self.parent[at] is None:
            self.hand_over(at, dice.choice(PEOPLE))
        elif what == "p" and self._can_pack(at, other):
            self.pack(at, other)
        elif what == "u" and self.parent[at] is not None:
            self.unpack(at)
        elif what == "x":
            self.recall(at, dice.randint(1, 3))
        elif what == "l" and self.recalled[at]:
            self.recall(at, 0)
        elif what == "c":
            self.correct(at, dice.randint(1, len(self.histories[at])))
        else:
            self.record(at, self._holder(at))

    def products(self) -> list[Product]:
        """As a bundle states them."""
        stated = zip(self.uris, self.histories, self.custodian, self.recalled, strict=True)
        return [Product(uri, tuple(h), custodian, level) for uri, h, custodian, level in stated]

    def containers(self) -> list[str | None]:
        """The URI of what each is packed in."""
        return [None if at is None else self.uris[at] for at in self.parent]

    def _holder(self, at: int) -> Address:
        holder = self.custodian[at]
        assert holder is not None
        return holder

    def _within(self, at: int) -> list[int]:
        children = [child for child, parent in enumerate(self.parent) if parent == at]
        return [at, *(inside for child in children for inside in self._within(child))]

    def _can_pack(self, child: int, parent: int) -> bool:
        above = self._above(parent)
        fits = child not in above and len(above) + self._height(child) <= DEPTH
        free = self.parent[child] is None
        return fits and free and self.custodian[child] == self.custodian[parent]

    def _height(self, at: int) -> int:
        children = [child for child, parent in enumerate(self.parent) if parent == at]
        return 1 + max((self._height(child) for child in children), default=0)

    def _above(self, at: int) -> list[int]:
        parent = self.parent[at]
        return [at] if parent is None else [at, *self._above(parent)]

    def _add(
        self, at: int, kind: int, actor: Address, counterparty: Address = ZERO_ADDRESS
    ) -> None:
        self.block += 1
        seq = len(self.histories[at]) + 1
        word = sha256(b"%d" % self.block)
        self.histories[at].append(
            Entry(
                seq=seq,
                kind=int(kind),
                actor=actor,
                data_hash=DataHash(word),
                occurred_at=Millis(1_776_432_402_000 + self.block),
                counterparty=counterparty,
                block_number=self.block,
                tx_hash=TxHash(word),
            )
        )


def walk(seed: int, steps: int) -> Things:
    """A random story of five products."""
    dice = random.Random(seed)  # noqa: S311  a story, no secret
    things = Things([f"https://id.gs1.org/00/00860009999985{n:04}" for n in range(5)])
    for _ in range(steps):
        things.step(dice)
    return things


def lent_keys() -> Things:
    """A driver's key acts for the carrier while it may, and once after."""
    things = Things(["https://id.gs1.org/00/008600099999850000"])
    carrier, driver, _ = PEOPLE
    things.record(0, carrier)
    things.delegate(carrier, driver, 1 << 40)
    things.record(0, driver)
    things.delegate(carrier, driver, 0)
    things.record(0, driver)
    return things


def stories() -> list[dict[str, Any]]:
    """Stories with where every product stands at their end."""
    from core.chain.proof.custody import replay

    found = []
    named = {f"random walk {seed}": walk(seed, 40) for seed in range(8)}
    for name, things in ({"lent keys": lent_keys()} | named).items():
        products = things.products()
        standings = replay(products, things.logs)
        found.append(
            {
                "name": name,
                "products": [
                    {"uri": p.uri, "history": [entry_json(entry) for entry in p.history]}
                    for p in products
                ],
                "logs": [log_json(log) for log in things.logs],
                "standings": [
                    {
                        "custodian": None if p.custodian is None else to_hex(p.custodian),
                        "recallLevel": p.recall_level,
                        "container": container,
                        "refused": [entry.seq for entry in standing.refused],
                    }
                    for p, container, standing in zip(
                        products, things.containers(), standings, strict=True
                    )
                ],
            }
        )
    return found
