"""The fold from logs to rows, as memory sees it.

a world that nobody holds any more
└── is gone at once, with its rows, however long no cycle is looked for
"""

import gc
import weakref

from core.types import BlockHash
from indexer import rows
from indexer.derive import World, decode_block, derive
from indexer.model import Block
from tests.indexer.world import REGISTRY
from tests.indexer.world import World as Story


def test_a_world_that_nobody_holds_is_gone_at_once() -> None:
    entry = Story().log(("r", 1, 1), 0)
    assert entry is not None
    block = Block(1, BlockHash(bytes(32)), BlockHash(bytes(32)), 1, (entry,))
    gc.disable()
    try:
        world = World({}, {})
        assert rows.Event in derive(decode_block(block, REGISTRY.decode), world)
        assert [type(row) for row in world.changed()] == [rows.Product]
        world.settle()
        seen = weakref.ref(world)
        del world
        assert seen() is None
    finally:
        gc.enable()
