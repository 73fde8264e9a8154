"""SupplyChain seen from Python: signatures made by core.crypto, heads folded by hand.

record
├── first event of a product: the actor becomes custodian, the head has seq 1
├── later event: the head is the fold of both leaves
└── by somebody else: NotCustodian
recordSigned
├── relayed by anyone: the signer is the actor
├── sent twice: StaleHead
└── after the deadline: Expired
handover
├── with the receiver's signature: custody moves
└── with somebody else's signature: InvalidSignature
recall
├── by a regulator: the product cannot be handed over any more
└── by a stranger: NotCustodian
"""

from collections.abc import Callable
from typing import Any

import ape
from eth_abi import encode

from core.crypto import keccak256
from core.crypto.hexes import to_address
from core.crypto.structs import HANDOVER, RECORD

OBJECT, REGULATOR = 1, 5
MINUTE = 60
PRODUCT = keccak256(b"https://id.gs1.org/01/00860009999923/10/ABC1234")
DATA = keccak256(b"a document")
EMPTY = bytes(32)
Sign = Callable[..., bytes]


def leaf(kind: int, actor: Any, data_hash: bytes, occurred_at: int) -> bytes:
    types = ["uint8", "address", "address", "bytes32", "uint64"]
    zero = "0x" + "00" * 20
    return keccak256(encode(types, [kind, actor.address, zero, data_hash, occurred_at]))


def fold(head: bytes, entry: bytes) -> bytes:
    seq = int.from_bytes(head[:8], "big") + 1
    return seq.to_bytes(8, "big") + keccak256(head + entry)[8:]


def record_values(actor: Any, head: bytes, occurred_at: int, deadline: int) -> list[Any]:
    return [to_address(actor.address), PRODUCT, head, DATA, occurred_at, OBJECT, deadline]


def test_first_event_makes_the_actor_custodian(
    supply_chain: Any, FARMER: Any, occurred_at: int
) -> None:
    tx = supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    assert supply_chain.custodianOf(PRODUCT) == FARMER.address
    assert supply_chain.head(PRODUCT) == fold(EMPTY, leaf(OBJECT, FARMER, DATA, occurred_at))
    (event,) = tx.decode_logs(supply_chain.EventRecorded)
    assert (event.actor, event.seq, event.kind) == (FARMER.address, 1, OBJECT)


def test_later_event_folds_onto_the_head(supply_chain: Any, FARMER: Any, occurred_at: int) -> None:
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    supply_chain.record(PRODUCT, PRODUCT, occurred_at, OBJECT, sender=FARMER)
    first = fold(EMPTY, leaf(OBJECT, FARMER, DATA, occurred_at))
    assert supply_chain.head(PRODUCT) == fold(first, leaf(OBJECT, FARMER, PRODUCT, occurred_at))


def test_somebody_else_cannot_record(
    supply_chain: Any, FARMER: Any, ATTACKER: Any, occurred_at: int
) -> None:
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    with ape.reverts(supply_chain.NotCustodian):
        supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=ATTACKER)


def test_relayed_event_belongs_to_its_signer(
    supply_chain: Any, FARMER: Any, CARRIER: Any, sign: Sign, occurred_at: int, deadline: int
) -> None:
    values = record_values(FARMER, EMPTY, occurred_at, deadline)
    supply_chain.recordSigned(values, sign(FARMER, RECORD, *values), sender=CARRIER)
    assert supply_chain.custodianOf(PRODUCT) == FARMER.address


def test_relayed_event_counts_once(
    supply_chain: Any, FARMER: Any, CARRIER: Any, sign: Sign, occurred_at: int, deadline: int
) -> None:
    values = record_values(FARMER, EMPTY, occurred_at, deadline)
    signature = sign(FARMER, RECORD, *values)
    supply_chain.recordSigned(values, signature, sender=CARRIER)
    with ape.reverts(supply_chain.StaleHead):
        supply_chain.recordSigned(values, signature, sender=CARRIER)


def test_relayed_event_expires(
    supply_chain: Any, FARMER: Any, CARRIER: Any, sign: Sign, occurred_at: int, deadline: int
) -> None:
    values = record_values(FARMER, EMPTY, occurred_at, deadline - 20 * MINUTE)
    with ape.reverts(supply_chain.Expired):
        supply_chain.recordSigned(values, sign(FARMER, RECORD, *values), sender=CARRIER)


def handover_values(giver: Any, receiver: Any, head: bytes, at: int, deadline: int) -> list[Any]:
    sides = [to_address(giver.address), to_address(receiver.address)]
    return [*sides, PRODUCT, head, DATA, at, deadline]


def test_custody_moves_with_two_consents(
    supply_chain: Any, FARMER: Any, CARRIER: Any, sign: Sign, occurred_at: int, deadline: int
) -> None:
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    head = supply_chain.head(PRODUCT)
    values = handover_values(FARMER, CARRIER, head, occurred_at, deadline)
    supply_chain.handover(values, sign(CARRIER, HANDOVER, *values), sender=FARMER)
    assert supply_chain.custodianOf(PRODUCT) == CARRIER.address


def test_receiver_must_consent(
    supply_chain: Any, FARMER: Any, CARRIER: Any, sign: Sign, occurred_at: int, deadline: int
) -> None:
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    head = supply_chain.head(PRODUCT)
    values = handover_values(FARMER, CARRIER, head, occurred_at, deadline)
    with ape.reverts(supply_chain.InvalidSignature):
        supply_chain.handover(values, sign(FARMER, HANDOVER, *values), sender=FARMER)


def test_regulators_recall_stops_handover(
    supply_chain: Any,
    registry: Any,
    admin: Any,
    FARMER: Any,
    CARRIER: Any,
    RETAILER: Any,
    sign: Sign,
    occurred_at: int,
    deadline: int,
) -> None:
    regulator = RETAILER
    link = "https://id.gs1.org/417/0860009999918"
    registry.register(regulator, REGULATOR, link, "Food safety office", sender=admin)
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    supply_chain.recall(PRODUCT, DATA, occurred_at, 1, sender=regulator)
    assert supply_chain.recallLevelOf(PRODUCT) == 1
    head = supply_chain.head(PRODUCT)
    values = handover_values(FARMER, CARRIER, head, occurred_at, deadline)
    with ape.reverts(supply_chain.ProductIsRecalled):
        supply_chain.handover(values, sign(CARRIER, HANDOVER, *values), sender=FARMER)


def test_stranger_cannot_recall(
    supply_chain: Any, FARMER: Any, ATTACKER: Any, occurred_at: int
) -> None:
    supply_chain.record(PRODUCT, DATA, occurred_at, OBJECT, sender=FARMER)
    with ape.reverts(supply_chain.NotCustodian):
        supply_chain.recall(PRODUCT, DATA, occurred_at, 1, sender=ATTACKER)
