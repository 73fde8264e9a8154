"""`sr360 reindex`: everything derived anew from the raw logs, without asking a node or IPFS.

The new tables grow beside the old (core/db/shadow.py) block by block, each batch a transaction of
its own with its checkpoint, so an attempt that was killed goes on where it was. At the end the
indexer waits for the moment it takes to catch up; documents come along as they were read.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

import structlog
from sqlalchemy import Connection, inspect

from core.config import Settings
from core.db import Database
from core.db.partitions import make_room, refuse_gaps, width
from core.db.schema import is_outdated
from core.db.shadow import NEXT, Shadow, add_indices
from core.types import Address, BlockHash, TxHash
from indexer.derive import decode_block
from indexer.model import Block, Event, Finalized, Log, Reorg, Tip, log_of
from indexer.registry import Registry
from indexer.statements import execute, read_raw
from indexer.store import OtherChain, begin
from indexer.transaction import Transaction

log = structlog.get_logger()

BATCH_LOGS: Final = 5000
BATCH_BLOCKS: Final = 500

Progress = Callable[[int, int], None]
"""(block reached, block to reach)."""


def reindex(
    settings: Settings, registry: Registry, progress: Progress, *, fresh: bool = False
) -> Tip | None:
    """Replace every derived table; the tip, or None when nothing was mirrored yet.

    Raises:
        OtherChain: the mirror is of other contracts than `registry`'s.
        DatabaseUnavailable: the server went away, or a reader never ended; run it again.
        PartitionMissing: raw logs were detached, or this user may not make partitions.
        SourceLied: the raw logs do not continue each other.
    """
    with closing(Shadow(settings)) as shadow, shadow.alone():
        resumed = shadow.prepare(fresh=fresh)
        return _Derivation(shadow, registry, progress).run(resumed=resumed)


def reindex_if_outdated(settings: Settings, registry: Registry, progress: Progress) -> None:
    """Before an indexer starts: a mirror of an older shape is derived anew, not fetched anew."""
    if not is_outdated(settings):
        return
    log.warning("the tables changed with this version: deriving them anew from the raw logs")
    with closing(Shadow(settings)) as shadow, shadow.alone():
        if is_outdated(settings):  # else another indexer did it while we waited
            resumed = shadow.prepare(fresh=False)
            _Derivation(shadow, registry, progress).run(resumed=resumed)


def suggest_partitions(settings: Settings, database: Database) -> None:
    """Say that tables which were filled before the setting was given are still whole."""
    if settings.db.partition_blocks and not database.is_sqlite:
        with database.read_session() as session:
            if not width(session.connection()):
                log.warning("the tables are not in partitions yet: `sr360 reindex` makes them so")


class _Derivation:
    def __init__(self, shadow: Shadow, registry: Registry, progress: Progress) -> None:
        self._shadow = shadow
        self._registry = registry
        self._progress = progress
        self._tip: Tip | None = None

    def run(self, *, resumed: bool) -> Tip | None:
        with self._shadow.building() as connection:
            if _checkpoint(connection, "chain") is None:
                return None
            self._begin(connection, resumed=resumed)
        while self._advance():
            pass
        self._shadow.switch(self._finish)
        return self._tip

    def _begin(self, connection: Connection, *, resumed: bool) -> None:
        old = _checkpoint(connection, "chain")
        if old.deployment != self._registry.fingerprint:
            raise OtherChain("the database mirrors other contracts than the deployment file names")
        self._refuse_detached(connection, old.block_number)
        known = _checkpoint(connection, NEXT) if resumed else None
        if known is None:
            first = _blocks(connection, "ORDER BY number LIMIT 1")[0]
            begin(connection, self._registry, old.genesis_hash, first)
            known = _checkpoint(connection, NEXT)
        self._tip = Tip(known.block_number, known.block_hash, known.finalized_number)

    def _refuse_detached(self, connection: Connection, last: int) -> None:
        """What went with a partition would be missing in the new tables too, for good."""
        if not self._shadow.is_sqlite:
            for table in ("block", "log"):
                refuse_gaps(connection, table, max(self._registry.start_block - 1, 0), last)

    def _advance(self) -> bool:
        """Derive one batch in a transaction; whether there may be more."""
        with self._shadow.building() as connection:
            more = self._derive(connection)
            target = _checkpoint(connection, "chain").block_number
        if self._tip is not None:
            self._progress(self._tip.number, target)
        return more

    def _finish(self, connection: Connection) -> None:
        """With the writers waiting: the last blocks, and what does not stem from logs."""
        while self._derive(connection):
            pass
        old = _checkpoint(connection, "chain")
        self._apply(connection, [Finalized(old.finalized_number)])
        execute(connection, "UPDATE chain.checkpoint SET reorg_epoch = ?", old.reorg_epoch)
        last = connection.exec_driver_sql("SELECT max(block_number) FROM chain.log").scalar() or 0
        make_room(connection, last, last)  # a lost fork may have been the longer one
        for table, condition in _KEPT.items():
            _copy(connection, table, condition)
        execute(connection, _NAMES)

    def _derive(self, connection: Connection) -> bool:
        events = self._next(connection)
        if events:
            self._apply(connection, events)
        return bool(events)

    def _next(self, connection: Connection) -> list[Event]:
        assert self._tip is not None, "_begin sets it"
        common = connection.exec_driver_sql(_COMMON).scalar_one()
        if common < self._tip.number:  # a reorganisation overtook us
            add_indices(connection)
            found = _blocks(connection, f"WHERE number = {int(common)}")[0]
            return [Reorg(found.number, found.hash)]
        start = self._tip.number + 1
        where = f"WHERE number BETWEEN {start} AND {start + BATCH_BLOCKS - 1} ORDER BY number"
        return list(_with_logs(connection, _blocks(connection, where)))

    def _apply(self, connection: Connection, events: list[Event]) -> None:
        assert self._tip is not None, "_begin sets it"
        decoded = [decode_block(e, self._registry.decode) for e in events if isinstance(e, Block)]
        transaction = Transaction(connection, self._tip, self._registry, raw=False)
        self._tip, _ = transaction.run(events, decoded)
        if decoded:
            _copy_raw(connection, decoded[0].block.number, decoded[-1].block.number)


_COMMON: Final = f"""
SELECT max(n.number) FROM {NEXT}.block AS n JOIN chain.block AS c
ON c.number = n.number AND c.hash = n.hash"""  # noqa: S608
_NAMES: Final = """
UPDATE chain.product AS p SET uri = (SELECT min(d.uri) FROM chain.document_product AS d
 WHERE d.product_id = p.product_id)
