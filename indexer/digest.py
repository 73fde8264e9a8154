"""The state digest: one number for everything a mirror derived, whatever the order.

An LtHash (Lewi, Kim, Maykov, Weis: "Securing Update Propagation with Homomorphic Hashing", 2019,
section 4: lthash16, 1024 lanes of 16 bits, SHAKE128 as the extendable hash). Elements are added
and subtracted lane by lane, so a reorganisation takes out exactly what its blocks put in, and a
scan of the tables in any order gives the same sum. Why, and what it costs: docs/decisions/0013.

The elements are: the deployment; each block with the hashes of its facts, sorted; each row of
current state. Documents and what stems from them are left out: when one arrives is not decided by
the chain.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256, shake_128
from typing import Final

from sqlalchemy import Connection, select

from core.db.chain_tables import Checkpoint
from indexer import rows
from indexer.rows import Row
from indexer.wire import encode

LANES: Final = 1024
SIZE: Final = 2 * LANES
"""Bytes of a sum."""
_EVEN: Final = sum(0xFFFF << 32 * pair for pair in range(LANES // 2))
"""Every other lane of a sum read as one little-endian number."""
_ALL: Final = (1 << 8 * SIZE) - 1
_ONES: Final = _ALL // 0xFFFF
_SCAN_BLOCKS: Final = 1000
_KEPT: Final = 6144
"""Expanded states kept, 12 MiB: what a block replaces was often written a few blocks before."""


class Expanded:
    """Elements of the states put in last, oldest out first: most are taken out again soon."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, bytes], tuple[Row, bytes]] = {}

    def take(self, row: Row) -> bytes:
        """The element of a row that goes."""
        row = _nameless(row)
        known, element = self._kept.pop((type(row), row[0]), (None, b""))
        return element if known == row else state_element(row)

    def keep(self, row: Row) -> bytes:
        """The element of a row that comes."""
        row = _nameless(row)
        element = state_element(row)
        self._kept[type(row), row[0]] = row, element
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return element


class StateDigest:
    """A sum of elements that grows block by block; starts at `total`, the bytes of an earlier."""

    def __init__(self, total: bytes = bytes(SIZE), expanded: Expanded | None = None) -> None:
        self._total = int.from_bytes(total, "little")
        self._expanded = expanded or Expanded()

    @classmethod
    def of(cls, fingerprint: bytes) -> "StateDigest":
        """The digest of a mirror that holds no block yet."""
        made = cls()
        made.add([_element(b"deployment", fingerprint)])
        return made

    @property
    def total(self) -> bytes:
        """The sum itself, SIZE bytes: what `StateDigest(total)` goes on from."""
        return self._total.to_bytes(SIZE, "little")

    @property
    def value(self) -> bytes:
        """32 bytes that two mirrors compare."""
        return sha256(self.total).digest()

    def add(self, elements: Sequence[bytes]) -> None:
        """Put elements of SIZE bytes in."""
        self._total = _sum((self._total, _sum(map(_number, elements))))

    def subtract(self, elements: Sequence[bytes]) -> None:
        """Take elements out that were put in."""
        # a lane's negative is its complement and one
        self._total = _sum((self._total, _sum(map(_number, elements)) ^ _ALL, _ONES))

    def add_block(self, block: Row, fact_hashes: Iterable[bytes]) -> None:
        """A block and its facts; `block` may be anything with the columns of table `block`."""
        self.add([block_element(block, fact_hashes)])

    def subtract_block(self, block: Row, fact_hashes: Iterable[bytes]) -> None:
        self.subtract([block_element(block, fact_hashes)])

    def replace_states(self, before: Iterable[Row], after: Iterable[Row]) -> None:
        """Rows of current state that went and rows that came."""
        self.subtract([self._expanded.take(row) for row in before])
        self.add([self._expanded.keep(row) for row in after])


def fact_hash(row: Row) -> bytes:
    """SHA-256 of a fact: its table's name, then its columns."""
    return sha256(type(row).prefix + encode(row)).digest()


def block_element(block: Row, fact_hashes: Iterable[bytes]) -> bytes:
    """The element of a block: its place in the chain and its facts in no order."""
    place = encode((block.number, block.hash, block.parent_hash, block.timestamp))
    return _element(b"block", place + b"".join(sorted(fact_hashes)))


def state_element(row: Row) -> bytes:
    """The element of a row of current state."""
    row = _nameless(row)
    return _expand(type(row).prefix + encode(row))


def scan_digest(connection: Connection) -> bytes:
    """The state digest recomputed from the tables alone; of an empty mirror, 32 zero bytes.

    Compare it with `state_digest` of the block at the checkpoint, in the same transaction.
    """
    checkpoint = connection.execute(select(Checkpoint.__table__)).one_or_none()  # type: ignore[attr-defined]
    if checkpoint is None:
        return bytes(32)
    digest = StateDigest.of(checkpoint.deployment)
    first = connection.execute(select(_NUMBER).order_by(_NUMBER).limit(1)).scalar_one()
    for start in range(first, checkpoint.block_number + 1, _SCAN_BLOCKS):
        digest.add(_scan_blocks(connection, start, start + _SCAN_BLOCKS))
    for kind in rows.STATES:
        for part in connection.execute(select(kind.table)).partitions(_SCAN_BLOCKS):
            digest.add([state_element(kind(*row)) for row in part])
    return digest.value


_NUMBER: Final = rows.Block.table.c.number


def _scan_blocks(connection: Connection, start: int, end: int) -> list[bytes]:
    hashes: dict[int, list[bytes]] = {}
    for kind in rows.HISTORY:
        number = kind.table.c.block_number
        query = select(kind.table).where(number.between(start, end - 1))
        for row in connection.execute(query):
            hashes.setdefault(row.block_number, []).append(fact_hash(kind(*row)))
    blocks = select(rows.Block.table).where(_NUMBER.between(start, end - 1))
    elements = [block_element(b, hashes.pop(b.number, ())) for b in connection.execute(blocks)]
    # facts of no block cannot be honest: an element of their own makes the digests differ
    return elements + [_element(b"stray", b"".join(sorted(found))) for found in hashes.values()]


def _element(kind: bytes, content: bytes) -> bytes:
    return _expand(kind + b"\n" + content)


def _expand(content: bytes) -> bytes:
    return shake_128(content).digest(SIZE)


def _nameless(row: Row) -> Row:
    """A product's name is not the chain's to tell."""
    return row._replace(uri=None) if type(row) is rows.Product and row.uri is not None else row


def _number(element: bytes) -> int:
    return int.from_bytes(element, "little")


def _sum(numbers: Iterable[int]) -> int:
    """Lane by lane, modulo 2^16; of at most 65,535 numbers.

    Even lanes are summed alone, 32 bits apart, so that carries stay below the next one; what they
    leave of the whole sum are the odd lanes, by one mask a number instead of two.
    """
    whole = even = 0
    for number in numbers:
        whole += number
        even += number & _EVEN
    return even & _EVEN | ((whole - even >> 16) & _EVEN) << 16
