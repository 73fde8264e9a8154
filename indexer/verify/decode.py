"""Events from logs by the published ABI: none of the code the indexer decodes with.

Events of static types are cut into words by a plan made once; the others go through eth_abi.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from core.crypto import keccak256
from core.errors import Malformed
from indexer.derive import Decoder
from indexer.model import Log
from indexer.registry import Registry
from indexer.verify.words import WORD, reader_of

_ABI: Final = Path(__file__).resolve().parents[2] / "contracts/abi"

Values = Callable[[Log], list[Any]]
Reader = Callable[[Log], tuple[Any, list[Any]]]


def auditor_reader(registry: Registry) -> Reader:
    """Gives the type of a log's event and its members' values. The reader raises Malformed."""
    plans = {topic: _plan(entry) for topic, entry in _interfaces().items()}

    def read(log: Log) -> tuple[Any, list[Any]]:
        topic = log.topics[0] if log.topics else b""
        kind = registry.events[log.address].get(topic)
        plan = plans.get(topic)
        if kind is None or plan is None:
            raise Malformed("no event of this contract has this topic")
        return kind, plan(log)

    return read


def auditor_decoder(registry: Registry) -> Decoder:
    """A decoder that reads the same events into the same types by another way."""
    read = auditor_reader(registry)

    def decode(log: Log) -> Any:
        kind, values = read(log)
        return kind(*values)

    return decode


def _interfaces() -> Mapping[bytes, Any]:
    entries = [
        entry
        for path in sorted(_ABI.glob("*.json"))
        for entry in orjson.loads(path.read_bytes())
        if entry["type"] == "event"
    ]
    return {keccak256(_signature(entry).encode()): entry for entry in entries}


def _signature(entry: Any) -> str:
    return f"{entry['name']}({','.join(_type(i) for i in entry['inputs'])})"


def _type(entry: Any) -> str:
    """A struct as the tuple of its members."""
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    members = ",".join(_type(member) for member in entry["components"])
    return f"({members}){entry['type'].removeprefix('tuple')}"


def _plan(entry: Any) -> Values:
    indexed = [i for i in entry["inputs"] if i["indexed"]]
    flat = [(i["indexed"], reader_of(kind)) for i in entry["inputs"] for kind in _leaves(i)]
    if any(reader is None for _, reader in flat):
        return lambda log: _values(entry, log)
    topics, words = len(indexed) + 1, sum(1 for is_topic, _ in flat if not is_topic)
    places = {True: iter(range(1, topics)), False: iter(range(topics, topics + words))}
    steps = [(WORD * next(places[is_topic]), reader) for is_topic, reader in flat]

    def values(log: Log) -> list[Any]:
        _count_topics(log, topics)
        if len(log.data) < WORD * words:
            raise Malformed("not the event's data: it ends early")
        content = b"".join(log.topics) + log.data
        return [reader(content[at : at + WORD]) for at, reader in steps]  # type: ignore[misc]

    return values


def _leaves(entry: Any) -> list[str]:
    """The types of a static struct's members stand in a log one after another."""
    if entry["type"] != "tuple":
        return [str(entry["type"])]
    return [kind for member in entry["components"] for kind in _leaves(member)]


def _values(entry: Any, log: Log) -> list[Any]:
    indexed = [_type(i) for i in entry["inputs"] if i["indexed"]]
    plain = [_type(i) for i in entry["inputs"] if not i["indexed"]]
    _count_topics(log, len(indexed) + 1)
    from_topics = iter(_decode(indexed, b"".join(log.topics[1:])))
    from_data = iter(_decode(plain, log.data))
    pairs = [(i, next(from_topics if i["indexed"] else from_data)) for i in entry["inputs"]]
    return [value for i, found in pairs for value in _flat(i, found)]


def _count_topics(log: Log, wanted: int) -> None:
    if [len(topic) for topic in log.topics] != [WORD] * wanted:
        raise Malformed("the topics are not the event's")


def _flat(entry: Any, value: Any) -> list[Any]:
    """A struct's members stand one by one in our types."""
    if entry["type"] != "tuple":
        return [value]
    pairs = zip(entry["components"], value, strict=True)
    return [one for member, item in pairs for one in _flat(member, item)]


def _decode(types: list[str], data: bytes) -> list[Any]:
    # A contract accepts any bytes as a string: read bytes, so that a bad one stops nobody.
    asked = [re.sub(r"\bstring\b", "bytes", kind) for kind in types]
    try:
        found = abi_decode(asked, data)
    except (DecodingError, OverflowError) as error:
        raise Malformed(f"not the event's data: {error}") from error
    return [_plain(kind, value) for kind, value in zip(types, found, strict=True)]


def _plain(kind: str, value: Any) -> Any:
    if kind.endswith("[]"):
        return tuple(_plain(kind[:-2], item) for item in value)
    if kind.startswith("("):
        pairs = zip(_members(kind), value, strict=True)
        return tuple(_plain(member, item) for member, item in pairs)
    if kind == "address":
        return bytes.fromhex(value[2:])
    return value.decode("utf-8", errors="replace") if kind == "string" else value


def _members(kind: str) -> list[str]:
    """The types of a flat tuple's members. No event of ours nests structs."""
    return kind[1:-1].split(",")
