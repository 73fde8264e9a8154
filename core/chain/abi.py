"""The runtime of the generated bindings: ABI words to values by slicing, and back.

Only what our contracts use: words, `bytes`, `string`, one-dimensional arrays and flat structs
(Solidity ABI specification, "Formal Specification of the Encoding"). Property-tested against
eth_abi, which takes 25 times as long per log.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from core.errors import Malformed

T = TypeVar("T")
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


# Decoding: `at` is a byte position; positions inside a struct or argument list are relative to it.


def check_log(name: str, topics: Sequence[bytes], topic_count: int, data: bytes, size: int) -> None:
    """Refuse a log that cannot be this event: topics are counted, data has `size` bytes or more."""
    if len(topics) != topic_count or len(data) < size:
        raise Malformed(
            f"{name}: {len(topics)} topics and {len(data)} bytes of data, "
            f"expected {topic_count} and {size}"
        )


def check_size(name: str, data: bytes, size: int) -> None:
    """Refuse data shorter than the head of `name`."""
    if len(data) < size:
        raise Malformed(f"{name}: {len(data)} bytes of data, expected {size}")


def uint(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + WORD], "big")


def sint(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + WORD], "big", signed=True)


def boolean(data: bytes, at: int) -> bool:
    return data[at + WORD - 1] != 0


def fixed(data: bytes, at: int, size: int) -> bytes:
    return data[at : at + size]


def address(data: bytes, at: int) -> bytes:
    return data[at + 12 : at + WORD]


def blob(data: bytes, at: int) -> bytes:
    """`bytes` whose offset stands at `at`. Raises Malformed when it runs past the end."""
    start = uint(data, at) + WORD
    length = uint(data, start - WORD)
    if start + length > len(data):
        raise Malformed(f"{length} bytes at {start} run past the end of {len(data)}")
    return data[start : start + length]


def text(data: bytes, at: int) -> str:
    """`string` whose offset stands at `at`; bytes that are no UTF-8 become U+FFFD.

    A contract accepts any bytes as a string, so refusing one would let its sender stop a reader.
    """
    return blob(data, at).decode("utf-8", errors="replace")


def array(data: bytes, at: int, item: Callable[[bytes, int], T]) -> tuple[T, ...]:
    """A dynamic array of one-word items whose offset stands at `at`."""
    start = uint(data, at) + WORD
    length = uint(data, start - WORD)
    if start + length * WORD > len(data):
        raise Malformed(f"{length} words at {start} run past the end of {len(data)}")
    return tuple(item(data, start + i * WORD) for i in range(length))


def word(data: bytes, at: int) -> bytes:
    return data[at : at + WORD]


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
