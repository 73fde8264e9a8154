"""The runtime of the generated bindings: ABI words to values by slicing, and back.

Only what our contracts use: words, `bytes`, `string`, one-dimensional arrays and flat structs
(Solidity ABI specification, "Formal Specification of the Encoding"). Property-tested against
eth_abi, which takes 25 times as long per log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.errors import Malformed

WORD: Final = 32


@dataclass(frozen=True, slots=True)
class Tail:
    """An encoded value that lives behind the head, which holds only its offset."""

    data: bytes


class Record:
    """What an event or an error says, by name; equal to another of its kind that says the same.

    No dataclass: the 250 of our contracts would take a service's start 0.3 s; and nothing forbids
    changing one, for that would triple the time to read a log.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.said() == self.said()

    def __hash__(self) -> int:
        return hash((type(self), self.said()))

    def __repr__(self) -> str:
        pairs = zip(self.__slots__, self.said(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def said(self) -> tuple[Any, ...]:
        """The values in the order of the declaration."""
        return tuple(getattr(self, name) for name in self.__slots__)


# Decoding, as strictly as eth_abi: a word's unused bytes are zero, what an offset points to lies
# behind the head and within the data. `at` is a byte position, `head` the head's size.


def check_log(name: str, topics: Sequence[bytes], topic_count: int, data: bytes, size: int) -> None:
    """Refuse a log that cannot be this event: its topics are counted, words all of them, and data
    has `size` bytes or more."""
    # one join costs half of looking at each length; readers of logs take topics of other lengths
    # one by one already
    if (
        len(topics) != topic_count
        or len(data) < size
        or len(b"".join(topics)) != WORD * topic_count
    ):
        raise Malformed(
            f"{name}: {len(topics)} topics and {len(data)} bytes of data, "
            f"expected {topic_count} of {WORD} bytes and {size}"
        )


def check_size(name: str, data: bytes, size: int) -> None:
    """Refuse data shorter than the head of `name`."""
    if len(data) < size:
        raise Malformed(f"{name}: {len(data)} bytes of data, expected {size}")


def misfit(name: str) -> Malformed:
    """The error for a word that is not canonical."""
    return Malformed(f"{name}: a value does not fit its type")


def sint(data: bytes, at: int, bits: int) -> int:
    """Two's complement. Raises Malformed when the value does not fit int<bits>."""
    value = int.from_bytes(data[at : at + WORD], "big", signed=True)
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise Malformed(f"{value} does not fit int{bits}")
    return value


def blob(data: bytes, at: int, head: int) -> bytes:
    """`bytes` whose offset stands at `at`.

    Raises:
        Malformed: they run past the end, or are not filled up with zeros.
    """
    start, length = _tail(data, at, head)
    end = start + length
    filled = end + -length % WORD
    if filled > len(data):
        raise Malformed(f"{length} bytes at {start} run past the end of {len(data)}")
    if any(data[end:filled]):
        raise Malformed(f"{length} bytes at {start} are not followed by zeros")
    return data[start:end]


def text(data: bytes, at: int, head: int) -> str:
    """`string` whose offset stands at `at`; bytes that are no UTF-8 become U+FFFD.

    A contract accepts any bytes as a string, so refusing one would let its sender stop a reader.
    """
    return blob(data, at, head).decode("utf-8", errors="replace")


def words(data: bytes, at: int, head: int, size: int) -> tuple[bytes, ...]:
    """The last `size` bytes of each item of a dynamic array of words whose offset stands at `at`.

    Raises:
        Malformed: it runs past the end, or one of the bytes before is not zero.
    """
    start, length = _tail(data, at, head)
    end = start + length * WORD
    if end > len(data):
        raise Malformed(f"{length} words at {start} run past the end of {len(data)}")
    unused = WORD - size
    if any(any(data[place : place + unused]) for place in range(start, end, WORD)):
        raise Malformed(f"{length} words at {start}: a value has more than {size} bytes")
    return tuple(data[place + unused : place + WORD] for place in range(start, end, WORD))


def uints(data: bytes, at: int, head: int, size: int) -> tuple[int, ...]:
    """A dynamic array of unsigned integers of `size` bytes. Raises as `words`."""
    return tuple(int.from_bytes(word, "big") for word in words(data, at, head, size))


def _tail(data: bytes, at: int, head: int) -> tuple[int, int]:
    """Where the content begins whose offset stands at `at`, and the count before it."""
    offset = int.from_bytes(data[at : at + WORD], "big")
    start = offset + WORD
    if offset < head or start > len(data):
        raise Malformed(f"an offset of {offset} in {len(data)} bytes with a head of {head}")
    return start, int.from_bytes(data[offset:start], "big")


# Encoding: a static value is its bytes, a dynamic one a Tail.


def from_uint(value: int, bits: int) -> bytes:
    """One word. Raises Malformed when the value does not fit uint<bits>."""
    if not 0 <= value < 1 << bits:
        raise Malformed(f"{value} does not fit uint{bits}")
    return int(value).to_bytes(WORD, "big")


def from_sint(value: int, bits: int) -> bytes:
    """One word in two's complement. Raises Malformed when the value does not fit int<bits>."""
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise Malformed(f"{value} does not fit int{bits}")
    return int(value).to_bytes(WORD, "big", signed=True)


def from_boolean(value: bool) -> bytes:
    return int(value).to_bytes(WORD, "big")


def from_fixed(value: bytes, size: int) -> bytes:
    """bytes<size>, padded on the right."""
    if len(value) != size:
        raise Malformed(f"expected {size} bytes, got {len(value)}")
    return value + bytes(WORD - size)


def from_address(value: bytes) -> bytes:
    """An address, padded on the left."""
    if len(value) != 20:
        raise Malformed(f"an address has 20 bytes, got {len(value)}")
    return bytes(12) + value


def from_blob(value: bytes) -> Tail:
    padding = -len(value) % WORD
    return Tail(len(value).to_bytes(WORD, "big") + value + bytes(padding))


def from_text(value: str) -> Tail:
    return from_blob(value.encode())


def from_array(items: Sequence[bytes | Tail]) -> Tail:
    return Tail(len(items).to_bytes(WORD, "big") + join(*items))


def join(*parts: bytes | Tail) -> bytes:
    """An argument list or struct: heads first, tails behind, offsets counted from its start."""
    offset = sum(WORD if isinstance(part, Tail) else len(part) for part in parts)
    heads, tails = [], []
    for part in parts:
        if isinstance(part, Tail):
            heads.append(offset.to_bytes(WORD, "big"))
            tails.append(part.data)
            offset += len(part.data)
        else:
            heads.append(part)
    return b"".join(heads + tails)
