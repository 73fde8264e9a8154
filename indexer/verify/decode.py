"""Events from logs by the published ABI and eth_abi: none of the code the indexer decodes with."""

import re
from collections.abc import Mapping
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

_ABI: Final = Path(__file__).resolve().parents[2] / "contracts/abi"


def auditor_decoder(registry: Registry) -> Decoder:
    """A decoder that reads the same events into the same types by another way."""
    interfaces = _interfaces()

    def decode(log: Log) -> Any:
        topic = log.topics[0] if log.topics else b""
        kind = registry.events[log.address].get(topic)
        entry = interfaces.get(topic)
        if kind is None or entry is None:
            raise Malformed("no event of this contract has this topic")
        return kind(*_values(entry, log))

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


def _values(entry: Any, log: Log) -> list[Any]:
    indexed = [_type(i) for i in entry["inputs"] if i["indexed"]]
    plain = [_type(i) for i in entry["inputs"] if not i["indexed"]]
    if len(log.topics) != len(indexed) + 1:
        raise Malformed("the number of topics is not the event's")
    from_topics = iter(_decode(indexed, b"".join(log.topics[1:])))
    from_data = iter(_decode(plain, log.data))
    pairs = [(i, next(from_topics if i["indexed"] else from_data)) for i in entry["inputs"]]
    return [value for i, found in pairs for value in _flat(i, found)]


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
        found = abi_decode(asked, data, strict=False)
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
