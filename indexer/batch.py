"""The rows of one transaction on their way to SQL, each table's apart.

Facts are encoded once, for the digest and for COPY; of a state row or a document only what it is
at the end is written.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from indexer import rows
from indexer.model import Block
from indexer.rows import Row
from indexer.statements import copy_in, insert
from indexer.wire import encode


class Batch:
    """Takes blocks in order; `write` hands everything to SQL."""

    def __init__(self, *, copying: bool) -> None:
        self._copying = copying
        self._facts: dict[Any, list[Any]] = {}
        self._states: dict[tuple[type, bytes], Row] = {}
        self.documents: dict[bytes, Row] = {}
        self.unknown: list[Row] = []
        """Rows of logs that no decoder understood."""
        self.count = 0

    def take(self, derived: list[Row]) -> list[bytes]:
        """Keep a block's rows; the hashes of its facts."""
        hashes = []
        self.count += len(derived)
        for row in derived:
            kind = type(row)
            if kind in rows.STATES:
                self._states[kind, row[0]] = row
            elif kind is rows.Document:
                known = self.documents.get(row.data_hash)
                if known is None or known.media != row.media:
                    self.documents[row.data_hash] = rows.merged(known, row)
            else:
                if kind is rows.UnknownLog:
                    self.unknown.append(row)
                content = encode(row)
                hashes.append(sha256(kind.prefix + content).digest())
                self._keep(kind, content if self._copying else row)
        return hashes

    def take_block(self, block: Block, state_digest: bytes) -> None:
        """Keep a block itself and its raw logs."""
        row = rows.Block(block.number, block.hash, block.parent_hash, block.timestamp, state_digest)
        self._keep(rows.Block, encode(row) if self._copying else row)
        logs = raw_logs(block)
        self.count += 1 + len(logs)
        for log in logs:
            self._keep(rows.Log, encode(log) if self._copying else log)

    def write(self, connection: Connection) -> None:
        """One COPY or `executemany` a table."""
        for kind, content in self._facts.items():
            if self._copying:
                copy_in(connection, kind.table, content)
            else:
                insert(connection, content)
        insert(connection, [*self._states.values(), *self.documents.values()])

    def _keep(self, kind: Any, content: Any) -> None:
        self._facts.setdefault(kind, []).append(content)


def raw_logs(block: Block) -> list[Row]:
    """The rows of table `log`, kept for deriving anew."""
    number, block_hash = block.number, block.hash
    return [
        rows.Log(
            block_hash,
            log.index,
            number,
            log.address,
            b"".join(log.topics),
            log.data,
            log.tx_hash,
            False,
        )
        for log in block.logs
    ]
