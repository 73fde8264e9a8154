"""One hash over blocks and their logs: how a later audit knows that it stands on an earlier one.

SHA-256 over, per block in order: number (8 bytes), hash, parent hash, timestamp (8), number of logs
(4); then per log in order: place (4), address, transaction hash, number of topics (1), topics,
length of data (4), data. Integers are big-endian.
"""

import struct
from hashlib import sha256
from typing import Final

from indexer.model import Block, Log

_BLOCK: Final = struct.Struct(">Q32s32sQI").pack
_PLACE: Final = struct.Struct(">I").pack


class HistoryDigest:
    """Grows block by block."""

    def __init__(self) -> None:
        self._hash = sha256()

    @property
    def value(self) -> bytes:
        """The 32 bytes as of the last block."""
        return self._hash.digest()

    def add(self, block: Block) -> None:
        head = (block.number, block.hash, block.parent_hash, block.timestamp, len(block.logs))
        self._hash.update(b"".join([_BLOCK(*head), *map(_log, block.logs)]))


def _log(log: Log) -> bytes:
    topics = b"".join(log.topics)
    head = _PLACE(log.log_index) + log.address + log.tx_hash + bytes([len(log.topics)])
    return head + topics + _PLACE(len(log.data)) + log.data
