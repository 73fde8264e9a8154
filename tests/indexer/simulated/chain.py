"""The chain as it moves: grows, forks above what is final, and makes blocks final."""

import random

from tests.indexer.simulated.tree import Node, Tree, lineage


class Chain:
    """A tree of forks and which of them is canonical now.

    With a finality depth, what lies that deep below the highest block ever seen stays; without
    one, what was declared final stays.
    """

    def __init__(self, random_: random.Random, depth: int | None) -> None:
        self._random = random_
        self._depth = depth
        self.tree = Tree()
        self.head = self.final = self.tree.genesis
        self.heads = [self.head]
        """Every head there ever was: what a node that lags may still believe."""
        self._highest = 0
        self.forks = 0
        self.deepest = 0

    @property
    def floor(self) -> int:
        """Blocks up to this number never change."""
        if self._depth is None:
            return self.final.number
        return max(self._highest - self._depth, 0)

    def move(self) -> None:
        """One random step."""
        kind = self._random.choices(("extend", "fork", "finalize"), (6, 3, 2))[0]
        if kind == "finalize" and self._depth is None:
            self.final = self._random.choice(lineage(self.head)[self.final.number :])
            return
        if kind == "fork":
            self._fork()
        self._extend(self._random.choice((1, 1, 1, 2, 5)))
        self.heads.append(self.head)

    def at(self, number: int, head: Node) -> Node | None:
        """The ancestor of `head` at a height."""
        if number > head.number:
            return None
        while head.number > number:
            assert head.parent is not None
            head = head.parent
        return head

    def _fork(self) -> None:
        if self.head.number <= self.floor:
            return
        ancestor = self.at(self._random.randrange(self.floor, self.head.number), self.head)
        assert ancestor is not None
        self.forks += 1
        self.deepest = max(self.deepest, self.head.number - ancestor.number)
        self.head = ancestor

    def _extend(self, blocks: int) -> None:
        for _ in range(blocks):
            self.head = self.tree.mine(self.head, self._random)
        self._highest = max(self._highest, self.head.number)
