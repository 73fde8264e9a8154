"""The rows of one transaction on their way to SQL, each table's apart.

Facts are encoded once, for the digest and for COPY; of a state row or a document only what it is
at the end is written.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from indexer import rows
from indexer.derive import Made
from indexer.digest import Facts
from indexer.model import Block
from indexer.rows import Row
from indexer.statements import copy_in, insert
from indexer.wire import encode, encoder


class Batch:
    """Takes blocks in order; `write` hands everything to SQL."""

    def __init__(self, *, copying: bool, raw: bool) -> None:
        self._copying = copying
        self._raw = raw
        self._facts: dict[Any, list[Any]] = defaultdict(list)
        self.documents: dict[bytes, Row] = {}
        self.unknown: list[Row] = []
        """Rows of logs that no decoder understood."""
        self.count = 0

    def take(self, made: Made) -> Facts:
        """Keep a block's rows; its facts, encoded."""
        self.count += sum(map(len, made.values()))
        self._mention(made.pop(rows.Document, ()))
        self.unknown += made.get(rows.UnknownLog, ())
        facts = {kind: list(map(encoder(kind), group)) for kind, group in made.items()}
        for kind, group in (facts if self._copying else made).items():
            self._facts[kind] += group
        return facts

    def take_block(self, block: Block, state_digest: bytes) -> None:
        """Keep a block itself and, where they are wanted, its raw logs."""
        row = rows.Block(block.number, block.hash, block.parent_hash, block.timestamp, state_digest)
        logs = raw_logs(block) if self._raw else []
        self.count += 1 + len(logs)
        self._facts[rows.Block].append(encode(row) if self._copying else row)
        self._facts[rows.Log] += map(encoder(rows.Log), logs) if self._copying else logs

    def write(self, connection: Connection, states: list[Row]) -> None:
        """One COPY or `executemany` a table, state rows included."""
        self.count += len(states)
        for kind, content in self._facts.items():
            if self._copying:
                copy_in(connection, kind.table, content)
            else:
                insert(connection, content)
        insert(connection, [*states, *self.documents.values()])

    def _mention(self, documents: Iterable[Row]) -> None:
        for row in documents:
            known = self.documents.get(row.data_hash)
            if known is None or known.media != row.media:
                self.documents[row.data_hash] = rows.merged(known, row)


def raw_logs(block: Block) -> list[Row]:
    """The rows of table `log`, kept for deriving anew."""
    number, block_hash = block.number, block.hash
    return [
        rows.Log.of(
            (
                number,
                log.log_index,
                block_hash,
                log.address,
                b"".join(log.topics),
                log.data,
                log.tx_hash,
                False,
            )
        )
        for log in block.logs
    ]
