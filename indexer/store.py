"""The mirror in SQL: blocks applied and undone in one transaction, checkpoint inside.

Killed at any point, the database holds a whole number of blocks and the checkpoint says which.
Each transaction moves the checkpoint from where this process left it, so a second writer can
never interleave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, assert_never

from sqlalchemy import Connection, select
from sqlmodel import Session

from core.db import Database
from core.db.chain_tables import Checkpoint
from core.errors import Conflict, Operator
from core.telemetry.traces import span
from core.types import Address, BlockHash
from indexer import rows
from indexer.derive import Decoded, World, decode_block, derive, touched
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.registry import Registry
from indexer.rows import Row
from indexer.statements import execute, insert
from indexer.undo import undo

_BLOCK = rows.Block.table.c
_ANCHOR = rows.Anchor.table.c


class OtherChain(Operator):
    """The database mirrors another chain, or other contracts on it."""

    code = "other_chain"
    hint_default = "Start anew with `sr360 up --reset`, or give each chain its own SR360_STATE_DIR."


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
                self._begin(connection, genesis, base)
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
            SourceLied: a block's entries do not continue the histories we hold.
        """
        with span("indexer.decode"):
            blocks = [event for event in events if isinstance(event, Block)]
            decoded = [decode_block(block, self._registry.decode) for block in blocks]
        with span("indexer.store"), self._database.write_session() as session:
            return _Transaction(session, tip, self._registry).run(events, decoded)

    def _begin(self, connection: Connection, genesis: BlockHash, base: Block) -> None:
        digest = self._registry.fingerprint
        insert(connection, [_block(base, digest)])
        checkpoint = Checkpoint(
            chain_id=self._registry.chain_id,
            block_number=base.number,
            block_hash=base.hash,
            finalized_number=base.number,
            genesis_hash=genesis,
            deployment=digest,
        )
        connection.execute(Checkpoint.__table__.insert(), checkpoint.model_dump())  # type: ignore[attr-defined]

    def _refuse_other_chain(self, found: Any, genesis: BlockHash) -> None:
        if found.genesis_hash != genesis:
            raise OtherChain(
                f"the database mirrors a chain that began with 0x{found.genesis_hash.hex()}, "
                f"the node's began with 0x{genesis.hex()}"
            )
        if found.deployment != self._registry.fingerprint:
            raise OtherChain("the database mirrors other contracts than the deployment file names")


class _Transaction:
    """One chunk of events on one connection."""

    def __init__(self, session: Session, tip: Tip, registry: Registry) -> None:
        self._connection = session.connection()
        self._tip = tip
        self._registry = registry
        self._epochs = 0
        self._applied = Applied()

    def run(self, events: Sequence[Event], decoded: list[Decoded]) -> tuple[Tip, Applied]:
        before = self._tip
        # The lock on the checkpoint row comes first: a second writer fails before it writes.
        self._move_checkpoint(before, before)
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
        state_digest = self._digest_at(self._tip.number)
        made: list[Row] = []
        for decoded in blocks:
            block = decoded.block
            derived = derive(decoded, world)
            state_digest = rows.digest(state_digest, block.hash, derived)
            made += derived
            made += raw_logs(block)
            made.append(
                rows.Block(
                    block.number, block.hash, block.parent_hash, block.timestamp, state_digest
                )
            )
        insert(self._connection, last_states(made))
        self._name_products(world.products.keys() - known)
        self._count(len(blocks), made)
        last = blocks[-1].block
        self._tip = replace(self._tip, number=last.number, hash=last.hash)

    def _undo(self, reorg: Reorg) -> None:
        undo(self._connection, reorg.number, self._registry)
        self._epochs += 1
        finalized = min(self._tip.finalized, reorg.number)
        self._tip = Tip(reorg.number, reorg.hash, finalized)

    def _name_products(self, product_ids: Iterable[bytes]) -> None:
        """A document read earlier may already name a new product."""
        for product_id in product_ids:
            execute(
                self._connection,
                "UPDATE chain.product AS p SET uri = (SELECT min(d.uri) FROM chain.document_product"
                " AS d WHERE d.product_id = p.product_id) WHERE p.product_id = ?",
                product_id,
            )

    def _digest_at(self, number: int) -> bytes:
        query = select(_BLOCK.state_digest).where(_BLOCK.number == number)
        return bytes(self._connection.execute(query).scalar_one())

    def _move_checkpoint(self, before: Tip, after: Tip) -> None:
        moved = execute(
            self._connection,
            "UPDATE chain.checkpoint SET block_number = ?, block_hash = ?, finalized_number = ?, "
            "reorg_epoch = reorg_epoch + ? WHERE chain_id = ? AND block_hash = ?",
            *(after.number, after.hash, after.finalized, self._epochs),
            *(self._registry.chain_id, before.hash),
        )
        if moved != 1:
            raise SecondWriter("another process moved the checkpoint")

    def _count(self, blocks: int, made: list[Row]) -> None:
        self._applied = Applied(
            self._applied.blocks + blocks,
            self._applied.rows + len(made),
            self._applied.documents or any(type(row) is rows.Document for row in made),
            self._applied.unknown + tuple(row for row in made if type(row) is rows.UnknownLog),
        )


