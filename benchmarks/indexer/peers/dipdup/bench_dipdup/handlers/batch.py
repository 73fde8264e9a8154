from collections.abc import Iterable
from typing import Any

from bench_dipdup import models
from dipdup.context import HandlerContext

pending: list[Any] = []
SIZE = 2_000


async def batch(ctx: HandlerContext, handlers: Iterable[Any]) -> None:
    """DipDup's hook around the handlers of a block range."""
    pending.clear()
    for handler in handlers:
        await ctx.fire_matched_handler(handler)
    await models.Entry.bulk_create(pending, batch_size=SIZE)
