"""Whether a forecast came before its outcome, from rows as ml, oracle and indexer write them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from sqlmodel import Session

from api.graphql.context import Context
from api.graphql.schema import schema
from core.config import DbSettings, Settings
from core.crypto import forecasts, keccak256, to_hex
from core.db.app_tables import Forecast, Observation, Series
from core.db.chain_tables import (
    Block,
    Checkpoint,
    ForecastCommitment,
    ForecastReveal,
    ForecastScore,
)
from core.db.engine import Database, Writes, connect, open_database

SERIES = keccak256(b"retail")
SALT = b"\5" * 32
CUTOFF = 1_000
LOSSES = {
    "mase": "0.9000", "smape": "0.1000", "pinball": "1.0000",
    "coverage80": "0.8125", "coverage95": "0.9500",
}  # fmt: skip
DOCUMENT = rfc8785.dumps(
    {
        "model": "ets",
        "intervals": "native",
        "quantiles": [25, 100, 500, 900, 975],
        "points": [{"period": "2026-05-01", "values": [1, 2, 3, 4, 5]}],
        "backtest": {"candidates": [{"model": "ets", "native": LOSSES, "calibrated": None}]},
    }
)
OPENING = forecasts.opening(DOCUMENT, SALT)
COMMITMENT = OPENING.commitment
QUERY = """{forecasts{edges{node{model perMille points{period quantiles} candidates{coverage80
    coverage95 chosen} series{name unit} timing{committedAt firstOutcomeDisclosedAt state
    hashMatches provenBeforeOutcome} reveal{txHash forecaster seriesId salt documentHash points
    state} score{txHash loss steps blockNumber state}}}}}"""


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=url))
    database = open_database(settings)
    database.settings = settings  # type: ignore[attr-defined]
    yield database
    database.close()


def fill(
    database: Any, *, block: int, mined_at: int, outcome_ms: int | None, document: bytes = DOCUMENT
) -> None:
    """Forecast, a commitment in `block`, and perhaps an outcome; block 9 is final."""
    writer = connect(database.settings, Writes.BOTH)
    nothing = bytes(32)
    with writer.write_session() as session:
        session.add(
            Checkpoint(
                chain_id=1,
                block_number=12,
                block_hash=nothing,
                finalized_number=9,
                genesis_hash=nothing,
                deployment=nothing,
            )
        )
        session.add(
            Series(series_id=SERIES, name="retail", unit="EUR", frequency="MS", source="test")
        )
        session.add(
            Forecast(
                commitment=COMMITMENT,
                series_id=SERIES,
                document=document,
                salt=SALT,
                cutoff=CUTOFF,
                state="committed",
                created_at=1,
            )
        )
        for period, known in (("2026-04-01", 1), ("2026-05-01", outcome_ms)):
            if known is not None:
                session.add(
                    Observation(series_id=SERIES, period=period, value=1, disclosed_at=known)
                )
        _commit(session, block, mined_at)
        _commit(session, 9, CUTOFF - 1)  # a copy by somebody else, later
    writer.close()


def _commit(session: Session, block: int, mined_at: int) -> None:
    nothing = bytes(32)
    session.merge(
        Block(
            number=block,
            hash=nothing,
            parent_hash=nothing,
            timestamp=mined_at,
            state_digest=nothing,
        )
    )
    session.merge(
        ForecastCommitment(
            block_number=block,
            log_index=0,
            tx_hash=nothing,
            series_id=SERIES,
            forecaster=bytes(20),
            commitment=COMMITMENT,
            cutoff=CUTOFF,
        )
    )


async def asked(database: Database) -> dict[str, Any]:
    services: Any = type("Services", (), {"database": database})()
    result = await schema.execute(QUERY, context_value=Context(services))
    assert result.errors is None, result.errors
    assert result.data is not None
    [edge] = result.data["forecasts"]["edges"]
    return dict(edge["node"])


async def test_forecast_shows_quantiles_and_coverage(database: Database) -> None:
    fill(database, block=7, mined_at=500, outcome_ms=600_000)
    found = await asked(database)
    assert found["points"] == [{"period": "2026-05-01", "quantiles": [1, 2, 3, 4, 5]}]
    assert found["candidates"] == [{"coverage80": "0.8125", "coverage95": "0.9500", "chosen": True}]
    assert found["timing"]["committedAt"] == 500
    assert found["timing"]["firstOutcomeDisclosedAt"] == 600_000


@pytest.mark.parametrize(
    ("facts", "proven"),
    [
        ({"block": 7, "mined_at": 500, "outcome_ms": 500_001}, True),
        ({"block": 7, "mined_at": 500, "outcome_ms": None}, True),
        ({"block": 7, "mined_at": 500, "outcome_ms": 500_000}, False),
        ({"block": 7, "mined_at": 500, "outcome_ms": 1}, False),
        ({"block": 7, "mined_at": CUTOFF, "outcome_ms": None}, False),
        ({"block": 7, "mined_at": 500, "outcome_ms": None, "document": DOCUMENT + b" "}, False),
    ],
    ids=["before", "no outcome yet", "same moment", "after", "at cutoff", "other document"],
)
async def test_proven(database: Database, facts: dict[str, Any], proven: bool) -> None:
    fill(database, **facts)
    timing = (await asked(database))["timing"]
    assert timing["provenBeforeOutcome"] is proven


async def test_nothing_is_proven_by_a_block_that_can_vanish(database: Database) -> None:
    fill(database, block=7, mined_at=500, outcome_ms=None)
    writer = connect(database.settings, Writes.CHAIN)  # type: ignore[attr-defined]
    with writer.write_session() as session:
        checkpoint = session.get(Checkpoint, 1)
        assert checkpoint is not None
        checkpoint.finalized_number = 6
        session.add(checkpoint)
    writer.close()
    timing = (await asked(database))["timing"]
    assert (timing["state"], timing["provenBeforeOutcome"]) == ("RECORDED", False)


async def test_a_forecast_has_no_reveal_or_score_before_it_is_shown(database: Database) -> None:
    fill(database, block=7, mined_at=500, outcome_ms=None)
    found = await asked(database)
    assert (found["reveal"], found["score"]) == (None, None)


async def test_reveal_and_score_are_the_entrys_own(database: Database) -> None:
    fill(database, block=7, mined_at=500, outcome_ms=600_000)
    writer = connect(database.settings, Writes.CHAIN)  # type: ignore[attr-defined]
    with writer.write_session() as session:
        show(session, block=8, series=keccak256(b"a copy in another series"), loss="1")
        show(session, block=8, series=SERIES, loss=str(2**90), log_index=2)
        show(session, block=12, series=SERIES, forecaster=b"\1" * 20, loss="3")
    writer.close()
    found = await asked(database)
    assert found["score"] == {
        "txHash": to_hex(bytes(32)), "loss": str(2**90), "steps": 1, "blockNumber": 8,
        "state": "FINAL",
    }  # fmt: skip
    assert found["reveal"] == {
        "txHash": to_hex(bytes(32)),
        "forecaster": to_hex(bytes(20)),
        "seriesId": to_hex(SERIES),
        "salt": to_hex(SALT),
        "documentHash": to_hex(OPENING.document_hash),
        "points": to_hex(OPENING.points),
        "state": "FINAL",
    }


def show(
    session: Session,
    *,
    block: int,
    series: bytes,
    loss: str,
    log_index: int = 0,
    forecaster: bytes = bytes(20),
) -> None:
    """What the indexer writes of a reveal and a score under this entry."""
    entry = {"tx_hash": bytes(32), "series_id": series, "forecaster": forecaster}
    entry |= {"commitment": COMMITMENT, "cutoff": CUTOFF}
    session.add(
        ForecastReveal(
            block_number=block, log_index=log_index, **entry, salt=SALT,
            document_hash=OPENING.document_hash, points=OPENING.points,
        )
    )  # fmt: skip
    session.add(
        ForecastScore(block_number=block, log_index=log_index + 1, **entry, loss=loss, steps=1)
    )
