"""The mirror as it should be, rebuilt in memory."""

from collections import defaultdict
from typing import Any

from core.types import Address
from indexer import rows
from indexer.derive import Decoder, World, decode_block, derive
from indexer.model import Block
from indexer.rows import Row
from indexer.store import raw_logs
from indexer.verify.snapshot import key_of

Tables = dict[str, dict[tuple[Any, ...], Row]]


class Replay:
    """Takes blocks in order; `tables` then holds every row a mirror of them must have."""

    def __init__(self, decode: Decoder, state_digest: bytes) -> None:
        self.tables: Tables = defaultdict(dict)
        self._decode = decode
        self._world = World(dict[bytes, Row](), dict[Address, Row]())
        self._digest = state_digest

    def base(self, block: Block) -> None:
        """The block before ours: its place in the chain, none of its logs."""
        self._keep(_block(block, self._digest))

    def take(self, block: Block) -> None:
        """Derive a block. Raises SourceLied when entries do not follow each other."""
        derived = derive(decode_block(block, self._decode), self._world)
        self._digest = rows.digest(self._digest, block.hash, derived)
        for row in [*derived, *raw_logs(block), _block(block, self._digest)]:
            self._keep(row)

    def _keep(self, row: Row) -> None:
        table = self.tables[type(row).table.name]
        if type(row) is rows.Document:
            table[key_of(row)] = rows.merged(table.get(key_of(row)), row)
        else:
            table[key_of(row)] = row


def _block(block: Block, state_digest: bytes) -> Row:
    return rows.Block(
        number=block.number,
        hash=block.hash,
        parent_hash=block.parent_hash,
        timestamp=block.timestamp,
        state_digest=state_digest,
    )
