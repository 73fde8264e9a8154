"""Blocks that lost their place in the chain: kept with their rows, for auditors to read.

Nothing a reorganisation takes back is deleted: header fields go to `orphaned_block`, derived facts
to `orphaned_row`, raw logs stay where they are with a flag. A block that comes back leaves these
tables again, in the transaction that applies it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import rfc8785
from sqlalchemy import Connection, select

from core.clock import now_ms
from indexer import rows
from indexer.derive import Made
from indexer.digest import StateDigest, facts_of
from indexer.model import Block
from indexer.rows import Row
from indexer.statements import execute, insert, returned

_BLOCK = rows.Block.table.c


def set_aside(connection: Connection, number: int, digest: StateDigest) -> None:
    """Copy the blocks above `number` and their facts, and take them out of the digest."""
    facts: dict[int, Made] = defaultdict(lambda: defaultdict(list))
    for kind in rows.HISTORY:
        late = select(kind.table).where(kind.table.c.block_number > number)
        for row in connection.execute(late.order_by(*kind.table.primary_key)):
            facts[row.block_number][kind].append(kind(*row))
    orphaned_at = now_ms()
    for block in connection.execute(select(rows.Block.table).where(_BLOCK.number > number)).all():
        mine = facts[block.number]
        digest.subtract_block(block, facts_of(mine))
        kept = _kept(block.hash, chain.from_iterable(mine.values()))
        insert(connection, [_orphaned(block, orphaned_at), *kept])


def recall_orphans(connection: Connection, blocks: Sequence[Block]) -> None:
    """Forget that these blocks were orphaned: they are applied anew, with the same raw logs."""
    numbers = {bytes(block.hash): block.number for block in blocks}
    # nothing but orphans can be there yet
    found = returned(connection, _THERE, *(blocks[0].number, blocks[-1].number) * 2)
    for block_hash in {bytes(row[0]) for row in found} & numbers.keys():
        for table, column in (("orphaned_row", "block_hash"), ("orphaned_block", "hash")):
            execute(connection, f"DELETE FROM chain.{table} WHERE {column} = ?", block_hash)  # noqa: S608
        mine = "DELETE FROM chain.log WHERE block_number = ? AND block_hash = ?"
        execute(connection, mine, numbers[bytes(block_hash)], block_hash)


_THERE = (
    "SELECT hash FROM chain.orphaned_block WHERE number BETWEEN ? AND ? "
    "UNION SELECT block_hash FROM chain.log WHERE block_number BETWEEN ? AND ?"
)


def _orphaned(block: Any, orphaned_at: int) -> Row:
    return rows.OrphanedBlock(
        hash=block.hash,
        number=block.number,
        parent_hash=block.parent_hash,
        timestamp=block.timestamp,
        state_digest=block.state_digest,
        orphaned_at=orphaned_at,
    )


def _kept(block_hash: bytes, facts: Iterable[Row]) -> list[Row]:
    return [
        rows.OrphanedRow(block_hash, position, type(row).table.name, row_json(row))
        for position, row in enumerate(facts)
    ]


def row_json(row: Row) -> str:
    """A row as RFC 8785 JSON: bytes as 0x-hex, integers as decimal text, never rounded."""
    return rfc8785.dumps({name: _json(value) for name, value in row._asdict().items()}).decode()


def _json(value: object) -> str | bool | None:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if isinstance(value, bool | str | None) else str(value)
