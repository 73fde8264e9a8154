"""What somebody is asked to sign: one struct of SupplyChain, and the call it becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from core.chain.bindings import supply_chain
from core.chain.bindings.supply_chain import Handover, Recall, Record, RecordBatch
from core.chain.proof.head import Entry, grow
from core.crypto import Domain, StructType, digest, to_address, to_hash, typed_data
from core.types import (
    RECALL_BASE,
    ZERO_ADDRESS,
    Address,
    DataHash,
    EventKind,
    Head,
    Millis,
)

Struct: TypeAlias = Record | RecordBatch | Handover | Recall
_STRUCTS: Final[Mapping[str, type[Struct]]] = {
    "Record": Record,
    "RecordBatch": RecordBatch,
    "Handover": Handover,
    "Recall": Recall,
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "address": to_address,
    "bytes32": to_hash,
    "bytes32[]": lambda words: tuple(to_hash(word) for word in words),
    "uint8": int,
    "uint64": int,
}


@dataclass(frozen=True, slots=True)
class Intent:
    """One signature's worth of recording."""

    struct: Struct

    @property
    def actor(self) -> Address:
        """Who signs first."""
        struct = self.struct
        return Address(struct.from_ if isinstance(struct, Handover) else struct.actor)

    @property
    def counterparty(self) -> Address:
        """Who must sign the same, or the zero address."""
        return Address(self.struct.to) if isinstance(self.struct, Handover) else ZERO_ADDRESS

    @property
    def kind(self) -> EventKind:
        match self.struct:
            case Handover():
                return EventKind.HANDOVER
            case Recall(level=level):
                return EventKind(RECALL_BASE | level)
            case Record(kind=kind) | RecordBatch(kind=kind):
                return EventKind(kind)

    @property
    def data_hash(self) -> DataHash:
        struct = self.struct
        return DataHash(struct.notice_hash if isinstance(struct, Recall) else struct.data_hash)

    @property
    def deadline(self) -> int:
        """Unix seconds."""
        return self.struct.deadline

    @property
    def prev_heads(self) -> dict[bytes, bytes]:
        """The head each product must still have, by product id."""
        struct = self.struct
        if isinstance(struct, RecordBatch):
            return dict(zip(struct.product_ids, struct.prev_heads, strict=True))
        return {struct.product_id: struct.prev_head}

    def next_heads(self) -> dict[bytes, bytes]:
        """The heads the contract will store, which a following event is built on."""
        entry = Entry(
            seq=0,
            kind=self.kind,
            actor=self.actor,
            data_hash=self.data_hash,
            occurred_at=Millis(self.struct.occurred_at),
            counterparty=self.counterparty,
        )
        leaf = entry.leaf()
        return {product: grow(Head(head), leaf) for product, head in self.prev_heads.items()}

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """What a wallet shows and signs (eth_signTypedData_v4)."""
        return typed_data(domain, self.struct.TYPE, *self.struct.values())

    def digest(self, domain: Domain) -> bytes:
        """The 32 bytes under the signatures."""
        return digest(domain, self.struct.struct_hash())

    def call(self, signature: bytes, counter_signature: bytes | None) -> bytes:
        """Call data that anyone may send once it is signed."""
        match self.struct:
            case Record():
                return supply_chain.encode_record_signed(self.struct, signature)
            case RecordBatch():
                return supply_chain.encode_record_batch_signed(self.struct, signature)
            case Recall():
                return supply_chain.encode_recall_signed(self.struct, signature)
            case Handover():
                return supply_chain.encode_handover_signed(
                    self.struct, signature, counter_signature or b""
                )


def from_typed_data(data: Mapping[str, Any]) -> Intent:
    """The intent that `Intent.typed_data` described."""
    kind = _STRUCTS[data["primaryType"]]
    fields: StructType = kind.TYPE
    values = [_READ[solidity](data["message"][name]) for solidity, name in fields.fields]
    return Intent(kind(*values))


def record(
    actor: bytes,
    heads: Sequence[tuple[bytes, bytes]],
    data_hash: bytes,
    occurred_at: int,
    kind: int,
    deadline: int,
) -> Intent:
    """Recording one event for its products, given as (product id, current head)."""
    if len(heads) == 1:
        [(product, head)] = heads
        return Intent(Record(actor, product, head, data_hash, occurred_at, kind, deadline))
    products, previous = zip(*heads, strict=True)
    return Intent(RecordBatch(actor, products, previous, data_hash, occurred_at, kind, deadline))
