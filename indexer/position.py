"""Three small readings: the node's head, the mirror's, and how much is not ready in it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from core.chain.client import Rpc, to_int
from core.crypto import to_hash
from indexer import rows

_CHECKPOINT = rows.Checkpoint.table.c
_BLOCK = rows.Block.table.c
_DOCUMENT = rows.Document.table.c


@dataclass(frozen=True, slots=True)
class Head:
    """The node's newest block, as it says."""

    number: int
    hash: bytes
    timestamp: int
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The last block in the database."""

    number: int
    hash: bytes
    finalized: int
    timestamp: int
    """Unix seconds."""
    state_digest: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """How much could not be read, yet or at all."""

    pending: int
    quarantined: int
    unknown: int
    """Logs that no decoder understood."""


async def ask_head(rpc: Rpc) -> Head | None:
    """None if the node has no block. Raises RpcUnavailable, Malformed."""
    block: Any = await rpc.call("eth_getBlockByNumber", "latest", False)
    if not isinstance(block, dict):
        return None
    number, timestamp = to_int(block.get("number")), to_int(block.get("timestamp"))
    return Head(number, to_hash(block.get("hash")), timestamp)


def read_mirrored(session: Session) -> Mirrored | None:
    """Two rows by their keys; None before the first block."""
    query = select(
        _CHECKPOINT.block_number,
        _CHECKPOINT.block_hash,
        _CHECKPOINT.finalized_number,
        _BLOCK.timestamp,
        _BLOCK.state_digest,
    ).join(rows.Block.table, _BLOCK.number == _CHECKPOINT.block_number)
    found = session.execute(query).one_or_none()
    return None if found is None else Mirrored(*found)


def read_unread(session: Session) -> Unread:
    """Counts of index entries; what is ready is not visited."""
    unknown = select(func.count()).select_from(rows.UnknownLog.table)
    return Unread(
        pending=_count(session, "pending"),
        quarantined=_count(session, "quarantined"),
        unknown=session.execute(unknown).scalar_one(),
    )


def _count(session: Session, status: str) -> int:
    query = select(func.count()).select_from(rows.Document.table)
    return int(session.execute(query.where(_DOCUMENT.status == status)).scalar_one())
