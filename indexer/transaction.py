"""One transaction of the mirror: blocks applied and undone, the checkpoint moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import assert_never

from sqlalchemy import Connection

from core.db.partitions import make_room
from core.errors import Conflict
from indexer.batch import Batch
from indexer.derive import Decoded, derive
from indexer.digest import StateDigest
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.orphans import recall_orphans
from indexer.registry import Registry
from indexer.rows import Row
from indexer.statements import execute, returned, select_in
from indexer.undo import undo
from indexer.world import load_world


class SecondWriter(Conflict):
    """Another process moved the checkpoint."""

    code = "second_writer"
    hint_default = "Run one indexer per database; this one continues from the new checkpoint."


@dataclass(frozen=True, slots=True)
class Applied:
    """What a chunk of events did."""

    blocks: int = 0
    rows: int = 0
    documents: bool = False
    """Whether documents are waiting that were not before."""
    unknown: tuple[Row, ...] = ()
    """Rows of logs that no decoder understood."""


class Transaction:
    """One chunk of events on one connection, whose `chain` may be another schema."""

    def __init__(
        self, connection: Connection, tip: Tip, registry: Registry, *, raw: bool = True
    ) -> None:
        """Without `raw`, raw logs are not written: they are there already."""
        self._connection = connection
        self._tip = tip
        self._registry = registry
        self._raw = raw
        self._digest = StateDigest()
        self._epochs = 0
        self._applied = Applied()

    def run(self, events: Sequence[Event], decoded: list[Decoded]) -> tuple[Tip, Applied]:
        """Write events whose blocks were decoded; the new tip.

        Raises:
            SecondWriter, SourceLied: as `Store.handle`.
        """
        before = self._tip
        # The lock on the checkpoint row comes first: a second writer fails before it writes.
        self._digest = StateDigest(self._lock_checkpoint(before))
        for is_block, group in groupby(events, lambda event: isinstance(event, Block)):
            if is_block:
                count = sum(1 for _ in group)
                self._apply(decoded[:count])
                decoded = decoded[count:]
            else:
                for event in group:
                    self._turn(event)
        self._move_checkpoint(before, self._tip)
        return self._tip, self._applied

    def _turn(self, event: Event) -> None:
        match event:
            case Reorg():
                self._undo(event)
            case Finalized():
                self._tip = replace(self._tip, finalized=event.number)
            case Block():
                raise AssertionError("blocks are applied in groups")
            case _:
                assert_never(event)

    def _apply(self, blocks: list[Decoded]) -> None:
        world = load_world(self._connection, blocks)
        known = set(world.products)
        batch = Batch(copying=self._connection.dialect.name != "sqlite", raw=self._raw)
        digest = self._digest
        for decoded in blocks:
            block = decoded.block
            digest.add_block(block, batch.take(derive(decoded, world)))
            digest.replace_states(*world.settle())
            batch.take_block(block, digest.value)
        make_room(self._connection, blocks[0].block.number, blocks[-1].block.number)
        recall_orphans(self._connection, [decoded.block for decoded in blocks])
        batch.write(self._connection, world.changed())
        self._name_products(world.products.keys() - known)
        self._count(len(blocks), batch)
        last = blocks[-1].block
        self._tip = replace(self._tip, number=last.number, hash=last.hash)

    def _undo(self, reorg: Reorg) -> None:
        undo(self._connection, reorg.number, self._registry, self._digest)
        self._epochs += 1
        finalized = min(self._tip.finalized, reorg.number)
        self._tip = Tip(reorg.number, reorg.hash, finalized)

    def _name_products(self, product_ids: Collection[bytes]) -> None:
        """A document read earlier may already name a new product."""
        named = "SELECT DISTINCT product_id FROM chain.document_product WHERE product_id IN :ids"
        for (product_id,) in select_in(self._connection, named, product_ids):
            execute(
                self._connection,
                "UPDATE chain.product AS p SET uri = (SELECT min(d.uri) FROM chain.document_product"
                " AS d WHERE d.product_id = p.product_id) WHERE p.product_id = ?",
                product_id,
            )

    def _lock_checkpoint(self, at: Tip) -> bytes:
        """Hold the checkpoint's row until the transaction ends; the digest's sum there."""
        found = returned(
            self._connection,
            "UPDATE chain.checkpoint SET chain_id = chain_id WHERE chain_id = ? "
            "AND block_hash = ? RETURNING digest_sum",
            *(self._registry.chain_id, at.hash),
        )
        self._expect_one(len(found))
        return bytes(found[0].digest_sum)

    def _move_checkpoint(self, before: Tip, after: Tip) -> None:
        self._expect_one(
            execute(
                self._connection,
                "UPDATE chain.checkpoint SET block_number = ?, block_hash = ?, "
                "finalized_number = ?, reorg_epoch = reorg_epoch + ?, digest_sum = ? "
                "WHERE chain_id = ? AND block_hash = ?",
                *(after.number, after.hash, after.finalized, self._epochs, self._digest.total),
                *(self._registry.chain_id, before.hash),
            )
        )

    def _expect_one(self, moved: int) -> None:
        if moved != 1:
            raise SecondWriter("another process moved the checkpoint")

    def _count(self, blocks: int, batch: Batch) -> None:
        self._applied = Applied(
            self._applied.blocks + blocks,
            self._applied.rows + batch.count,
            self._applied.documents or bool(batch.documents),
            self._applied.unknown + tuple(batch.unknown),
        )
