"""From observations in SQL to one forecast row, and from its outcome to a score.

On SQLite and on PostgreSQL.
"""

import asyncio
import json
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from core.config import DbSettings, Settings
from core.crypto import sha256, to_hex
from core.crypto.forecasts import opening
from core.db.app_tables import Forecast as ForecastRow
from core.db.app_tables import Observation
from core.db.chain_tables import Block, Checkpoint, ForecastCommitment
from core.db.engine import Database
from core.errors import AlreadyExists, Conflict, Malformed, UnknownEntity
from ml import store
from ml.data import Frequency, Observed, Series, series_id
from ml.data.series import build
from ml.document import Forecast, read
from ml.judge import judge
from ml.publish import MOST_ATTEMPTS, REPLAY_LEAD_S, cutoff_of, publish, rows_of

TINY = series_id("tiny")
OUTCOME = (Observed(date(2021, 1, 1), 10), Observed(date(2021, 2, 1), 20))


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(state_dir=tmp_path, db=DbSettings(url=url))


@pytest.fixture
def series() -> Series:
    points = [Observed(Frequency.MONTHLY.after(date(2015, 1, 1), step), step) for step in range(72)]
    return build("tiny", "piece", Frequency.MONTHLY, "test", points)


@pytest.fixture
def session(database: Database, series: Series) -> Session:
    with database.write_session() as opened:
        store.add_series(opened, series)
        yield opened


@pytest.fixture
def mine(forecast: Forecast) -> Forecast:
    return forecast.model_copy(update={"series_id": to_hex(TINY)})


def _finalise(session: Session, committed: bytes, *, timestamp: int, finalized: int) -> None:
    """What the indexer writes when it has seen the commitment in block 7."""
    nothing = bytes(32)
    session.add(
        Block(
            number=7, hash=nothing, parent_hash=nothing, timestamp=timestamp, state_digest=nothing
        )
    )
    session.add(
        ForecastCommitment(
            block_number=7, log_index=0, tx_hash=nothing, series_id=TINY, forecaster=bytes(20),
            commitment=committed, cutoff=timestamp + 600,
        )
    )  # fmt: skip
    session.add(
        Checkpoint(
            chain_id=31337,
            block_number=9,
            block_hash=nothing,
            finalized_number=finalized,
            genesis_hash=nothing,
            deployment=nothing,
        )
    )
    session.flush()


def test_a_series_comes_back_as_it_was_entered(session: Session, series: Series) -> None:
    assert store.load(session, TINY) == series
    assert store.newest_periods(session) == {TINY: date(2020, 12, 1)}


def test_entering_a_series_again_changes_nothing(session: Session, series: Series) -> None:
    before = session.exec(select(Observation)).all()
    store.add_series(session, series)
    assert session.exec(select(Observation)).all() == before


def test_a_known_name_cannot_change_its_meaning(session: Session, series: Series) -> None:
    with pytest.raises(AlreadyExists):
        store.add_series(session, replace(series, unit="dozen"))


def test_history_cannot_be_rewritten(session: Session) -> None:
    with pytest.raises(AlreadyExists, match="is known as 71, not 72"):
        store.disclose(session, TINY, [Observed(date(2020, 12, 1), 72)])


def test_a_disclosure_must_continue_the_series(session: Session) -> None:
    with pytest.raises(Malformed, match="2021-01-01 is missing"):
        store.disclose(session, TINY, [OUTCOME[1]])
    with pytest.raises(UnknownEntity):
        store.disclose(session, bytes(32), OUTCOME)


def test_one_past_gets_one_forecast(session: Session, mine: Forecast) -> None:
    committed = publish(session, mine)
    assert publish(session, mine) is None
    (row,) = rows_of(session, TINY)
    assert (row.commitment, row.state, row.series_id) == (committed, "ready", TINY)
    assert row.commitment == opening(row.document, row.salt).commitment
    assert opening(row.document, row.salt).document_hash == sha256(row.document)
    assert read(row.document).cutoff == row.cutoff


def test_two_publishers_at_once_write_one_row(
    database: Database, series: Series, mine: Forecast
) -> None:
    async def race() -> list[bytes | None]:
        work = (database.write(partial(publish, forecast=mine)) for _ in range(4))
        return await asyncio.gather(*work)

    with database.write_session() as session:
        store.add_series(session, series)
    found = asyncio.run(race())
    assert sum(committed is not None for committed in found) == 1


def test_a_failed_commitment_is_made_anew_but_not_forever(session: Session, mine: Forecast) -> None:
    made = []
    while (committed := publish(session, mine)) is not None:
        made.append(committed)
        row = session.get_one(ForecastRow, committed)
        row.state = "failed"
        session.flush()
    assert len(made) == len(set(made)) == MOST_ATTEMPTS


def test_news_get_a_forecast_of_their_own(session: Session, mine: Forecast) -> None:
    publish(session, mine)
    later = mine.model_copy(update={"trained_through": date(2021, 1, 1)})
    assert publish(session, later) is not None


def test_the_cutoff_is_the_beginning_of_what_is_forecast() -> None:
    assert cutoff_of(date(2030, 1, 1), now=1_800_000_000) == 1_893_456_000


def test_the_cutoff_of_replayed_history_leaves_time_to_commit() -> None:
    assert cutoff_of(date(2015, 6, 1), now=1_800_000_000) == 1_800_000_000 + REPLAY_LEAD_S


def test_a_final_commitment_is_judged_by_what_came_later(session: Session, mine: Forecast) -> None:
    committed = publish(session, mine)
    assert committed is not None
    _finalise(session, committed, timestamp=1_700_000_000, finalized=7)
    assert store.disclose(session, TINY, OUTCOME) == 2
    found = judge(session, committed)
    assert (found.steps, found.inside_80) == (2, 1)


def test_a_chain_ahead_of_the_clock_does_not_make_foresight_look_like_hindsight(
    session: Session, mine: Forecast
) -> None:
    committed = publish(session, mine)
    assert committed is not None
    _finalise(session, committed, timestamp=10**10, finalized=7)
    store.disclose(session, TINY, OUTCOME)
    assert judge(session, committed).steps == 2


def test_nothing_is_judged_too_early_or_in_hindsight(session: Session, mine: Forecast) -> None:
    committed = publish(session, mine)
    assert committed is not None
    with pytest.raises(UnknownEntity):
        judge(session, bytes(32))
    with pytest.raises(Conflict, match="not final"):
        judge(session, committed)
    store.disclose(session, TINY, OUTCOME)  # before the commitment is on chain
    _finalise(session, committed, timestamp=10**10, finalized=6)
    with pytest.raises(Conflict, match="not final"):
        judge(session, committed)
    session.exec(select(Checkpoint)).one().finalized_number = 7
    with pytest.raises(Conflict, match="disclosed at"):
        judge(session, committed)


def test_an_altered_row_is_found(session: Session, mine: Forecast) -> None:
    committed = publish(session, mine)
    assert committed is not None
    _finalise(session, committed, timestamp=1_700_000_000, finalized=7)
    store.disclose(session, TINY, OUTCOME)
    row = session.get_one(ForecastRow, committed)
    document = json.loads(row.document)
    document["points"][0]["values"][2] = 10
    row.document = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    session.flush()
    with pytest.raises(Malformed, match="not what was committed"):
        judge(session, committed)
