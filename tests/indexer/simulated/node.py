"""A node as the indexer sees it (`call`, `batch`), with all that can go wrong on the way."""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.chain.client import RpcFailed
from core.errors import RpcUnavailable
from tests.indexer.simulated.chain import Chain
from tests.indexer.simulated.lies import lie
from tests.indexer.simulated.tree import Node

Call = tuple[str, Sequence[Any]]


class FaultyNode:
    """Answers truly about `chain`, except when a die says otherwise.

    The tag `finalized` is believed by everybody who asks one node, so about it the node may be
    silent or late, never wrong.
    """

    def __init__(self, chain: Chain, random_: random.Random, rate: float) -> None:
        self._chain = chain
        self._random = random_
        self.rate = rate
        self.moves = 0.0
        """How likely the chain moves before an answer to a request."""
        self.faults_left: float = math.inf
        self.faults: Counter[str] = Counter()
        self._last: dict[str, Any] = {}

    async def call(self, method: str, *params: Any) -> Any:
        """One answer."""
        await self._travel()
        if self._moving():
            self._chain.move()
        return self._told(method, params)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Answers in the order of the calls, or so it should be."""
        if not calls:
            return []
        await self._travel()
        moves_at = self._random.randrange(len(calls)) if self._moving() else None
        answers = []
        for place, (method, params) in enumerate(calls):
            if place == moves_at:
                self._chain.move()
            answers.append(self._told(method, params))
        if len(answers) > 1 and self._strikes():
            return self._disorder(answers)
        return answers

    async def _travel(self) -> None:
        await asyncio.sleep(self._random.choice((0, 0, 0.01, 0.3)))
        if not self._strikes():
            return
        match self._count(self._random.choice(("dropped", "timed out", "truncated", "refused"))):
            case "timed out":
                await asyncio.sleep(10)
                raise RpcUnavailable("no answer within 10 s")
            case "refused":
                raise RpcFailed("limit exceeded", details={"code": -32005})
            case reason:
                raise RpcUnavailable(reason)

    def _told(self, method: str, params: Sequence[Any]) -> Any:
        honest = self._answer(method, params, self._chain.head)
        if not self._strikes():
            self._last[method] = honest
            return honest
        if params[:1] in (("finalized",), ("safe",)):
            return self._count("gap") and None
        return self._wrong(method, params, honest)

    def _wrong(self, method: str, params: Sequence[Any], honest: Any) -> Any:
        match self._count(self._random.choice(("gap", "stale", "repeated", "lie", "lie"))):
            case "gap":
                return None
            case "stale":
                return self._answer(method, params, self._random.choice(self._chain.heads))
            case "repeated":
                return self._last.get(method)
            case _:
                return lie(honest, self._random)

    def _disorder(self, answers: list[Any]) -> list[Any]:
        match self._count(self._random.choice(("reordered", "cut short", "doubled"))):
            case "reordered":
                return self._random.sample(answers, len(answers))
            case "cut short":
                return [*answers[:-1], None]
            case _:
                return [answers[0], *answers[:-1]]

    def _answer(self, method: str, params: Sequence[Any], head: Node) -> Any:
        match method, params:
            case "eth_chainId", _:
                return "0x7a69"
            case "eth_blockNumber", _:
                return hex(head.number)
            case "eth_getBlockByNumber", (tag, False):
                node = self._by_tag(tag, head)
                return node and node.header
            case "eth_getBlockByHash", (hash_, False):
                node = self._chain.tree.nodes.get(hash_)
                return node and node.header
            case "eth_getBlockReceipts", (which,):
                node = self._chain.tree.nodes.get(which) or self._by_tag(which, head)
                return node and node.receipts
        raise RpcFailed(f"the method {method} does not exist", details={"code": -32601})

    def _by_tag(self, tag: str, head: Node) -> Node | None:
        if tag in ("latest", "pending"):
            return head
        if tag in ("finalized", "safe"):
            return self._chain.final
        return self._chain.at(0 if tag == "earliest" else int(tag, 16), head)

    def _moving(self) -> bool:
        return self._random.random() < self.moves

    def _strikes(self) -> bool:
        if self.faults_left <= 0 or self._random.random() >= self.rate:
            return False
        self.faults_left -= 1
        return True

    def _count(self, fault: str) -> str:
        self.faults[fault] += 1
        return fault
