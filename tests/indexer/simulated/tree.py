"""A chain of real headers and real receipts that forks: what an honest node may truly say."""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from core.crypto import keccak256
from core.types import Address, BlockHash, TxHash
from indexer import model
from tests.indexer.world import World

Json = dict[str, Any]

KINDS: Final = "rrRRhhppucCxXleodabngkvm!?"
STRANGER: Final = Address(b"\xee" * 20)
"""A contract that is not ours: its logs stand between ours and count in their index."""

_BYTES_FIELDS: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    "logsBloom",
)
_INT_FIELDS: Final = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_CONSTANT: Final[Json] = {
    "sha3Uncles": "0x" + "1d" * 32,
    "miner": "0x" + "00" * 20,
    "stateRoot": "0x" + "5a" * 32,
    "difficulty": "0x0",
    "gasLimit": "0x1c9c380",
    "extraData": "0x",
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x0000000000000000",
    "baseFeePerGas": "0x7",
    "uncles": [],
    "size": "0x400",
}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A block of the tree: as the node says it, and as the mirror must understand it."""

    header: Json
    receipts: list[Json]
    block: model.Block
    parent: "Node | None"
    world: World

    @property
    def number(self) -> int:
        return self.block.number


class Tree:
    """Every block that was ever mined, by hash."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.genesis = self._add(None, World(), ())

    def mine(self, parent: Node, random_: random.Random) -> Node:
        """A new child of `parent`, with up to six of our logs in up to three transactions."""
        world = copy.copy(parent.world)
        for part in ("seqs", "custodians", "parents", "levels", "tips", "actors"):
            setattr(world, part, getattr(world, part).copy())
        world.devices = copy.deepcopy(parent.world.devices)
        world.count += 1000 * (len(self.nodes) + 1)
        logs = []
        for _ in range(random_.choice((0, 0, 0, 1, 2, 3, 6))):
            action = (random_.choice(KINDS), random_.randrange(5), random_.randrange(5))
            if (log := world.log(action, 0)) is not None:
                logs.append(log)
            if random_.random() < 0.2:
                logs.append(_strange(random_))
        cuts = sorted(random_.randrange(len(logs) + 1) for _ in range(2)) if logs else [0, 0]
        parts = (logs[: cuts[0]], logs[cuts[0] : cuts[1]], logs[cuts[1] :])
        empty_too = bool(logs) and random_.random() < 0.2
        return self._add(parent, world, [part for part in parts if part or empty_too])

    def _add(
        self, parent: Node | None, world: World, transactions: Sequence[Sequence[model.Log]]
    ) -> Node:
        salt = len(self.nodes)
        hashes = [keccak256(b"tx %d %d" % (salt, i)) for i in range(len(transactions))]
        receipts = [
            _receipt(i, tx_hash, logs)
            for i, (tx_hash, logs) in enumerate(zip(hashes, transactions, strict=True))
        ]
        header = seal(
            _CONSTANT
            | {
                "number": hex(0 if parent is None else parent.number + 1),
                "parentHash": hexed(bytes(32)) if parent is None else parent.header["hash"],
                "timestamp": hex(1_700_000_000 + salt),
                "transactionsRoot": hexed(keccak256(b"".join(hashes))),
                "receiptsRoot": hexed(receipts_root([_encoded(r) for r in receipts])),
                "logsBloom": _bloom(log for part in transactions for log in part),
                "gasUsed": hex(21_000 * len(hashes)),
                "transactions": [hexed(tx_hash) for tx_hash in hashes],
            }
        )
        for receipt in receipts:
            receipt["blockHash"], receipt["blockNumber"] = header["hash"], header["number"]
        node = Node(header, receipts, _understood(header, hashes, transactions), parent, world)
        self.nodes[header["hash"]] = node
        return node


def seal(header: Json) -> Json:
    """The header with the hash of its fields (Yellow Paper 4.3)."""
    items = [bytes.fromhex(header[name][2:]) for name in _BYTES_FIELDS]
    items += [_integer(header[name]) for name in _INT_FIELDS]
    items += [bytes.fromhex(header[name][2:]) for name in ("extraData", "mixHash", "nonce")]
    items.append(_integer(header["baseFeePerGas"]))
    return header | {"hash": hexed(keccak256(rlp(items)))}


