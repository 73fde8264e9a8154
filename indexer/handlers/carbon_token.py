"""CarbonToken: credits issued, moved, retired. ERC-1155 balances are a fold over the moves."""

from core.chain.bindings.carbon_token import (
    CreditCancelled,
    CreditIssued,
    CreditRetired,
    TransferBatch,
    TransferSingle,
)
from core.errors import Malformed
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def credit_issued(event: CreditIssued, at: Place, _state: State) -> list[Row]:
    """One serial range became credits."""
    issued = rows.CreditBatch(
        **at.key,
        credit_id=_id(event.id),
        project=event.project,
        vintage=event.vintage,
        batch=event.batch,
        serial_start=rows.small(event.serial_start, "serialStart"),
        serial_end=rows.small(event.serial_end, "serialEnd"),
        metadata_hash=event.metadata_hash,
        issued_to=event.to,
    )
    return [issued, *rows.document(event.metadata_hash, "metadata", at.block_number)]


def credit_retired(event: CreditRetired, at: Place, _state: State) -> list[Row]:
    """Credits are gone for good."""
    retired = rows.CreditRetirement(
        **at.key,
        tx_hash=at.tx_hash,
        credit_id=_id(event.id),
        retirement_id=str(event.first_kg),
        holder=event.holder,
        beneficiary=event.beneficiary,
        product_id=event.product_id,
        amount=str(event.amount),
        purpose_hash=event.purpose_hash,
    )
    return [retired, *rows.document(event.purpose_hash, "purpose", at.block_number)]


def credit_cancelled(event: CreditCancelled, at: Place, _state: State) -> list[Row]:
    """Credits are gone for good and count for nobody."""
    return [
        rows.CreditCancellation(
            **at.key,
            tx_hash=at.tx_hash,
            credit_id=_id(event.id),
            holder=event.holder,
            reason_hash=event.reason_hash,
            amount=str(event.amount),
        ),
        *rows.document(event.reason_hash, "reason", at.block_number),
    ]


def transfer_single(event: TransferSingle, at: Place, _state: State) -> list[Row]:
    """One id moved."""
    return [_transfer(at, 0, event.id, event.from_, event.to, event.value)]


def transfer_batch(event: TransferBatch, at: Place, _state: State) -> list[Row]:
    """Several ids moved at once; `position` is their place in the event."""
    if len(event.ids) != len(event.values):
        raise Malformed(f"{len(event.ids)} ids with {len(event.values)} amounts", pointer="ids")
    pairs = zip(event.ids, event.values, strict=True)
    return [
        _transfer(at, position, credit, event.from_, event.to, amount)
        for position, (credit, amount) in enumerate(pairs)
    ]


def _transfer(
    at: Place, position: int, credit: int, giver: bytes, receiver: bytes, amount: int
) -> Row:
    return rows.CreditTransfer(
        **at.key,
        position=position,
        credit_id=_id(credit),
        from_actor=giver,
        to_actor=receiver,
        amount=str(amount),
    )


def _id(credit: int) -> bytes:
    return credit.to_bytes(32, "big")
