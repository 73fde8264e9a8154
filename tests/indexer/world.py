"""What the contracts would hold, kept beside the logs they would emit."""

from dataclasses import dataclass, field

from core.chain.bindings import device_registry as devices
from core.chain.bindings import supply_chain as chain
from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.chain.bindings.anchor_log import EventsAnchored
from core.chain.deployments import Contract, Deployment
from core.crypto import keccak256
from core.types import Address, TxHash
from indexer.model import Log
from indexer.registry import registry_of

NAMES = (
    "Authority",
    "ActorRegistry",
    "SupplyChain",
    "CarbonToken",
    "SensorOracle",
    "ForecastLedger",
    "AnchorLog",
    "DeviceRegistry",
)
PLACES = {name: Address(bytes([i + 1]) * 20) for i, name in enumerate(NAMES)}
REGISTRY = registry_of(
    Deployment(31337, 1, {name: Contract(at, bytes(32)) for name, at in PLACES.items()})
)
LEVELS = 4
PEOPLE = 3


@dataclass
class World:
    """What the contracts would hold, so that generated events are ones they could emit.

    It moves everything that is packed at once, and looks nothing up: a truth of its own.
    """

    seqs: dict[int, int] = field(default_factory=dict)
    custodians: dict[int, int] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    actors: set[int] = field(default_factory=set)
    tips: dict[int, bytes] = field(default_factory=dict)
    devices: dict[int, dict[str, object]] = field(default_factory=dict)
    count: int = 0

    def log(self, action: tuple[str, int, int], index: int) -> Log | None:
        kind, product, other = action
        self.count += 1
        unique = keccak256(b"%d" % self.count)
        if kind.isupper():  # the document of another entry, mentioned again
            unique, kind = keccak256(b"shared %d" % (other % 3)), kind.lower()
        if kind in "ab":
            return self._actor(kind, other, index)
        if kind in "gkvm":
            return self._device(kind, product, other, unique, index)
        if kind == "?":
            return Log(PLACES["SupplyChain"], (unique,), b"", TxHash(unique), index)
        if kind == "!":  # an event of ours by its topics, cut short
            topics = [name(product), word(other), unique]
            return made("SupplyChain", chain.EventRecorded, topics, word(1)[:31], index)
        if kind == "n":
            return self._anchored(other, unique, index)
        if kind == "d":
            topics = [word(product), word(other)]
            return made("SupplyChain", chain.DelegateSet, topics, word(self.count), index)
        if product not in self.seqs:
            self.custodians[product] = other % PEOPLE
            return self._recorded(product, unique, index)
        return getattr(self, f"_{kind}")(product, other, unique, index)

    def _actor(self, kind: str, who: int, index: int) -> Log | None:
        if kind == "a" and who not in self.actors:
            self.actors.add(who)
            text = (1).to_bytes(32, "big") + b"x".ljust(32, b"\0")
            data = word(64) + word(128) + text + text
            return made("ActorRegistry", ActorRegistered, [word(who), word(1)], data, index)
        if kind == "b" and who in self.actors:
            self.actors.remove(who)
            return made("ActorRegistry", ActorRevoked, [word(who)], b"", index)
        return None

    def _device(self, kind: str, who: int, number: int, unique: bytes, index: int) -> Log | None:
        """Of the same addresses as the actors: one may be both."""
        known = self.devices.get(who)
        if kind == "g" and known is None:
            until = (1 << 64) - 1 - number
            self.devices[who] = device_state(calibration_hash=unique, valid_until=(1 << 63) - 1)
            data = word(7) + word(until) + word(0) + word(number)
            return made(
                "DeviceRegistry", devices.DeviceRegistered, [word(who), unique], data, index
            )
        if kind == "g" or known is None or known["revoked_since"] is not None:
            return None
        if kind == "k":
            known |= {"calibration_hash": unique, "valid_until": 100 + number}
            topics, data = [word(who), unique], word(100 + number)
            return made("DeviceRegistry", devices.DeviceCalibrated, topics, data, index)
        if kind == "v":
            known["revoked_since"] = self.count
            return made(
                "DeviceRegistry", devices.DeviceRevoked, [word(who)], word(self.count), index
            )
        subject = name(number) if number else bytes(32)
        known["subject"] = subject if number else None
        return made("DeviceRegistry", devices.DeviceBound, [word(who), subject], b"", index)

    def _anchored(self, publisher: int, unique: bytes, index: int) -> Log:
        before = self.tips.get(publisher, bytes(32))
        count = int.from_bytes(before[:8], "big") + 1
        leaf = keccak256(unique + word(7) + unique)
        self.tips[publisher] = count.to_bytes(8, "big") + keccak256(before + leaf)[8:]
        data = unique + word(count) + word(7)
        return made("AnchorLog", EventsAnchored, [word(publisher), unique], data, index)

    def _recorded(self, product: int, unique: bytes, index: int) -> Log:
        topics = [name(product), word(self.custodians[product]), unique]
        return made("SupplyChain", chain.EventRecorded, topics, self._next(product, 2), index)

    def _r(self, product: int, _other: int, unique: bytes, index: int) -> Log:
        return self._recorded(product, unique, index)

    def _h(self, product: int, other: int, unique: bytes, index: int) -> Log | None:
        if product in self.parents or any(self.levels.get(p) for p in self._within(product)):
            return None
        topics = [name(product), word(self.custodians[product]), word(other % PEOPLE)]
        for inside in self._within(product):
            self.custodians[inside] = other % PEOPLE
        data = unique + self._next(product)
        return made("SupplyChain", chain.CustodyTransferred, topics, data, index)

    def _p(self, product: int, other: int, unique: bytes, index: int) -> Log | None:
        same = self.custodians.get(other) == self.custodians[product]
        if not same or product in self.parents or product in self._above(other):
            return None
        if len(self._above(other)) + self._height(product) > LEVELS:
            return None
        self.parents[product] = other
        return self._packing(chain.ProductPacked, product, other, unique, index)

    def _u(self, product: int, _other: int, unique: bytes, index: int) -> Log | None:
        if product not in self.parents:
            return None
        parent = self.parents.pop(product)
        return self._packing(chain.ProductUnpacked, product, parent, unique, index)

    def _packing(self, event, product: int, parent: int, unique: bytes, index: int) -> Log:
        data = word(self.custodians[product]) + self._next(product)
        topics = [name(product), name(parent), unique]
        return made("SupplyChain", event, topics, data, index)

    def _c(self, product: int, other: int, unique: bytes, index: int) -> Log:
        self.levels[product] = level = 1 + other % 3
        topics = [name(product), word(9), unique]
        return made("SupplyChain", chain.ProductRecalled, topics, self._next(product, level), index)

    def _l(self, product: int, _other: int, unique: bytes, index: int) -> Log | None:
        if not self.levels.get(product):
            return None
        self.levels[product] = 0
        topics = [name(product), word(9), unique]
        return made("SupplyChain", chain.RecallClosed, topics, self._next(product), index)

    def _x(self, product: int, other: int, unique: bytes, index: int) -> Log:
        seq = 1 + other % self.seqs[product]
        topics = [name(product), word(self.custodians[product]), unique]
        data = self._next(product, seq)
        return made("SupplyChain", chain.EventCorrected, topics, data, index)

    def _o(self, product: int, other: int, unique: bytes, index: int) -> Log:
        topics = [name(product), word(self.custodians[product]), word(other)]
        data = unique + word(self.count) + word((1 << 64) - 1) + unique
        return made("SupplyChain", chain.HandoverOffered, topics, data, index)

    def _e(self, product: int, other: int, _unique: bytes, index: int) -> Log:
        ends = (chain.HandoverRejected, chain.HandoverCancelled, chain.HandoverExpired)
        topics = [name(product), word(self.custodians[product]), word(other)]
        return made("SupplyChain", ends[other % 3], topics, b"", index)

    def _next(self, product: int, *last: int) -> bytes:
        self.seqs[product] = seq = self.seqs.get(product, 0) + 1
        return b"".join(map(word, (seq, 1000 + self.count, *last)))

    def _within(self, product: int) -> list[int]:
        children = [child for child, parent in self.parents.items() if parent == product]
        return [product, *(inside for child in children for inside in self._within(child))]

    def _above(self, product: int) -> list[int]:
        parent = self.parents.get(product)
        return [product] if parent is None else [product, *self._above(parent)]

    def _height(self, product: int) -> int:
        children = [child for child, parent in self.parents.items() if parent == product]
        return 1 + max((self._height(child) for child in children), default=0)


def device_state(**values: object) -> dict[str, object]:
    return {"revoked_since": None, "subject": None, **values}


def name(product: int) -> bytes:
    return keccak256(b"p%d" % product)


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def made(contract: str, event, topics: list[bytes], data: bytes, index: int) -> Log:
    tx_hash = TxHash(keccak256(data + bytes([index])))
    return Log(PLACES[contract], (event.TOPIC0, *topics), data, tx_hash, index)
