"""What can no longer change: the chain's own tag, asked seldom, or a depth."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from core.chain.client import NOT_KNOWN, RpcFailed, to_int
from core.config import ChainSettings
from core.crypto import to_hash
from core.errors import Retryable
from core.types import BlockHash
from indexer.fetch import Fetcher
from indexer.model import Finalized, Tip

log = structlog.get_logger()

EVERY_BLOCKS: Final = 32
"""An epoch of Ethereum. With header and receipts, a block at the head costs 2.03 calls."""
EVERY_S: Final = 12.0
DEPTH_WITHOUT_TAG: Final = 64


class Finality:
    """Follows the finalised block at as few questions as will do.

    The tag is asked for every 32 blocks, and when the chain is idle after a block: then no
    question about a block is kept waiting.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        settings: ChainSettings,
        hash_at: Callable[[int], Awaitable[BlockHash | None]],
    ) -> None:
        self._fetcher = fetcher
        self._tag = settings.finality_tag
        self._depth = settings.finality_depth
        self._hash_at = hash_at
        self._asked_at_block: int | None = None
        self._asked_at_s = 0.0

    async def of(self, tip: Tip, *, idle: bool) -> Finalized | None:
        """What has become final of what the mirror holds; None if nothing has."""
        if self._depth is not None:
            number = tip.number - self._depth
        elif self._is_due(tip, idle):
            number = await self._tagged(tip)
        else:
            return None
        number = min(number, tip.number)
        return Finalized(number) if number > tip.finalized else None

    def _is_due(self, tip: Tip, idle: bool) -> bool:
        asked = self._asked_at_block
        if asked is None or tip.number - asked >= EVERY_BLOCKS:
            return True
        waited = time.monotonic() - self._asked_at_s > EVERY_S and tip.finalized < tip.number
        return idle and (tip.number != asked or waited)

    async def _tagged(self, tip: Tip) -> int:
        self._asked_at_block, self._asked_at_s = tip.number, time.monotonic()
        try:
            block = await self._fetcher.header(self._tag)
        except RpcFailed as error:
            if error.details.get("code") in NOT_KNOWN:
                self._depth = DEPTH_WITHOUT_TAG
                log.warning(
                    "the chain has no such tag: a depth counts as final",
                    tag=self._tag,
                    depth=self._depth,
                    hint="Set SR360_CHAIN__FINALITY_DEPTH to what this chain's finality is.",
                )
            return tip.finalized
        except Retryable as error:  # being late with this harms nobody
            log.info("asking later", tag=self._tag, code=error.code, reason=error.message)
            return tip.finalized
        if block is None or await self._hash_at(to_int(block["number"])) != to_hash(block["hash"]):
            return tip.finalized
        return to_int(block["number"])
