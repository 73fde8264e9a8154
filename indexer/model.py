"""What a chain can tell us: a closed union, so that nobody downstream can forget a reorg."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from core.types import Address, BlockHash, TxHash


class Log(NamedTuple):
    """One log of one of our contracts, proven to be in its block.

    `tx_hash` is the only part the receipts root does not commit to; it is checked against the
    block's transaction list as the source gives it.
    """

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    tx_hash: TxHash
    log_index: int
    """Its place among all logs of the block."""


log_of: Final[Callable[[tuple[Address, tuple[bytes, ...], bytes, TxHash, int]], Log]] = partial(
    tuple.__new__, Log
)
"""A log from its five values at a third of the price."""


@dataclass(frozen=True, slots=True)
class Block:
    """The next block. Blocks are linked, parent hash to hash, from the tip the reader gave."""

    number: int
    hash: BlockHash
    parent_hash: BlockHash
    timestamp: int
    """Unix seconds."""
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class Reorg:
    """Blocks above `number` are no longer canonical; `hash` is what stands at `number`."""

    number: int
    hash: BlockHash


@dataclass(frozen=True, slots=True)
class Finalized:
    """Blocks up to `number` can no longer change. Never more than what was delivered."""

    number: int


Event: TypeAlias = Block | Reorg | Finalized


@dataclass(frozen=True, slots=True)
class Tip:
    """How far a mirror has come."""

    number: int
    hash: BlockHash
    finalized: int
