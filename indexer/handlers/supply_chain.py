"""SupplyChain: the histories of products, and what stands beside them.

Every entry moves the head of one product; the other events tell of offers, of keys that act for
others, of entries that came too late, and of mass.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from core.chain.bindings.supply_chain import (
    CustodyTransferred,
    DelegateSet,
    EventCorrected,
    EventRecorded,
    HandoverCancelled,
    HandoverExpired,
    HandoverOffered,
    HandoverRejected,
    MassDeclared,
    ProductPacked,
    ProductRecalled,
    ProductsTransformed,
    ProductUnpacked,
    RecallClosed,
    RecordSkipped,
)
from core.chain.proof.head import head_of, leaf_of
from core.chain.proof.logs import History, said_in
from core.errors import Malformed, SourceLied
from core.types import EMPTY_HEAD, ZERO_ADDRESS
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row

_FAR_FUTURE: Final = 1 << 63
"""SQL holds no more, and contracts refuse what happened later than now."""
_leaf_of: Final = lru_cache(maxsize=64)(leaf_of)
"""The entries of one batch say the same of many products: it is hashed once."""


def event_recorded(event: EventRecorded, at: Place, state: State) -> list[Row]:
    """An entry; the first of a product also makes its actor the custodian."""
    made = _append(event, at, state)
    if event.seq == 1:
        made.append(_custody(event, at, ZERO_ADDRESS, event.actor))
    made += rows.document(event.data_hash, "event", at.block_number)
    return made


def event_corrected(event: EventCorrected, at: Place, state: State) -> list[Row]:
    """An entry that says what was wrong about an earlier one, which stays."""
    return [*_append(event, at, state), *rows.document(event.data_hash, "event", at.block_number)]


def custody_transferred(event: CustodyTransferred, at: Place, state: State) -> list[Row]:
    """An entry of kind HANDOVER, and the new custodian of the product and of all it contains."""
    made = _append(event, at, state, custodian=event.to)
    for inside in state.inside(event.product_id):
        made.append(state.products[inside]._replace(custodian=event.to))
    made.append(_custody(event, at, event.from_, event.to))
    return [*made, *rows.document(event.data_hash, "event", at.block_number)]


def product_packed(event: ProductPacked, at: Place, state: State) -> list[Row]:
    """An entry of the child, which from now on goes where its container goes."""
    made = _append(event, at, state, parent_id=event.parent_id)
    made.append(_packing(event, at, packed=True))
    return [*made, *rows.document(event.data_hash, "event", at.block_number)]


def product_unpacked(event: ProductUnpacked, at: Place, state: State) -> list[Row]:
    """An entry of the child; it stays with who held the container."""
    made = _append(event, at, state, parent_id=None, custodian=event.actor)
    made.append(_packing(event, at, packed=False))
    return [*made, *rows.document(event.data_hash, "event", at.block_number)]


def product_recalled(event: ProductRecalled, at: Place, state: State) -> list[Row]:
    """An entry of kind RECALL, and the level on the product."""
    made = _append(event, at, state, recall_level=event.level)
    made.append(_recall(event, at, event.level))
    return [*made, *rows.document(event.notice_hash, "notice", at.block_number)]


def recall_closed(event: RecallClosed, at: Place, state: State) -> list[Row]:
    """An entry that lifts the recall."""
    made = _append(event, at, state, recall_level=0)
    made.append(_recall(event, at, 0))
    return [*made, *rows.document(event.notice_hash, "notice", at.block_number)]


def handover_offered(event: HandoverOffered, at: Place, _state: State) -> list[Row]:
    """An offer; it replaces the giver's earlier one."""
    return [
        rows.HandoverOffer(
            **at.key,
            tx_hash=at.tx_hash,
            product_id=event.product_id,
            from_actor=event.from_,
            to_actor=event.to,
            data_hash=event.data_hash,
            occurred_at=rows.small(event.occurred_at, "occurredAt"),
            deadline=rows.clamped(event.deadline),
            prev_head=event.prev_head,
        )
    ]


def handover_rejected(event: HandoverRejected, at: Place, _state: State) -> list[Row]:
    """The receiver does not want it."""
    return [_offer_end(event, at, "rejected")]


def handover_cancelled(event: HandoverCancelled, at: Place, _state: State) -> list[Row]:
    """The giver took the offer back."""
    return [_offer_end(event, at, "cancelled")]


def handover_expired(event: HandoverExpired, at: Place, _state: State) -> list[Row]:
    """Nobody answered in time."""
    return [_offer_end(event, at, "expired")]