WHERE product_id IN (SELECT product_id FROM chain.document_product)"""
_KEPT: Final = {
    "log": "WHERE orphaned ON CONFLICT DO NOTHING",
    "orphaned_block": "WHERE true ON CONFLICT DO NOTHING",
    "orphaned_row": "WHERE true ON CONFLICT DO NOTHING",
    "document": f"WHERE EXISTS (SELECT 1 FROM {NEXT}.document AS n WHERE n.data_hash = "  # noqa: S608
    "document.data_hash AND n.media = document.media) ON CONFLICT (data_hash) DO UPDATE SET ",
    "document_product": f"WHERE data_hash IN (SELECT data_hash FROM {NEXT}.document) "  # noqa: S608
    "ON CONFLICT DO NOTHING",
    "event_index": f"WHERE data_hash IN (SELECT data_hash FROM {NEXT}.document) "  # noqa: S608
    "ON CONFLICT DO NOTHING",
    "event_value": f"WHERE data_hash IN (SELECT data_hash FROM {NEXT}.document) "  # noqa: S608
    "ON CONFLICT DO NOTHING",
}
"""Tables whose rows come along, and on which condition."""


def _copy_raw(connection: Connection, first: int, last: int) -> None:
    """The raw logs of blocks just derived, by their hash: whatever became of a block meanwhile."""
    columns = ("block_hash", "log_index", "block_number", "address", "topics", "data", "tx_hash")
    connection.exec_driver_sql(
        f"INSERT INTO {NEXT}.log ({', '.join(columns)}, orphaned) "  # noqa: S608
        f"SELECT {', '.join(f'l.{name}' for name in columns)}, false FROM chain.log AS l "
        f"JOIN {NEXT}.block AS n ON n.hash = l.block_hash AND n.number = l.block_number "
        f"WHERE l.block_number BETWEEN {int(first)} AND {int(last)}"
    )


def _copy(connection: Connection, table: str, condition: str) -> None:
    """Take rows over, with the columns that the old and the new shape have in common."""
    looked = inspect(connection)
    if looked.has_table(table, schema="chain"):
        old = [column["name"] for column in looked.get_columns(table, schema="chain")]
        new = {column["name"] for column in looked.get_columns(table, schema=NEXT)}
        shared = [name for name in old if name in new]
        columns = ", ".join(f'"{name}"' for name in shared)
        if condition.endswith("SET "):
            kept = [name for name in shared if name not in ("data_hash", "media", "first_block")]
            condition += ", ".join(f'"{name}" = excluded."{name}"' for name in kept)
        connection.exec_driver_sql(
            f"INSERT INTO {NEXT}.{table} ({columns}) "  # noqa: S608
            f"SELECT {columns} FROM chain.{table} AS {table} {condition}"
        )


def _checkpoint(connection: Connection, schema: str) -> Any:
    return connection.exec_driver_sql(f"SELECT * FROM {schema}.checkpoint").one_or_none()  # noqa: S608


def _blocks(connection: Connection, where: str) -> list[Block]:
    sql = f"SELECT number, hash, parent_hash, timestamp FROM chain.block {where}"  # noqa: S608
    return [
        Block(number, BlockHash(own), BlockHash(parent), timestamp, ())
        for number, own, parent, timestamp in connection.exec_driver_sql(sql).all()
    ]


def _with_logs(connection: Connection, blocks: list[Block]) -> list[Block]:
    """These blocks with their raw logs, as far as one batch goes; the first always does."""
    if not blocks:
        return []
    first, last = blocks[0].number, blocks[-1].number
    found = _logs(connection, first, last, f"LIMIT {BATCH_LOGS + 1}")
    if len(found) > BATCH_LOGS:  # of the last block there may be more
        last = max(found[-1][0] - 1, first)
        found = _logs(connection, first, last, "") if found[0][0] == found[-1][0] else found
    logs: dict[int, list[Log]] = {}
    for number, address, topics, data, tx_hash, index in found:
        one = log_of((Address(address), _split(topics), data, TxHash(tx_hash), index))
        logs.setdefault(number, []).append(one)
    return [
        replace(block, logs=tuple(logs.get(block.number, ())))
        for block in blocks
        if block.number <= last
    ]


def _logs(connection: Connection, first: int, last: int, limit: str) -> list[Any]:
    return read_raw(
        connection,
        "SELECT block_number, address, topics, data, tx_hash, log_index FROM chain.log "  # noqa: S608
        f"WHERE block_number BETWEEN {int(first)} AND {int(last)} AND NOT orphaned "
        f"ORDER BY block_number, log_index {limit}",
    )


def _split(topics: bytes) -> tuple[bytes, ...]:
    if len(topics) == 128:  # nearly all
        return topics[:32], topics[32:64], topics[64:96], topics[96:]
    return tuple(topics[at : at + 32] for at in range(0, len(topics), 32))
