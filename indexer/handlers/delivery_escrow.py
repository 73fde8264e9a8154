"""DeliveryEscrow: money that waits for a product, and what became of it."""

from core.chain.bindings.delivery_escrow import (
    DeliveryClosed,
    DeliveryConfirmed,
    DeliveryDisputed,
    DeliveryFunded,
    DeliveryResolved,
    ExcursionProven,
)
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def delivery_funded(event: DeliveryFunded, at: Place, _state: State) -> list[Row]:
    """The terms are fixed from here on."""
    return [
        rows.Delivery(
            **at.key,
            tx_hash=at.tx_hash,
            delivery_id=event.id,
            product_id=event.product_id,
            buyer=event.buyer,
            seller=event.seller,
            arbiter=event.arbiter,
            token=event.token,
            amount=str(event.amount),
            device=event.device,
            lower_bound=event.lower_bound,
            upper_bound=event.upper_bound,
            deadline=rows.clamped(event.deadline),
        )
    ]


def delivery_confirmed(event: DeliveryConfirmed, at: Place, _state: State) -> list[Row]:
    """The buyer has the product."""
    return [_step(at, event.id, "confirmed", actor=event.confirmer)]


def excursion_proven(event: ExcursionProven, at: Place, _state: State) -> list[Row]:
    """A reading out of bounds lowers what the seller gets."""
    return [_step(at, event.id, "excursion", to_buyer=str(event.withheld))]


def delivery_disputed(event: DeliveryDisputed, at: Place, _state: State) -> list[Row]:
    """The named arbiter is called."""
    return [_step(at, event.id, "disputed", actor=event.party, reason_hash=event.reason_hash)]


def delivery_resolved(event: DeliveryResolved, at: Place, _state: State) -> list[Row]:
    """The arbiter's word."""
    return [_step(at, event.id, "resolved", actor=event.arbiter, reason_hash=event.reason_hash)]


def delivery_closed(event: DeliveryClosed, at: Place, _state: State) -> list[Row]:
    """What each side may withdraw."""
    shares = {"to_seller": str(event.to_seller), "to_buyer": str(event.to_buyer)}
    return [_step(at, event.id, "closed", **shares)]


def _step(at: Place, delivery_id: bytes, step: str, **said: object) -> Row:
    unsaid = dict.fromkeys(("actor", "reason_hash", "to_seller", "to_buyer"))
    columns = {**unsaid, **said}
    return rows.DeliveryStep(
        **at.key, tx_hash=at.tx_hash, delivery_id=delivery_id, step=step, **columns
    )
