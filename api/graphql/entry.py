"""What all history entries share: their place in the chain and how far they have come."""

from datetime import UTC, datetime
from typing import Any

import strawberry

from api.graphql.context import Info
from api.graphql.enums import EntryState
from api.graphql.scalars import Long


@strawberry.interface(description="Something a contract logged.")
class Entry:
    row: strawberry.Private[Any]
    block_number: Long
    log_index: int

    @strawberry.field(description="When its block was made, Unix seconds.")
    async def block_timestamp(self, info: Info) -> Long | None:
        block = await info.context.load.block.load(self.row.block_number)
        return Long(block.timestamp) if block else None

    @strawberry.field(description="RECORDED while its block could still be reorganised away.")
    async def state(self, info: Info) -> EntryState:
        meta = await info.context.snapshot.meta()
        return EntryState.FINAL if meta.is_final(self.row.block_number) else EntryState.RECORDED


def utc_text(milliseconds: int) -> str | None:
    """RFC 3339 text, or None for a time no calendar holds."""
    try:
        at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return at.isoformat().replace("+00:00", "Z")
