from typing import Any

from bench_dipdup import models
from bench_dipdup.handlers.batch import pending
from dipdup.context import HandlerContext


async def on_event(ctx: HandlerContext, event: Any) -> None:
    """One row; written with the others of its batch."""
    data, payload = event.data, event.payload
    hash_ = getattr(payload, "dataHash", None) or getattr(payload, "noticeHash", None)
    pending.append(
        models.Entry(
            block=data.level,
            log_index=data.log_index,
            tx_hash=data.transaction_hash,
            name=type(payload).__name__.removesuffix("Payload"),
            product_id=text(payload.productId),
            actor=text(getattr(payload, "actor", None) or payload.from_),
            data_hash=None if hash_ is None else text(hash_),
        )
    )


def text(value: str | bytes) -> str:
    """0x-hex, whether DipDup decoded to bytes or to text."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if value.startswith("0x") else "0x" + value
