"""Logs that no compiler would write, and what eth_abi makes of them."""

from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import strategies as st

from core.crypto import keccak256
from tests.chain.abi_values import Item, type_of, values

Topics = tuple[bytes, ...]
REFUSED: Final = object()
"""eth_abi's verdict on what is no log of an event."""

_NASTY: Final = st.one_of(
    st.sampled_from([0, 1, 2, 31, 32, 33, 64, 96, 1 << 31, 1 << 63, 1 << 64, 1 << 255]),
    st.integers(0, 1200),
    st.integers(0, (1 << 256) - 1),
    st.integers(1, 64).map(lambda back: (1 << 256) - back),
).map(lambda number: number.to_bytes(32, "big"))
"""Words to stand where an offset, a length or a padded value is expected."""


def topic0(item: Item) -> bytes:
    """The hash of an event's signature."""
    return keccak256(f"{item['name']}({','.join(map(type_of, item['inputs']))})".encode())


def encoded(item: Item, given: tuple[Any, ...]) -> tuple[Topics, bytes]:
    """Topics and data as a contract would log these values."""
    pairs = list(zip(item["inputs"], given, strict=True))
    topics = [topic0(item)] + [encode([type_of(i)], [v]) for i, v in pairs if i["indexed"]]
    plain = [(i, v) for i, v in pairs if not i["indexed"]]
    return tuple(topics), encode([type_of(i) for i, _ in plain], [v for _, v in plain])


@st.composite
def garbled(draw: st.DrawFn, item: Item) -> tuple[Topics, bytes]:
    """A log of an event with one to three things wrong with it, or with nothing right but its
    first topic."""
    if draw(st.integers(0, 9)) == 0:
        topics = draw(st.lists(st.binary(max_size=40), max_size=4))
        return (topic0(item), *topics), draw(st.binary(max_size=400))
    topics, data = encoded(item, draw(values(item["inputs"])))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            data = _worse_data(draw, data)
        else:
            topics = _worse_topics(draw, topics)
    return topics, data


def eth_abi_reads(item: Item, topics: Topics, data: bytes) -> Any:
    """The members' values, structs flat, or REFUSED.

    Strings are read as bytes: which of them are text is not the ABI's to say.
    """
    indexed = [i for i in item["inputs"] if i["indexed"]]
    plain = [i for i in item["inputs"] if not i["indexed"]]
    if [len(topic) for topic in topics] != [32] * (len(indexed) + 1):
        return REFUSED
    try:
        found = [_flat(i, _decode(i, topic)) for i, topic in zip(indexed, topics[1:], strict=True)]
        read = iter(_decode_all(plain, data))
    except (DecodingError, OverflowError):  # of an offset that no position can hold
        return REFUSED
    from_topics = iter(found)
    parts = [next(from_topics) if i["indexed"] else _flat(i, next(read)) for i in item["inputs"]]
    return tuple(value for part in parts for value in part)


def _worse_data(draw: st.DrawFn, data: bytes) -> bytes:
    how = draw(st.sampled_from(["cut", "longer", "byte", "word", "word", "word"]))
    if how == "longer" or not data:
        return data + draw(st.binary(min_size=1, max_size=70))
    at = draw(st.integers(0, len(data) - 1))
    if how == "cut":
        return data[:at]
    if how == "byte":
        return data[:at] + draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]
    at -= at % 32
    return data[:at] + draw(_NASTY) + data[at + 32 :]


def _worse_topics(draw: st.DrawFn, topics: Topics) -> Topics:
    how = draw(st.sampled_from(["fewer", "more", "length", "word", "word"]))
    if how == "more":
        return (*topics, draw(st.binary(min_size=32, max_size=32)))
    if how == "fewer" or len(topics) == 1:
        return topics[:-1] or topics
    at = draw(st.integers(1, len(topics) - 1))
    topic = draw(st.binary(max_size=40)) if how == "length" else draw(_NASTY)
    return (*topics[:at], topic, *topics[at + 1 :])


def _decode(item: Item, data: bytes) -> Any:
    return _decode_all([item], data)[0]


def _decode_all(items: list[Item], data: bytes) -> tuple[Any, ...]:
    return decode([type_of(i).replace("string", "bytes") for i in items], data)


def _flat(item: Item, value: Any) -> tuple[Any, ...]:
    if item["type"] == "tuple":
        pairs = zip(item["components"], value, strict=True)
        return tuple(one for part, v in pairs for one in _flat(part, v))
    return (_plain(item["type"], value),)


def _plain(kind: str, value: Any) -> Any:
    if kind.endswith("[]"):
        return tuple(_plain(kind[:-2], one) for one in value)
    if kind == "address":
        return bytes.fromhex(value[2:])
    return value.decode("utf-8", errors="replace") if kind == "string" else value