def delegate_set(event: DelegateSet, at: Place, _state: State) -> list[Row]:
    """A key may act for an account until a moment; a moment that is past takes it back."""
    return [
        rows.Delegation(
            **at.key,
            account=event.account,
            delegate=event.delegate,
            until=rows.clamped(event.until),
        )
    ]


def record_skipped(event: RecordSkipped, at: Place, _state: State) -> list[Row]:
    """A signed entry that was overtaken by another one."""
    return [
        rows.SkippedRecord(
            **at.key,
            tx_hash=at.tx_hash,
            product_id=event.product_id,
            actor=event.actor,
            expected=event.expected,
            actual=event.actual,
        )
    ]


def mass_declared(event: MassDeclared, at: Place, _state: State) -> list[Row]:
    """What there was of a product."""
    return [
        rows.MassDeclaration(
            **at.key, product_id=event.product_id, actor=event.actor, grams=str(event.grams)
        )
    ]


def products_transformed(event: ProductsTransformed, at: Place, _state: State) -> list[Row]:
    """What went in and what came out; the entries of each product are events of their own."""
    parts = [
        *_parts("input", event.inputs, event.used),
        *_parts("output", event.outputs, event.made),
    ]
    return [
        rows.Transformation(
            **at.key,
            position=position,
            tx_hash=at.tx_hash,
            data_hash=event.data_hash,
            actor=event.actor,
            product_id=product_id,
            role=role,
            grams=grams,
        )
        for position, (role, product_id, grams) in enumerate(parts)
    ]


def _parts(
    role: str, products: Sequence[bytes], grams: Sequence[int]
) -> list[tuple[str, bytes, str | None]]:
    if not grams:
        return [(role, product_id, None) for product_id in products]
    if len(grams) != len(products):
        raise Malformed(f"{len(products)} products with {len(grams)} masses", pointer=role)
    return [(role, p, str(mass)) for p, mass in zip(products, grams, strict=True)]


def _append(event: History, at: Place, state: State, **changes: object) -> list[Row]:
    """The history row and the product after it.

    Raises:
        SourceLied: the entry does not follow the last one we know, or no contract would take it.
    """
    product_id, seq, occurred_at = event.product_id, event.seq, event.occurred_at
    before = state.products.get(product_id)
    known = before.seq if before else 0
    if occurred_at >= _FAR_FUTURE:
        raise SourceLied(f"product 0x{product_id.hex()}: entry {seq} happened in the far future")
    if seq != known + 1:
        raise SourceLied(
            f"product 0x{product_id.hex()}: entry {seq} in block {at.block_number} "
            f"follows entry {known}",
            hint="Entries are missing: is startBlock in the deployment file the right one?",
        )
    kind, actor, other, word = said_in(event)
    leaf = _leaf_of(kind, actor, other, word, occurred_at)
    head = head_of(seq, before.head if before else EMPTY_HEAD, leaf)
    number, index, tx_hash = at
    # in the order of the columns: names cost a microsecond, and this is every entry
    entry = rows.Event.of(
        (number, index, tx_hash, product_id, seq, int(kind), actor, other, word, occurred_at, head)
    )
    if before is None:
        after = rows.Product(product_id, None, seq, head, actor, None, 0, number, number)
    else:
        _, uri, _, _, custodian, parent_id, level, first_block, _ = before
        after = rows.Product.of(
            (product_id, uri, seq, head, custodian, parent_id, level, first_block, number)
        )
    return [entry, after._replace(**changes) if changes else after]


def _custody(
    event: EventRecorded | CustodyTransferred, at: Place, giver: bytes, receiver: bytes
) -> Row:
    return rows.CustodyTransfer(
        **at.key,
        product_id=event.product_id,
        seq=event.seq,
        from_actor=giver,
        to_actor=receiver,
        data_hash=event.data_hash,
        occurred_at=event.occurred_at,
    )


def _recall(event: ProductRecalled | RecallClosed, at: Place, level: int) -> Row:
    return rows.Recall(
        **at.key,
        product_id=event.product_id,
        seq=event.seq,
        actor=event.actor,
        notice_hash=event.notice_hash,
        level=level,
        occurred_at=event.occurred_at,
    )


def _packing(event: ProductPacked | ProductUnpacked, at: Place, *, packed: bool) -> Row:
    return rows.Packing(
        **at.key,
        product_id=event.product_id,
        seq=event.seq,
        parent_id=event.parent_id,
        packed=packed,
        actor=event.actor,
        data_hash=event.data_hash,
        occurred_at=event.occurred_at,
    )


def _offer_end(
    event: HandoverRejected | HandoverCancelled | HandoverExpired, at: Place, outcome: str
) -> Row:
    return rows.OfferEnd(
        **at.key,
        product_id=event.product_id,
        from_actor=event.from_,
        to_actor=event.to,
        outcome=outcome,
    )
