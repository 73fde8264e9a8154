"""A committed forecast against the outcome, both as SQL knows them."""

from sqlmodel import Session, col, select

from core.crypto import to_hex
from core.db.app_tables import Forecast as ForecastRow
from core.db.chain_tables import Block, Checkpoint, ForecastCommitment
from core.errors import Conflict, UnknownEntity
from ml import store
from ml.score import Score, open_commitment, require_foresight, score


def judge(session: Session, committed: bytes) -> Score:
    """Score the forecast behind a commitment on what has been disclosed of its periods.

    Raises:
        UnknownEntity: no such forecast, or none of its periods is known yet.
        Conflict: the commitment is not final on chain, or the outcome was known before it.
        Malformed: document and salt do not belong to the commitment.
    """
    row = session.get(ForecastRow, committed)
    if row is None:
        raise UnknownEntity(f"no forecast {to_hex(committed)}")
    document = open_commitment(row.document, row.salt, committed)
    timestamp = _final_timestamp(session, committed)
    seen, first = store.outcome(session, row.series_id, after=document.trained_through)
    if first is None:
        raise UnknownEntity(f"nothing is known yet of what {to_hex(committed)} forecast")
    require_foresight(timestamp, first)
    return score(document, seen)


def _final_timestamp(session: Session, committed: bytes) -> int:
    found = session.exec(
        select(ForecastCommitment.block_number, Block.timestamp)
        .join(Block, col(Block.number) == ForecastCommitment.block_number)
        .where(ForecastCommitment.commitment == committed)
        .order_by(col(ForecastCommitment.block_number))
    ).first()
    finalized = session.exec(select(Checkpoint.finalized_number)).first()
    if found is None or finalized is None or found[0] > finalized:
        raise Conflict(
            f"commitment {to_hex(committed)} is not final on chain yet",
            hint="Wait until the indexer has finalised its block.",
        )
    return found[1]
