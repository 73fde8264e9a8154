"""Blocks by time, without an index: their times grow with their numbers."""

from sqlalchemy import func
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import Block


async def first_block_after(snapshot: Snapshot, seconds: int) -> int:
    """The number after that of the last block made up to a moment, Unix seconds; 0 if none was."""
    [last] = await snapshot.all(select(func.max(Block.number)))
    low, high = 0, -1 if last is None else last
    while low <= high:
        middle = (low + high) // 2
        block = await snapshot.first(
            select(Block).where(col(Block.number) >= middle).order_by(col(Block.number))
        )
        if block is not None and block.timestamp <= seconds:
            low = block.number + 1
        else:
            high = middle - 1
    return low
