"""How far the mirror has come, and what it was made from."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Checkpoint(SQLModel, table=True):
    """One row: how far the mirror has come. Written in the same transaction as the rows."""

    __tablename__ = "checkpoint"
    __table_args__ = (CHAIN,)
    chain_id: int = big(primary_key=True)
    block_number: int = big()
    block_hash: bytes = blob()
    finalized_number: int = big()
    reorg_epoch: int = big(default=0)
    """Grows by one with every reorg, so caches keyed by block height cannot go stale."""
    genesis_hash: bytes = blob()
    deployment: bytes = blob()
    """SHA-256 over the contract addresses this is a mirror of; another chain is refused."""
    digest_sum: bytes = blob(default=b"")
    """The multiset hash behind the last block's `state_digest`, 2048 bytes (indexer/digest.py)."""


class Block(SQLModel, table=True):
    """A canonical block that the mirror has applied."""

    __tablename__ = "block"
    __table_args__ = (CHAIN,)
    number: int = big(primary_key=True)
    hash: bytes = blob()
    parent_hash: bytes = blob()
    timestamp: int = big()
    """Unix seconds."""
    state_digest: bytes = blob()
    """SHA-256 of the multiset hash over all derived rows as of this block; equal in every honest
    mirror, and a scan of the tables gives it again."""


class Log(SQLModel, table=True):
    """A raw log of our contracts, kept for re-deriving; `orphaned` marks a lost fork."""

    __tablename__ = "log"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    block_hash: bytes = blob(primary_key=True)
    address: bytes = blob()
    topics: bytes = blob()
    """Topics concatenated, 32 bytes each."""
    data: bytes = blob()
    tx_hash: bytes = blob()
    orphaned: bool = False


class OrphanedBlock(SQLModel, table=True):
    """A block that was mirrored and lost its place in the chain; it leaves when it comes back."""

    __tablename__ = "orphaned_block"
    __table_args__ = (Index("ix_orphaned_block_number", "number", "hash"), CHAIN)
    hash: bytes = blob(primary_key=True)
    number: int = big()
    parent_hash: bytes = blob()
    timestamp: int = big()
    """Unix seconds."""
    state_digest: bytes = blob()
    """As it was while the block stood."""
    orphaned_at: int = big()
    """Unix milliseconds of our clock; the chain does not tell."""


class OrphanedRow(SQLModel, table=True):
    """A derived row that went with its block, as it stood: what a reorganisation took back."""

    __tablename__ = "orphaned_row"
    __table_args__ = (CHAIN,)
    block_hash: bytes = blob(primary_key=True)
    position: int = big(primary_key=True)
    """Facts by table and place in the block."""
    table_name: str = text()
    content: str = text()
    """Its columns as RFC 8785 JSON: bytes as 0x-hex, integers as decimal text."""


class UnknownLog(SQLModel, table=True):
    """A log of our contracts that no decoder understood: kept and counted, never dropped."""

    __tablename__ = "unknown_log"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    reason: str = text()