def receipts_root(values: Sequence[bytes]) -> bytes:
    """The trie's root over up to 15 receipts, its shape written out: keys are 80, 01, 02, ..."""
    if not values:
        return keccak256(b"\x80")
    if len(values) == 1:
        return _reference([b"\x20\x80", values[0]])
    root: list[Any] = [b""] * 17
    root[8] = _reference([b"\x30", values[0]])
    if len(values) == 2:
        root[0] = _reference([b"\x31", values[1]])
    else:
        inner: list[Any] = [b""] * 17
        inner[1 : len(values)] = [_reference([b"\x20", value]) for value in values[1:]]
        root[0] = _reference(inner)
    return _reference(root)


def rlp(item: Any) -> bytes:
    """Recursive length prefix, apart from the indexer's own (which it is meant to check)."""
    if isinstance(item, bytes):
        if len(item) == 1 and item < b"\x80":
            return item
        return _headed(item, 0x80)
    return _headed(b"".join([rlp(part) for part in item]), 0xC0)


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def lineage(node: Node) -> list[Node]:
    """From genesis to this block."""
    found = [node]
    while (node := node.parent) is not None:  # type: ignore[assignment]
        found.append(node)
    return found[::-1]


def _understood(
    header: Json, hashes: Sequence[bytes], transactions: Sequence[Sequence[model.Log]]
) -> model.Block:
    told = [(log, tx) for tx, part in zip(hashes, transactions, strict=True) for log in part]
    ours = tuple(
        log._replace(log_index=index, tx_hash=TxHash(tx))
        for index, (log, tx) in enumerate(told)
        if log.address != STRANGER
    )
    return model.Block(
        number=int(header["number"], 16),
        hash=BlockHash(bytes.fromhex(header["hash"][2:])),
        parent_hash=BlockHash(bytes.fromhex(header["parentHash"][2:])),
        timestamp=int(header["timestamp"], 16),
        logs=ours,
    )


def _strange(random_: random.Random) -> model.Log:
    topic = keccak256(b"strange %d" % random_.randrange(9))
    return model.Log(STRANGER, (topic,), b"\x07" * 32, TxHash(bytes(32)), 0)


def _receipt(index: int, tx_hash: bytes, logs: Sequence[model.Log]) -> Json:
    return {
        "transactionHash": hexed(tx_hash),
        "transactionIndex": hex(index),
        "type": "0x2",
        "status": "0x1",
        "cumulativeGasUsed": hex(21_000 * (index + 1)),
        "logsBloom": _bloom(logs),
        "logs": [
            {
                "address": hexed(log.address),
                "topics": [hexed(topic) for topic in log.topics],
                "data": hexed(log.data),
            }
            for log in logs
        ],
    }


def _encoded(receipt: Json) -> bytes:
    logs = [
        [
            bytes.fromhex(log["address"][2:]),
            [bytes.fromhex(topic[2:]) for topic in log["topics"]],
            bytes.fromhex(log["data"][2:]),
        ]
        for log in receipt["logs"]
    ]
    bloom = bytes.fromhex(receipt["logsBloom"][2:])
    return b"\x02" + rlp([b"\x01", _integer(receipt["cumulativeGasUsed"]), bloom, logs])


def _bloom(logs: Any) -> str:
    bits = 0
    for log in logs:
        for value in (log.address, *log.topics):
            bits |= _bloom_bits(value)
    return hexed(bits.to_bytes(256, "big"))


@lru_cache(1 << 14)
def _bloom_bits(value: bytes) -> int:
    digest = keccak256(value)
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[at : at + 2], "big") & 2047)
    return bits


def _headed(content: bytes, base: int) -> bytes:
    if len(content) < 56:
        return bytes([base + len(content)]) + content
    size = _integer(hex(len(content)))
    return bytes([base + 55 + len(size)]) + size + content


def _reference(node: Any) -> bytes:
    return keccak256(rlp(node))


def _integer(quantity: str) -> bytes:
    value = int(quantity, 16)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
