"""The mirror in SQL: blocks applied and undone in one transaction, checkpoint inside.

Killed at any point, the database holds a whole number of blocks and the checkpoint says which.
Each transaction moves the checkpoint from where this process left it, so a second writer can
never interleave.
"""

from collections.abc import Sequence
from typing import Any

from psycopg.errors import CheckViolation
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from core.db import Database
from core.db.partitions import PartitionMissing, make_room
from core.errors import Operator, SourceLied
from core.telemetry.traces import span
from core.types import BlockHash
from indexer import rows
from indexer.derive import decode_block
from indexer.digest import StateDigest
from indexer.model import Block, Event, Tip
from indexer.registry import Registry
from indexer.statements import insert
from indexer.transaction import Applied, SecondWriter, Transaction

__all__ = ["Applied", "OtherChain", "SecondWriter", "Store"]

_BLOCK = rows.Block.table.c


class OtherChain(Operator):
    """The database mirrors another chain, or other contracts on it."""

    code = "other_chain"
    hint_default = (
        "Start anew with `sr360 up --reset`, or give each chain its own SR360_STATE_DIR, and its "
        "own SR360_DB__URL if that is set."
    )


class Store:
    """Synchronous; the caller runs it in a thread, one call at a time."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    def tip(self) -> Tip | None:
        """Where the mirror stands; None before `start`."""
        with self._database.read_session() as session:
            found = _checkpoint(session.connection())
        return (
            None
            if found is None
            else Tip(found.block_number, found.block_hash, found.finalized_number)
        )

    def start(self, genesis: BlockHash, base: Block) -> Tip:
        """The tip to go on from; on an empty database that is `base`, the block before ours.

        Raises:
            OtherChain: genesis or contracts are not those the database was filled from.
        """
        with self._database.write_session() as session:
            connection = session.connection()
            found = _checkpoint(connection)
            if found is None:
                begin(connection, self._registry, genesis, base)
                return Tip(base.number, base.hash, base.number)
        self._refuse_other_chain(found, genesis)
        return _tip(found)

    def hash_at(self, number: int) -> BlockHash | None:
        """The block we hold at a height."""
        with self._database.read_session() as session:
            found = session.scalar(select(_BLOCK.hash).where(_BLOCK.number == number))
            return None if found is None else BlockHash(found)

    def handle(self, tip: Tip, events: Sequence[Event]) -> tuple[Tip, Applied]:
        """Write a chunk of the stream in one transaction; the new tip.

        Raises:
            SecondWriter: the checkpoint is not at `tip` any more.
            SourceLied: a block's entries do not continue the histories we hold, or break another
                rule that the contracts keep.
            PartitionMissing: a partition was detached that blocks still go to, or none can be made.
        """
        with span("indexer.decode"):
            blocks = [event for event in events if isinstance(event, Block)]
            decoded = [decode_block(block, self._registry.decode) for block in blocks]
        try:
            with span("indexer.store"), self._database.write_connection() as connection:
                return Transaction(connection, tip, self._registry).run(events, decoded)
        except IntegrityError as error:
            if isinstance(error.orig, CheckViolation):  # no CHECK is ours: a row fits no partition
                raise PartitionMissing(str(error.orig)) from error
            raise SourceLied(
                f"blocks {events[0].number} to {events[-1].number} name something twice that "
                f"the contracts take once: {error.orig}"
            ) from error

    def _refuse_other_chain(self, found: Any, genesis: BlockHash) -> None:
        if found.genesis_hash != genesis:
            raise OtherChain(
                f"the database mirrors a chain that began with 0x{found.genesis_hash.hex()}, "
                f"the node's began with 0x{genesis.hex()}"
            )
        if found.deployment != self._registry.fingerprint:
            raise OtherChain("the database mirrors other contracts than the deployment file names")


def begin(connection: Connection, registry: Registry, genesis: BlockHash, base: Block) -> None:
    """Make an empty mirror one that stands at `base`."""
    digest = StateDigest.of(registry.fingerprint)
    digest.add_block(base, {})
    make_room(connection, base.number, base.number)
    block = rows.Block(base.number, base.hash, base.parent_hash, base.timestamp, digest.value)
    checkpoint = rows.Checkpoint(
        chain_id=registry.chain_id,
        block_number=base.number,
        block_hash=base.hash,
        finalized_number=base.number,
        reorg_epoch=0,
        genesis_hash=genesis,
        deployment=registry.fingerprint,
        digest_sum=digest.total,
    )
    insert(connection, [block, checkpoint])


def _tip(checkpoint: Any) -> Tip:
    return Tip(checkpoint.block_number, checkpoint.block_hash, checkpoint.finalized_number)


def _checkpoint(connection: Connection) -> Any:
    return connection.execute(select(rows.Checkpoint.table)).one_or_none()
