"""The mirror as it should be, block by block."""

from collections import defaultdict
from collections.abc import Iterable

from core.types import Address
from indexer import rows
from indexer.batch import raw_logs
from indexer.derive import Decoded, World, derive
from indexer.digest import StateDigest, facts_of
from indexer.model import Block
from indexer.rows import Row


class Replay:
    """Takes blocks in order and gives the rows each leads to; keeps only current state."""

    def __init__(self, fingerprint: bytes) -> None:
        self.documents: dict[bytes, Row] = {}
        self._digest = StateDigest.of(fingerprint)
        self._world = World(dict[bytes, Row](), dict[Address, Row]())

    @property
    def digest(self) -> bytes:
        """The state digest after the last block."""
        return self._digest.value

    @property
    def products(self) -> dict[bytes, Row]:
        return self._world.products

    @property
    def states(self) -> dict[type, Iterable[Row]]:
        """The rows of every table of current state."""
        world = self._world
        return {
            rows.Product: world.products.values(),
            rows.Actor: world.actors.values(),
            rows.Device: world.devices.values(),
        }

    @property
    def anchors(self) -> dict[Address, Row]:
        """The last anchor of each publisher."""
        return self._world.anchors

    def base(self, block: Block) -> list[Row]:
        """The block before ours: its place in the chain, none of its logs."""
        self._digest.add_block(block, {})
        return [_block(block, self.digest)]

    def take(self, decoded: Decoded) -> list[Row]:
        """A block's facts. Raises SourceLied when entries do not follow each other."""
        block = decoded.block
        made = derive(decoded, self._world)
        for row in made.pop(rows.Document, ()):
            self.documents[row.data_hash] = rows.merged(self.documents.get(row.data_hash), row)
        self._digest.add_block(block, facts_of(made))
        self._digest.replace_states(*self._world.settle())
        facts = [row for group in made.values() for row in group]
        return [*facts, *raw_logs(block), _block(block, self.digest)]


def by_kind(found: Iterable[Row]) -> dict[type, list[Row]]:
    """Rows by their table."""
    grouped: dict[type, list[Row]] = defaultdict(list)
    for row in found:
        grouped[type(row)].append(row)
    return grouped


def _block(block: Block, state_digest: bytes) -> Row:
    return rows.Block(
        number=block.number,
        hash=block.hash,
        parent_hash=block.parent_hash,
        timestamp=block.timestamp,
        state_digest=state_digest,
    )
