"""Was a forecast fixed before its outcome could be known?"""

from collections.abc import Sequence

from sqlalchemy import func, literal, union_all
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.app_tables import Observation
from core.db.chain_tables import ForecastCommitment

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
