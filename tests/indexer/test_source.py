"""What a chain may make us undo.

given a mirror with a final block, before a node whose head is old and of another branch
├── that left below the final block: refused, nothing is undone
└── that left at it: what followed is undone
given a node that answers for one block at a time
└── and changes its branch between two of them: no block is handed on without its parent
"""

import random

import pytest

from core.config import ChainSettings
from core.crypto import to_hash
from core.errors import RpcUnavailable, SourceLied
from indexer.model import Reorg, Tip
from indexer.source import Source
from tests.indexer.simulated.tree import Node, Tree, lineage


class _Headers:
    """A node that has one head, and a branch of which it is the end."""

    def __init__(self, head: Node) -> None:
        self._branch = [node.header for node in lineage(head)]

    async def header(self, tag: str):
        return self._branch[-1 if tag == "latest" else int(tag, 16)]


def _mined(tree: Tree, parent: Node, count: int) -> Node:
    for _ in range(count):
        parent = tree.mine(parent, random.Random(len(tree.nodes)))
    return parent


async def _first_chunk(left_at: int):
    tree = Tree()
    ours = _mined(tree, tree.genesis, 6)
    held = lineage(ours)
    old = _mined(tree, held[left_at], 1)

    async def hash_at(number: int):
        return held[number].block.hash

    source = Source(_Headers(old), ChainSettings(), hash_at)  # type: ignore[arg-type]
    tip = Tip(6, to_hash(ours.header["hash"]), finalized=3)
    return held, await anext(source.stream(tip, None))  # type: ignore[arg-type,call-overload]


async def test_what_is_final_is_not_undone() -> None:
    with pytest.raises(SourceLied, match="block 2 contradicts block 3, which was final"):
        await _first_chunk(left_at=1)
    with pytest.raises(SourceLied, match="contradicts block 3, which was final"):
        await _first_chunk(left_at=2)


async def test_what_follows_it_is() -> None:
    held, chunk = await _first_chunk(left_at=3)
    assert chunk == [Reorg(3, held[3].block.hash)]


class _Turning(_Headers):
    """Refuses ranges, and stands on another branch once it told of a block."""

    def __init__(self, before: Node, after: Node) -> None:
        super().__init__(before)
        self._nodes, self._after = lineage(before), lineage(after)

    async def range(self, first: int, count: int):
        if count > 1:
            raise RpcUnavailable("too many blocks")
        block = self._nodes[first].block
        self._nodes = self._after
        self._branch = [node.header for node in self._nodes]
        return [block], 1


async def test_parts_of_a_refused_range_link() -> None:
    tree = Tree()
    before, after = (_mined(tree, tree.genesis, count) for count in (2, 3))
    tip = Tip(0, to_hash(tree.genesis.header["hash"]), finalized=0)

    async def hash_at(number: int):
        return tree.genesis.block.hash if number == 0 else None

    settings = ChainSettings(log_range=2)
    source = Source(_Turning(before, after), settings, hash_at)  # type: ignore[arg-type]
    chunk = await anext(source.stream(tip, None))  # type: ignore[arg-type,call-overload]
    assert chunk == [node.block for node in lineage(after)[1 : len(chunk) + 1]]
