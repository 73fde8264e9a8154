"""From the logs of a block to its rows: a pure fold, shared by the store and by `verify`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.chain.bindings.supply_chain import (
    CustodyTransferred,
    EventCorrected,
    EventRecorded,
    ProductPacked,
    ProductRecalled,
    ProductUnpacked,
    RecallClosed,
)
from core.errors import Malformed
from core.types import Address
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.model import Block, Log
from indexer.registry import HANDLERS
from indexer.rows import Row

Decoder = Callable[[Log], Any]
_Entry = (
    EventRecorded
    | CustodyTransferred
    | EventCorrected
    | ProductPacked
    | ProductUnpacked
    | ProductRecalled
    | RecallClosed
)
"""What moves a product's head."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A block with its logs read: each an event, or the reason why not."""

    block: Block
    events: tuple[tuple[Log, Any], ...]


class World:
    """Current state by key, grown row by row."""

    def __init__(self, products: dict[bytes, Row], actors: dict[Address, Row]) -> None:
        self.products = products
        self.actors = actors

    @property
    def state(self) -> State:
        return State(self.products, self.actors)

    def take(self, made: Iterable[Row]) -> None:
        """Keep the state rows among `made`."""
        for row in made:
            if type(row) is rows.Product:
                self.products[row.product_id] = row
            elif type(row) is rows.Actor:
                self.actors[row.address] = row


def decode_block(block: Block, decode: Decoder) -> Decoded:
    """Read all logs; one that cannot be read becomes its Malformed error."""
    return Decoded(block, tuple((log, _read(log, decode)) for log in block.logs))


def touched(blocks: Iterable[Decoded]) -> tuple[set[bytes], set[Address]]:
    """Products and actors whose state the events build on."""
    products: set[bytes] = set()
    actors: set[Address] = set()
    for block in blocks:
        for _, event in block.events:
            if isinstance(event, _Entry):
                products.add(event.product_id)
            elif isinstance(event, ActorRegistered | ActorRevoked):
                actors.add(Address(event.actor))
    return products, actors


def derive(block: Decoded, world: World) -> list[Row]:
    """The rows of a block, in log order; `world` moves on with them.

    Raises:
        SourceLied: an entry does not follow its product's last one.
    """
    made: list[Row] = []
    for log, event in block.events:
        new = _handle(event, Place(block.block.number, log.index, log.tx_hash), world.state)
        world.take(new)
        made += new
    return made


def _read(log: Log, decode: Decoder) -> Any:
    try:
        return decode(log)
    except Malformed as error:
        return error


def _handle(event: Any, at: Place, state: State) -> list[Row]:
    handler = HANDLERS.get(type(event))
    try:
        if isinstance(event, Malformed):
            raise event
        return handler(event, at, state) if handler else []
    except Malformed as error:
        return [rows.UnknownLog(**at.key, reason=error.message)]
