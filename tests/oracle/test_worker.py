"""A worker signs only what it has checked itself."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from core.chain import keys
from core.config import OracleSettings, Settings
from core.crypto import address_of
from core.crypto.structs import sensor_oracle_domain
from core.db.app_tables import Reading as Row
from core.db.app_tables import ReadingBatch
from core.db.engine import Database
from core.messages import readings_topic
from oracle.batch import Batcher
from oracle.config import OracleConfig
from oracle.intake import Intake, verify
from oracle.link import Message
from oracle.report import from_json, signatures_of, to_json
from oracle.worker import Worker

WORKERS = keys.workers(Settings())
CONFIG = OracleConfig(b"\1" * 32, frozenset(map(address_of, WORKERS)), 2)


class StandingConfig:
    """A configuration that does not change; the chain's is read in test_service."""

    def __init__(self, config: OracleConfig) -> None:
        self._config = config

    async def current(self) -> OracleConfig:
        return self._config


@pytest.fixture
def batch(database: Database, readings: Any) -> ReadingBatch:
    topic = readings_topic(readings.device)
    group = [Message(topic, readings.one(n, 1000 * n).encode(), 0, 1) for n in range(1, 11)]
    settings = OracleSettings(batch_size=10)
    with database.write_session() as session:
        Intake().store(session, verify(group, readings.domain, 60))
    with database.write_session() as session:
        Batcher(database, settings, readings.domain).close_ready(session)
    return stored(database)


def stored(database: Database) -> ReadingBatch:
    with database.read_session() as session:
        return session.exec(select(ReadingBatch)).one()


def worker(
    database: Database, readings: Any, index: int, config: OracleConfig = CONFIG, **bounds: int
) -> Worker:
    settings = Settings(oracle=OracleSettings(**bounds))
    contract = readings.domain.verifying_contract
    return Worker(database, StandingConfig(config), settings, contract, WORKERS[index])  # type: ignore[arg-type]


def signers(database: Database, readings: Any, config: OracleConfig = CONFIG) -> list[bytes]:
    row = stored(database)
    report = replace(from_json(row.report), config_digest=config.digest)
    domain = sensor_oracle_domain(31337, readings.domain.verifying_contract)
    return [one.signer for one in signatures_of(row.signatures, report, domain)]


async def test_each_worker_signs_once(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    for index in (2, 0, 2, 1):
        await worker(database, readings, index).sign_open()
    assert signers(database, readings) == sorted(map(address_of, WORKERS))


async def test_a_new_configuration_is_signed_anew(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    await worker(database, readings, 0).sign_open()
    later = replace(CONFIG, digest=b"\2" * 32)
    await worker(database, readings, 0, later).sign_open()
    assert signers(database, readings) == []
    assert signers(database, readings, later) == [address_of(WORKERS[0])]


async def test_a_key_that_is_not_configured_signs_nothing(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    stranger = replace(CONFIG, signers=frozenset({address_of(WORKERS[1])}))
    await worker(database, readings, 0, stranger).sign_open()
    assert signers(database, readings, stranger) == []


@pytest.mark.parametrize("field", ["median", "excursions", "maximum", "count", "to_time"])
async def test_a_report_that_does_not_follow(
    database: Database, readings: Any, batch: ReadingBatch, field: str
) -> None:
    true = from_json(batch.report)
    alter(database, report=to_json(replace(true, **{field: getattr(true, field) + 1})))
    await worker(database, readings, 0).sign_open()
    assert signers(database, readings) == []


async def test_a_value_the_device_did_not_sign(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    assert batch.manifest.count(b'"value":9000') == 1
    alter(database, manifest=batch.manifest.replace(b'"value":9000', b'"value":8000'))
    await worker(database, readings, 0).sign_open()
    assert signers(database, readings) == []


@pytest.mark.parametrize(
    "values",
    [
        {"revoked_since": 1_776_700_600},
        {"valid_until": 1_776_700_599},
        {"valid_from": 1_776_700_061},
        {"subject": b"\7" * 32},
    ],
    ids=["revoked", "expired", "too early", "bound elsewhere"],
)
async def test_a_device_that_device_registry_does_not_vouch_for(
    database: Database, readings: Any, batch: ReadingBatch, mirrored: Any, values: Any
) -> None:
    """The batch's first reading is of second 1,776,700,060, its last of 1,776,700,600."""
    mirrored(readings.registered(**values))
    await worker(database, readings, 0).sign_open()
    assert signers(database, readings) == []


async def test_a_device_revoked_after_the_batch(
    database: Database, readings: Any, batch: ReadingBatch, mirrored: Any
) -> None:
    mirrored(readings.registered(revoked_since=1_776_700_601))
    await worker(database, readings, 0).sign_open()
    assert signers(database, readings) == [address_of(WORKERS[0])]


async def test_other_bounds_than_the_worker_s(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    await worker(database, readings, 0, upper_bound_mc=20_000).sign_open()
    assert signers(database, readings) == []


async def test_a_reading_that_stands_in_another_batch(
    database: Database, readings: Any, batch: ReadingBatch
) -> None:
    with database.write_session() as session:
        row = session.get_one(Row, (readings.device, 4))
        session.add(row.sqlmodel_update({"batch_id": b"\7" * 32}))
    await worker(database, readings, 0).sign_open()
    assert signers(database, readings) == []


def alter(database: Database, **values: Any) -> None:
    with database.write_session() as session:
        session.add(session.exec(select(ReadingBatch)).one().sqlmodel_update(values))
