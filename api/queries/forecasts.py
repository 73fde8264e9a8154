"""Was a forecast fixed before its outcome could be known?"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import func, literal, union_all
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.app_tables import Observation
from core.db.chain_tables import ForecastCommitment, ForecastReveal, ForecastScore

FactT = TypeVar("FactT", ForecastReveal, ForecastScore)
OutcomeKey = tuple[bytes, str]
"""(series id, first period that was forecast, an ISO date)."""


async def first_outcomes(
    snapshot: Snapshot, keys: Sequence[OutcomeKey]
) -> dict[OutcomeKey, int | None]:
    """When the first outcome at or after a period became known here, Unix milliseconds."""
    parts = [
        select(literal(place), func.min(col(Observation.disclosed_at))).where(
            Observation.series_id == series_id, Observation.period >= period
        )
        for place, (series_id, period) in enumerate(keys)
    ]
    if not parts:
        return {}
    found = await snapshot.all(union_all(*parts))
    return {keys[place]: known for place, known in found}


async def commitments(
    snapshot: Snapshot, keys: Sequence[bytes]
) -> dict[bytes, ForecastCommitment | None]:
    """The earliest entry of each commitment: whoever copies it later proves nothing."""
    place = (col(ForecastCommitment.block_number), col(ForecastCommitment.log_index))
    mine = select(ForecastCommitment).where(col(ForecastCommitment.commitment).in_(list(keys)))
    found: dict[bytes, ForecastCommitment | None] = {}
    for row in await snapshot.rows(mine.order_by(*place)):
        found.setdefault(row.commitment, row)
    return found


async def facts(
    snapshot: Snapshot, kind: type[FactT], keys: Sequence[bytes]
) -> dict[bytes, FactT | None]:
    """What the ledger logged about the earliest entry of each commitment.

    A copy under another forecaster or series has reveals and scores of its own, which say nothing
    about this one.
    """
    mine = {
        _entry(row): row.commitment for row in (await commitments(snapshot, keys)).values() if row
    }
    found = await snapshot.rows(select(kind).where(col(kind.commitment).in_(list(keys))))
    return {mine[_entry(row)]: row for row in found if _entry(row) in mine}


def _entry(row: ForecastCommitment | ForecastReveal | ForecastScore) -> tuple[bytes, ...]:
    return row.commitment, row.forecaster, row.series_id, row.cutoff.to_bytes(8, "big")
