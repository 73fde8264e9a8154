"""Anchors: many events under one Merkle root, and the tip that no batch can be left out of.

Twin of contracts/AnchorLog.sol and web/src/lib/verify/anchor.ts, on the same vectors
(docs/reference/vectors/anchor.json). docs/reference/anchors.md says what the bytes mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NewType

import orjson
import rfc8785

from core import merkle
from core.chain.proof.head import grow
from core.crypto import keccak256, sha256, to_address, to_hash, to_hex
from core.errors import Malformed
from core.types import Address, DataHash, Head, Millis, ProductId

TYPE: Final = "sr360.anchor/1"
LEAF_TYPES: Final = ("bytes32", "uint64", "bytes32", "bytes32", "uint64", "uint8")
NO_LEAF: Final = bytes(32)

Tip = NewType("Tip", bytes)
"""`index:64 | hash:192` (32 bytes), the commitment to all of a publisher's anchors."""
EMPTY_TIP: Final = Tip(bytes(32))


@dataclass(frozen=True, slots=True)
class Statement:
    """What a publisher says of a product, before it has its place in a history."""

    product_id: ProductId
    data_hash: DataHash
    occurred_at: Millis
    kind: int
    """core.types.EventKind."""


@dataclass(frozen=True, slots=True)
class AnchoredEvent:
    """A statement in its product's own history; `seq` counts from 1."""

    product_id: ProductId
    seq: int
    prev_leaf: bytes
    data_hash: DataHash
    occurred_at: Millis
    kind: int

    def values(self) -> tuple[object, ...]:
        """In the order of the leaf."""
        at = (self.product_id, self.seq, self.prev_leaf)
        return (*at, self.data_hash, self.occurred_at, self.kind)

    def leaf(self) -> bytes:
        """The StandardMerkleTree leaf (32 bytes). Raises Malformed if a value does not fit."""
        return merkle.leaf_hash(merkle.encode_static(LEAF_TYPES, self.values()))


@dataclass(frozen=True, slots=True)
class Anchor:
    """One batch as the chain has it."""

    root: bytes
    count: int
    manifest_hash: bytes
    """SHA-256 of the manifest, also its IPFS address; zero = the publisher keeps it."""

    def leaf(self) -> bytes:
        """keccak256(abi.encode(root, count, manifestHash)). Raises Malformed."""
        values = (self.root, self.count, self.manifest_hash)
        return keccak256(merkle.encode_static(("bytes32", "uint32", "bytes32"), values))


@dataclass(frozen=True)
class Batch:
    """The events of one anchor, as its manifest lists them."""

    chain_id: int
    contract: Address
    publisher: Address
    events: tuple[AnchoredEvent, ...]

    @cached_property
    def tree(self) -> merkle.MerkleTree:
        """Raises Malformed for a batch without events."""
        return merkle.build([event.leaf() for event in self.events])

    @property
    def anchor(self) -> Anchor:
        """What to publish. Raises Malformed for a batch without events."""
        return Anchor(self.tree.root, len(self.events), sha256(self.encode()))

    def proof(self, index: int) -> list[bytes]:
        """Siblings from the event at `index` up to the root. Raises IndexError."""
        return self.tree.proof(index)

    def encode(self) -> bytes:
        """The manifest's RFC 8785 bytes. Raises Malformed for an integer over 53 bits."""
        fields: dict[str, Any] = {
            "type": TYPE,
            "chainId": self.chain_id,
            "contract": to_hex(self.contract),
            "publisher": to_hex(self.publisher),
            "events": [_event_json(event) for event in self.events],
        }
        try:
            return rfc8785.dumps(fields)
        except rfc8785.CanonicalizationError as error:
            raise Malformed(f"a manifest cannot hold this: {error}") from error


Place = tuple[int, bytes]
"""Where a product's anchored history stands: its last `seq` and leaf."""


def link(
    statements: Iterable[Statement], after: Mapping[ProductId, Place]
) -> tuple[AnchoredEvent, ...]:
    """Give each statement its place in its product's history.

    `after` is where each product's history stood before; a product that is not in it begins here.
    """
    places = dict(after)
    linked = []
    for one in statements:
        seq, prev_leaf = places.get(one.product_id, (0, NO_LEAF))
        event = AnchoredEvent(
            one.product_id, seq + 1, prev_leaf, one.data_hash, one.occurred_at, one.kind
        )
        places[one.product_id] = (event.seq, event.leaf())
        linked.append(event)
    return tuple(linked)


def follow(
    events: Iterable[AnchoredEvent], after: Mapping[ProductId, Place]
) -> dict[ProductId, Place]:
    """Where each product's history stands after these events.

    Raises:
        Malformed: an event does not follow the one before: something was left out or reordered.
    """
    places = dict(after)
    for event in events:
        seq, prev_leaf = places.get(event.product_id, (0, NO_LEAF))
        if event.seq != seq + 1 or event.prev_leaf != prev_leaf:
            raise Malformed(
                f"event {event.seq} of product {to_hex(event.product_id)} "
                f"does not follow its event {seq}"
            )
        places[event.product_id] = (event.seq, event.leaf())
    return places


def next_tip(tip: Tip, anchor: Anchor) -> Tip:
    """The publisher's tip after one more anchor; it grows as a product's head does."""
    return Tip(grow(Head(tip), anchor.leaf()))


def fold(anchors: Iterable[Anchor], tip: Tip = EMPTY_TIP) -> Tip:
    """The tip after these anchors, oldest first."""
    for anchor in anchors:
        tip = next_tip(tip, anchor)
    return tip


def holds(root: bytes, event: AnchoredEvent, proof: Sequence[bytes]) -> bool:
    """Whether the event is under the root; what `AnchorLog.verifyLeaf` answers."""
    return merkle.verify(root, event.leaf(), proof)


def decode(manifest: bytes) -> Batch:
    """The batch in its published bytes, and no other spelling of it. Raises Malformed."""
    try:
        fields = orjson.loads(manifest)
        batch = Batch(
            chain_id=_integer(fields["chainId"]),
            contract=to_address(fields["contract"]),
            publisher=to_address(fields["publisher"]),
            events=tuple(_event(item) for item in fields["events"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Malformed(f"not a manifest of an anchor: {error}") from error
    if batch.encode() != manifest:
        raise Malformed("not a manifest of an anchor in canonical form")
    return batch


def _event_json(event: AnchoredEvent) -> dict[str, Any]:
    return {
        "product": to_hex(event.product_id),
        "seq": event.seq,
        "prevLeaf": to_hex(event.prev_leaf),
        "dataHash": to_hex(event.data_hash),
        "occurredAt": event.occurred_at,
        "kind": event.kind,
    }


def _event(item: dict[str, Any]) -> AnchoredEvent:
    return AnchoredEvent(
        product_id=ProductId(to_hash(item["product"])),
        seq=_integer(item["seq"]),
        prev_leaf=to_hash(item["prevLeaf"]),
        data_hash=DataHash(to_hash(item["dataHash"])),
        occurred_at=Millis(_integer(item["occurredAt"])),
        kind=_integer(item["kind"]),
    )


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{value!r} is no integer")
    return value
