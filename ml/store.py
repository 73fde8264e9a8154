"""Series and observations in SQL (`app.series`, `app.observation`). Callers own the transaction."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from core.clock import now_ms
from core.crypto import to_hex
from core.db.app_tables import Observation
from core.db.app_tables import Series as SeriesRow
from core.db.chain_tables import Block
from core.errors import AlreadyExists, UnknownEntity
from core.types import Millis
from ml.data import Frequency, Observed, Series, series_id
from ml.data.series import build


def add_series(session: Session, series: Series) -> bytes:
    """Enter a series with all its observations; entering it again changes nothing.

    Returns the series' id. Raises:
        AlreadyExists: the name stands for another unit or calendar, or a value differs.
        Malformed: the observations do not continue those already here.
    """
    row = SeriesRow(
        series_id=series_id(series.name),
        name=series.name,
        unit=series.unit,
        frequency=series.frequency.value,
        source=series.source,
    )
    found = session.get(SeriesRow, row.series_id)
    if found is None:
        session.add(row)
        session.flush()
    elif (found.unit, found.frequency) != (row.unit, row.frequency):
        raise AlreadyExists(f"series {row.name!r} is in {found.unit}, {found.frequency}")
    disclose(session, row.series_id, series.points)
    return row.series_id


def disclose(session: Session, series: bytes, points: Sequence[Observed]) -> int:
    """Make observations known from now on; those known already are left as they are.

    Returns how many were new. Raises:
        UnknownEntity: no such series.
        AlreadyExists: a period is known with another value.
        Malformed: the new periods leave a gap or come before the first.
    """
    known = {seen.period: seen.value for seen in _observed(session, series)}
    fresh = [point for point in points if _is_new(point, known)]
    merged = [Observed(period, value) for period, value in known.items()] + fresh
    if merged:
        row = _row(session, series)
        build(row.name, row.unit, Frequency(row.frequency), row.source, merged)
    at = _disclosure_time(session)
    session.add_all(
        Observation(series_id=series, period=period.isoformat(), value=value, disclosed_at=at)
        for period, value in fresh
    )
    session.flush()
    return len(fresh)


def load(session: Session, series: bytes) -> Series:
    """The series with everything disclosed so far.

    Raises:
        UnknownEntity: no such series.
        Malformed: it has no observations, or someone broke its calendar.
    """
    row = _row(session, series)
    return build(
        row.name, row.unit, Frequency(row.frequency), row.source, _observed(session, series)
    )


def newest_periods(session: Session) -> dict[bytes, date]:
    """The last period known of every series that has one."""
    newest = select(Observation.series_id, func.max(Observation.period)).group_by(
        col(Observation.series_id)
    )
    return {series: date.fromisoformat(period) for series, period in session.exec(newest)}


def outcome(session: Session, series: bytes, after: date) -> tuple[list[Observed], Millis | None]:
    """What became known of the periods after `after`, and when the first of it did."""
    rows = session.exec(
        select(Observation)
        .where(Observation.series_id == series, Observation.period > after.isoformat())
        .order_by(col(Observation.period))
    ).all()
    first = min((row.disclosed_at for row in rows), default=None)
    return [_point(row) for row in rows], None if first is None else Millis(first)


def _is_new(point: Observed, known: dict[date, int]) -> bool:
    before = known.get(point.period)
    if before is not None and before != point.value:
        raise AlreadyExists(f"{point.period} is known as {before}, not {point.value}")
    return before is None


def _disclosure_time(session: Session) -> Millis:
    # A busy development chain runs ahead of the clock; "after block N" must stay true by its time.
    head = session.exec(select(func.max(Block.timestamp))).one()
    return Millis(max(now_ms(), (head or 0) * 1000 + 1))


def _row(session: Session, series: bytes) -> SeriesRow:
    row = session.get(SeriesRow, series)
    if row is None:
        raise UnknownEntity(f"no series {to_hex(series)}")
    return row


def _observed(session: Session, series: bytes) -> list[Observed]:
    rows = session.exec(
        select(Observation).where(Observation.series_id == series).order_by(col(Observation.period))
    ).all()
    return [_point(row) for row in rows]


def _point(row: Observation) -> Observed:
    return Observed(date.fromisoformat(row.period), row.value)
