"""SupplyChain: every event is a history entry of one product and moves its head."""

from core.chain.bindings.supply_chain import (
    CustodyTransferred,
    EventCorrected,
    EventRecorded,
    ProductPacked,
    ProductRecalled,
    ProductUnpacked,
    RecallClosed,
)
from core.chain.proof.head import Entry, grow
from core.errors import SourceLied
from core.types import (
    EMPTY_HEAD,
    RECALL_BASE,
    ZERO_ADDRESS,
    Address,
    DataHash,
    EventKind,
    Head,
    Millis,
)
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def event_recorded(event: EventRecorded, at: Place, state: State) -> list[Row]:
    """An entry; the first of a product also makes its actor the custodian."""
    entry = Entry(
        event.seq,
        event.kind,
        Address(event.actor),
        DataHash(event.data_hash),
        Millis(event.occurred_at),
    )
    previous = state.products.get(event.product_id)
    made = _append(previous, event.product_id, entry, at)
    if previous is None:
        made.append(_custody(event.product_id, entry, at, ZERO_ADDRESS, event.actor))
    return made + rows.document(event.data_hash, "event", at.block_number)


def custody_transferred(event: CustodyTransferred, at: Place, state: State) -> list[Row]:
    """An entry of kind HANDOVER, and the new custodian."""
    entry = Entry(
        event.seq,
        EventKind.HANDOVER,
        Address(event.from_),
        DataHash(event.data_hash),
        Millis(event.occurred_at),
        Address(event.to),
    )
    made = _append(
        state.products.get(event.product_id), event.product_id, entry, at, custodian=event.to
    )
    made.append(_custody(event.product_id, entry, at, event.from_, event.to))
    return made + rows.document(event.data_hash, "event", at.block_number)


def product_recalled(event: ProductRecalled, at: Place, state: State) -> list[Row]:
    """An entry of kind RECALL, and the level on the product."""
    entry = Entry(
        event.seq,
        RECALL_BASE | event.level,
        Address(event.actor),
        DataHash(event.notice_hash),
        Millis(event.occurred_at),
    )
    made = _append(
        state.products.get(event.product_id), event.product_id, entry, at, recall_level=event.level
    )
    made.append(
        rows.Recall(
            **at.key,
            product_id=event.product_id,
            seq=event.seq,
            actor=event.actor,
            notice_hash=event.notice_hash,
            level=event.level,
            occurred_at=event.occurred_at,
        )
    )
    return made + rows.document(event.notice_hash, "notice", at.block_number)


def event_corrected(event: EventCorrected, at: Place, state: State) -> list[Row]:
    """An entry of kind CORRECTION; its counterparty is the sequence number it corrects."""
    corrected = Address(event.corrected_seq.to_bytes(20, "big"))
    return _entry_about(event, EventKind.CORRECTION, corrected, at, state)


def product_packed(event: ProductPacked, at: Place, state: State) -> list[Row]:
    """An entry of kind PACKED; its counterparty is the end of the parent's id."""
    return _entry_about(event, EventKind.PACKED, Address(event.parent_id[12:]), at, state)


def product_unpacked(event: ProductUnpacked, at: Place, state: State) -> list[Row]:
    """An entry of kind UNPACKED, which makes its actor the custodian."""
    parent = Address(event.parent_id[12:])
    return _entry_about(event, EventKind.UNPACKED, parent, at, state, custodian=event.actor)


def recall_closed(event: RecallClosed, at: Place, state: State) -> list[Row]:
    """An entry of kind RECALL_CLOSED; the product carries no recall any more."""
    entry = Entry(
        event.seq,
        EventKind.RECALL_CLOSED,
        Address(event.actor),
        DataHash(event.notice_hash),
        Millis(event.occurred_at),
    )
    previous = state.products.get(event.product_id)
    made = _append(previous, event.product_id, entry, at, recall_level=0)
    return made + rows.document(event.notice_hash, "notice", at.block_number)


def _entry_about(
    event: EventCorrected | ProductPacked | ProductUnpacked,
    kind: EventKind,
    counterparty: Address,
    at: Place,
    state: State,
    **changes: object,
) -> list[Row]:
    entry = Entry(
        event.seq,
        kind,
        Address(event.actor),
        DataHash(event.data_hash),
        Millis(event.occurred_at),
        counterparty,
    )
    previous = state.products.get(event.product_id)
    made = _append(previous, event.product_id, entry, at, **changes)
    return made + rows.document(event.data_hash, "event", at.block_number)


def _append(
    previous: Row | None, product_id: bytes, entry: Entry, at: Place, **changes: object
) -> list[Row]:
    """The history row and the product after it.

    Raises:
        SourceLied: the entry does not follow the last one we know.
    """
    seq = previous.seq if previous else 0
    if entry.seq != seq + 1:
        raise SourceLied(
            f"product 0x{product_id.hex()}: entry {entry.seq} in block {at.block_number} "
            f"follows entry {seq}",
            hint="Entries are missing: is startBlock in the deployment file the right one?",
        )
    head = grow(Head(previous.head) if previous else EMPTY_HEAD, entry.leaf())
    state = {"seq": entry.seq, "head": head, "last_block": at.block_number, **changes}
    base = previous or _new_product(product_id, entry, at)
    return [_event(product_id, entry, at, head), base._replace(**state)]


def _new_product(product_id: bytes, entry: Entry, at: Place) -> Row:
    return rows.Product(
        product_id=product_id,
        uri=None,
        seq=0,
        head=EMPTY_HEAD,
        custodian=entry.actor,
        recall_level=0,
        first_block=at.block_number,
        last_block=at.block_number,
    )


def _event(product_id: bytes, entry: Entry, at: Place, head: Head) -> Row:
    return rows.Event(
        **at.key,
        tx_hash=at.tx_hash,
        product_id=product_id,
        seq=entry.seq,
        kind=int(entry.kind),
        actor=entry.actor,
        counterparty=entry.counterparty,
        data_hash=entry.data_hash,
        occurred_at=entry.occurred_at,
        head=head,
    )


def _custody(product_id: bytes, entry: Entry, at: Place, giver: bytes, receiver: bytes) -> Row:
    return rows.CustodyTransfer(
        **at.key,
        product_id=product_id,
        seq=entry.seq,
        from_actor=giver,
        to_actor=receiver,
        data_hash=entry.data_hash,
        occurred_at=entry.occurred_at,
    )
