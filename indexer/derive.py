"""From the logs of a block to its rows: a pure fold, shared by the store and by `verify`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias, get_args

from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.chain.bindings.anchor_log import EventsAnchored
from core.chain.bindings.device_registry import (
    DeviceBound,
    DeviceCalibrated,
    DeviceRegistered,
    DeviceRevoked,
)
from core.chain.bindings.supply_chain import CustodyTransferred
from core.chain.proof.logs import History
from core.errors import Malformed
from core.types import Address
from indexer import rows
from indexer.handlers.context import Place, State, place_of
from indexer.model import Block, Log
from indexer.registry import HANDLERS
from indexer.rows import Row

Decoder = Callable[[Log], Any]
Made: TypeAlias = dict[Any, list[Row]]
"""By table, the rows of one block in log order: facts, and documents they mention."""

_HISTORY: Final = frozenset(get_args(History))
_IDENTITY: Final = frozenset((ActorRegistered, ActorRevoked))
_OF_DEVICE: Final = frozenset((DeviceRegistered, DeviceCalibrated, DeviceRevoked, DeviceBound))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A block with its logs read: each an event, or the reason why not."""

    block: Block
    events: tuple[tuple[Log, Any], ...]


class World:
    """Current state by key, grown row by row.

    `replaced` holds what each state row that changed in a way the state digest covers was before,
    None for a new one, until `settle`.
    """

    def __init__(
        self,
        products: dict[bytes, Row],
        actors: dict[Address, Row],
        anchors: dict[Address, Row] | None = None,
        devices: dict[Address, Row] | None = None,
    ) -> None:
        self.products = products
        self.actors = actors
        self.anchors: dict[Address, Row] = anchors or {}
        self.devices: dict[Address, Row] = devices or {}
        self.children: dict[bytes, set[bytes]] = {}
        self.replaced: dict[tuple[type, bytes], Row | None] = {}
        self.state = State(self.products, self.actors, self.anchors, self.devices, self.children)
        self._given: dict[type, dict[Any, Row]] = {
            kind: dict(known) for kind, known in self._states().items()
        }
        for row in products.values():
            self._keep_place(row)

    def keepers(self) -> Mapping[Any, Callable[[Row], None]]:
        """For each table of state, how to take a row of it.

        Made when asked for: a world that held its own methods would be garbage in a cycle, with all
        its rows, until Python looks for such.
        """
        return {
            rows.Product: self._move,
            rows.Actor: partial(self._replace, self.actors),
            rows.Device: partial(self._replace, self.devices),
            rows.Anchor: self._anchor,
        }

    def changed(self) -> list[Row]:
        """State rows that are new or other than those this world began with, each as it is now."""
        return [
            row
            for kind, known in self._states().items()
            for key, row in known.items()
            if self._given[kind].get(key) is not row
        ]

    def settle(self) -> tuple[list[Row], list[Row]]:
        """State rows that went and that came since the last call, each key once, for the digest."""
        now = self._states()
        before = [row for row in self.replaced.values() if row is not None]
        after = [now[kind][key] for kind, key in self.replaced]
        self.replaced.clear()
        return before, after

    def _states(self) -> Mapping[type, dict[Any, Row]]:
        # one address may be an actor and a device
        return {rows.Product: self.products, rows.Actor: self.actors, rows.Device: self.devices}

    def _move(self, row: Row) -> None:
        product_id = row.product_id
        before = self.products.get(product_id)
        self.products[product_id] = row
        if before is not None and before[rows.PLACE] == row[rows.PLACE]:
            return  # nearly every entry: it is recorded where the product is
        self.replaced.setdefault((rows.Product, product_id), before)
        if before is not None and before.parent_id not in (None, row.parent_id):
            self.children[before.parent_id].discard(product_id)
        self._keep_place(row)

    def _replace(self, known: dict[Address, Row], row: Row) -> None:
        self.replaced.setdefault((type(row), row.address), known.get(row.address))
        known[row.address] = row

    def _anchor(self, row: Row) -> None:
        self.anchors[row.publisher] = row

    def _keep_place(self, row: Row) -> None:
        if row.parent_id is not None:
            self.children.setdefault(row.parent_id, set()).add(row.product_id)


def decode_block(block: Block, decode: Decoder) -> Decoded:
    """Read all logs; one that cannot be read becomes its Malformed error."""
    events = []
    for log in block.logs:
        try:
            events.append((log, decode(log)))
        except Malformed as error:
            events.append((log, error))
    return Decoded(block, tuple(events))


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose state events build on."""

    products: set[bytes] = field(default_factory=set)
    handed_over: set[bytes] = field(default_factory=set)
    """Products that take along what is packed in them; finding that is the store's work."""
    actors: set[Address] = field(default_factory=set)
    publishers: set[Address] = field(default_factory=set)
    devices: set[Address] = field(default_factory=set)


def touched(blocks: Iterable[Decoded]) -> Touched:
    """Whose state the events of these blocks build on."""
    found = Touched()
    for block in blocks:
        for _, event in block.events:
            kind = type(event)
            if kind in _HISTORY:
                found.products.add(event.product_id)
                if kind is CustodyTransferred:
                    found.handed_over.add(event.product_id)
            elif kind in _IDENTITY:
                found.actors.add(Address(event.actor))
            elif kind is EventsAnchored:
                found.publishers.add(Address(event.publisher))
            elif kind in _OF_DEVICE:
                found.devices.add(Address(event.device))
    return found


def derive(block: Decoded, world: World) -> Made:
    """The rows of a block but for its state rows, which `world` keeps.

    Raises:
        SourceLied: an entry does not follow its product's last one.
    """
    made: Made = defaultdict(list)
    number, state, keep = block.block.number, world.state, world.keepers()
    for log, event in block.events:
        at = place_of((number, log.log_index, log.tx_hash))
        try:
            found = HANDLERS.get(type(event), _unread)(event, at, state)
        except Malformed as error:
            found = [rows.UnknownLog(**at.key, reason=error.message)]
        for row in found:
            kind = type(row)
            if kind in keep:
                keep[kind](row)
            if kind not in _STATES:
                made[kind].append(row)
    return made


_STATES: Final = frozenset(rows.STATES)


def _unread(event: Any, _at: Place, _state: State) -> list[Row]:
    """Administration becomes no row. Raises the error that a log became."""
    if isinstance(event, Malformed):
        raise event
    return []
