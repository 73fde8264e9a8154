"""Was a forecast fixed before its outcome could be known?"""

from collections.abc import Sequence

from sqlalchemy import func, literal, union_all
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.app_tables import Observation

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
