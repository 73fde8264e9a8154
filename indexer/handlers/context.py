"""What a handler may look at besides its event."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from core.errors import SourceLied
from core.types import Address, TxHash
from indexer.rows import Row

DEEPEST: Final = 32
"""Far more than IPacking.MAX_HEIGHT allows to be packed in one another."""


class Place(NamedTuple):
    """Where an event stands in the chain."""

    block_number: int
    log_index: int
    tx_hash: TxHash

    @property
    def key(self) -> dict[str, int]:
        """The primary key of every history row."""
        return {"block_number": self.block_number, "log_index": self.log_index}


place_of: Final[Callable[[tuple[int, int, TxHash]], Place]] = partial(tuple.__new__, Place)
"""A place from its three values at three fifths of the price: each log has one."""


@dataclass(frozen=True, slots=True)
class State:
    """Current rows by key, before the event."""

    products: Mapping[bytes, Row]
    actors: Mapping[Address, Row]
    anchors: Mapping[Address, Row] = field(default_factory=dict)
    """The last anchor of each publisher."""
    devices: Mapping[Address, Row] = field(default_factory=dict)
    children: Mapping[bytes, Set[bytes]] = field(default_factory=dict)
    """What each product contains, one level deep."""

    def inside(self, product_id: bytes) -> list[bytes]:
        """Everything a product contains, however deep, in one order everywhere.

        Raises:
            SourceLied: it contains itself, which contracts refuse.
        """
        return list(self._inside(product_id, DEEPEST))

    def _inside(self, product_id: bytes, deep: int) -> Iterator[bytes]:
        if not deep:
            raise SourceLied(f"product 0x{product_id.hex()} is packed deeper than contracts allow")
        for child in sorted(self.children.get(product_id, ())):
            yield child
            yield from self._inside(child, deep - 1)