def load_world(connection: Connection, blocks: list[Decoded]) -> World:
    """The current rows of everything the blocks touch."""
    wanted = touched(blocks)
    found_products = _with_contents(
        connection, _load(connection, rows.Product, "product_id", wanted.products)
    )
    found_devices = _load(connection, rows.Device, "address", wanted.devices)
    found_actors = _load(connection, rows.Actor, "address", wanted.actors)
    return World(
        # uri comes from documents and must not enter a digest
        {row.product_id: row._replace(uri=None) for row in found_products},
        {Address(row.address): row for row in found_actors},
        {
            publisher: row
            for publisher in wanted.publishers
            if (row := _anchor(connection, publisher))
        },
        {Address(row.address): row for row in found_devices},
    )


def _anchor(connection: Connection, publisher: Address) -> Row | None:
    """The last anchor of a publisher."""
    mine = select(rows.Anchor.table).where(_ANCHOR.publisher == publisher)
    found = connection.execute(mine.order_by(_ANCHOR.index.desc()).limit(1)).one_or_none()
    return None if found is None else rows.Anchor(*found)


def _with_contents(connection: Connection, products: list[Row]) -> list[Row]:
    """These rows and those of everything packed in them: a handover moves all of it."""
    known = {row.product_id: row for row in products}
    layer: set[bytes] = set(known)
    while layer:
        inside = {
            row.product_id: row for row in _load(connection, rows.Product, "parent_id", layer)
        }
        layer = inside.keys() - known.keys()
        known = inside | known
    return list(known.values())


def raw_logs(block: Block) -> list[Row]:
    """The rows of table `log`, kept for deriving anew."""
    return [
        rows.Log(
            block_hash=block.hash,
            log_index=log.index,
            block_number=block.number,
            address=log.address,
            topics=b"".join(log.topics),
            data=log.data,
            tx_hash=log.tx_hash,
            orphaned=False,
        )
        for log in block.logs
    ]


def last_states(made: list[Row]) -> list[Row]:
    """History rows as they are; of state rows and documents only the one to be kept."""
    # One address may be an actor and a device.
    states = {(type(row), row[0]): row for row in made if type(row) in rows.STATES}
    documents: dict[bytes, Row] = {}
    for row in made:
        if type(row) is rows.Document:
            documents[row.data_hash] = rows.merged(documents.get(row.data_hash), row)
    single = (*rows.STATES, rows.Document)
    history = [row for row in made if type(row) not in single]
    return [*history, *states.values(), *documents.values()]


def _load(connection: Connection, kind: Any, key: str, wanted: set[Any]) -> list[Row]:
    ids = sorted(wanted)
    found: list[Row] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        query = select(kind.table).where(kind.table.c[key].in_(part))
        found += [kind(*row) for row in connection.execute(query)]
    return found


def _block(block: Block, state_digest: bytes) -> Row:
    return rows.Block(
        number=block.number,
        hash=block.hash,
        parent_hash=block.parent_hash,
        timestamp=block.timestamp,
        state_digest=state_digest,
    )


def _tip(checkpoint: Any) -> Tip:
    return Tip(checkpoint.block_number, checkpoint.block_hash, checkpoint.finalized_number)


def _checkpoint(connection: Connection) -> Any:
    return connection.execute(select(Checkpoint.__table__)).one_or_none()  # type: ignore[attr-defined]
