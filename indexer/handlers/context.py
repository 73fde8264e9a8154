"""What a handler may look at besides its event."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from core.types import Address, TxHash
from indexer.rows import Row


class Place(NamedTuple):
    """Where an event stands in the chain."""

    block_number: int
    log_index: int
    tx_hash: TxHash

    @property
    def key(self) -> dict[str, int]:
        """The primary key of every history row."""
        return {"block_number": self.block_number, "log_index": self.log_index}


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
        """Everything a product contains, however deep, in one order everywhere."""
        found: list[bytes] = []
        for child in sorted(self.children.get(product_id, ())):
            found += [child, *self.inside(child)]
        return found
