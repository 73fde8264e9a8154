"""The state digest: one number for everything a mirror derived, whatever the order.

An LtHash (Lewi, Kim, Maykov, Weis: "Securing Update Propagation with Homomorphic Hashing", 2019,
section 4: lthash16, 1024 lanes of 16 bits, SHAKE128 as the extendable hash). Elements are added
and subtracted lane by lane, so a reorganisation takes out exactly what its blocks put in, and a
scan of the tables in any order gives the same sum. Why, and what it costs: docs/decisions/0013.

The elements are: the deployment; each block with its facts, in no order; each row of current state,
of a product without what its newest entry, a fact, says already. Documents and what stems from them
are left out: when one arrives is not decided by the chain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256, shake_128
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, select

from indexer import rows
from indexer.rows import Row
from indexer.wire import encode, encoder, encoder_of

LANES: Final = 1024
SIZE: Final = 2 * LANES
"""Bytes of a sum."""
_EVEN: Final = sum(0xFFFF << 32 * pair for pair in range(LANES // 2))
"""Every other lane of a sum read as one little-endian number."""
_ALL: Final = (1 << 8 * SIZE) - 1
_ONES: Final = _ALL // 0xFFFF
_SCAN_BLOCKS: Final = 1000

Facts: TypeAlias = Mapping[Any, Sequence[bytes]]
"""By table, the encoded rows of one block."""


class StateDigest:
    """A sum of elements that grows block by block; starts at `total`, the bytes of an earlier."""

    def __init__(self, total: bytes = bytes(SIZE)) -> None:
        self._total = int.from_bytes(total, "little")

    @classmethod
    def of(cls, fingerprint: bytes) -> "StateDigest":
        """The digest of a mirror that holds no block yet."""
        made = cls()
        made.add([_element(b"deployment, digest 2", fingerprint)])
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

    def add_block(self, block: Row, facts: Facts) -> None:
        """A block and its facts; `block` may be anything with the columns of table `block`."""
        self.add([block_element(block, facts)])

    def subtract_block(self, block: Row, facts: Facts) -> None:
        self.subtract([block_element(block, facts)])

    def replace_states(self, before: Iterable[Row], after: Iterable[Row]) -> None:
        """Rows of current state that went and rows that came."""
        self.subtract([state_element(row) for row in before])
        self.add([state_element(row) for row in after])


def facts_of(made: Mapping[Any, Sequence[Row]]) -> Facts:
    """The facts among a block's rows, encoded."""
    return {kind: list(map(encoder(kind), group)) for kind, group in made.items()}


def block_element(block: Row, facts: Facts) -> bytes:
    """The element of a block: its place in the chain and its facts in no order."""
    place = encode((block.number, block.hash, block.parent_hash, block.timestamp))
    return _element(b"block", place + _hash_of(facts))


def state_element(row: Row) -> bytes:
    """The element of a row of current state."""
    kind = type(row)
    if kind is rows.Product:
        return _element(b"product", _encode_place((row.product_id, *row[rows.PLACE])))
    return _expand(kind.prefix + encode(row))


_PRODUCT: Final = list(rows.Product.table.columns)
_encode_place: Final = encoder_of([_PRODUCT[0], *_PRODUCT[rows.PLACE]])


def scan_digest(connection: Connection) -> bytes:
    """The state digest recomputed from the tables alone; of an empty mirror, 32 zero bytes.

    Compare it with `state_digest` of the block at the checkpoint, in the same transaction.
    """
    checkpoint = connection.execute(select(rows.Checkpoint.table)).one_or_none()
    if checkpoint is None:
        return bytes(32)
    digest = StateDigest.of(checkpoint.deployment)
    first = connection.execute(select(_NUMBER).order_by(_NUMBER).limit(1)).scalar_one()
    for start in range(first, checkpoint.block_number + 1, _SCAN_BLOCKS):
        digest.add(_scan_blocks(connection, start, start + _SCAN_BLOCKS))
    for kind in rows.STATES:
        for part in connection.execute(select(kind.table)).partitions(_SCAN_BLOCKS):
            digest.add([state_element(kind(*row)) for row in part])
    digest.add([_element(b"contradiction", bytes(one)) for one in _contradictions(connection)])
    return digest.value


def _contradictions(connection: Connection) -> Sequence[bytes]:
    """Products whose row does not say what their newest entry says."""
    return connection.exec_driver_sql(_CONTRADICTIONS).scalars().all()


_CONTRADICTIONS: Final = """
SELECT p.product_id FROM chain.product AS p
LEFT JOIN chain.event AS e ON e.product_id = p.product_id AND e.seq = p.seq
 AND e.head = p.head AND e.block_number = p.last_block
WHERE e.seq IS NULL
 OR EXISTS (SELECT 1 FROM chain.event AS n WHERE n.product_id = p.product_id AND n.seq > p.seq)"""
_NUMBER: Final = rows.Block.table.c.number


def _scan_blocks(connection: Connection, start: int, end: int) -> list[bytes]:
    facts: dict[int, dict[Any, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    for kind in rows.HISTORY:
        number = kind.table.c.block_number
        for row in connection.execute(select(kind.table).where(number.between(start, end - 1))):
            facts[row.block_number][kind].append(encoder(kind)(row))
    blocks = select(rows.Block.table).where(_NUMBER.between(start, end - 1))
    elements = [block_element(b, facts.pop(b.number, {})) for b in connection.execute(blocks)]
    # facts of no block cannot be honest: an element of their own makes the digests differ
    return elements + [_element(b"stray", _hash_of(found)) for found in facts.values()]


def _hash_of(facts: Facts) -> bytes:
    """SHA-256 over facts, table by table: its name, how many rows, then the rows, sorted."""
    whole = sha256()
    for kind in sorted(facts, key=lambda kind: kind.prefix):
        whole.update(kind.prefix + len(facts[kind]).to_bytes(4, "big"))
        whole.update(b"".join(sorted(facts[kind])))
    return whole.digest()


def _element(kind: bytes, content: bytes) -> bytes:
    return _expand(kind + b"\n" + content)


@lru_cache(maxsize=128)
def _expand(content: bytes) -> bytes:
    """What a row of state adds is taken out when the next one takes its place, often soon."""
    return shake_128(content).digest(SIZE)


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
