"""An oracle worker: one key that signs a report only after checking every reading itself.

`python -m oracle.worker --index N` runs worker N of the configured keys alone, e.g. on a machine
of its own; the oracle service runs all of them.
"""

import argparse
import asyncio
from dataclasses import replace
from typing import Final

import structlog
from sqlmodel import Session, col, func, select

from core.chain import keys
from core.chain.client import Rpc
from core.chain.deployments import load
from core.config import Settings
from core.crypto import Domain, address_of, to_hex
from core.crypto.structs import reading_domain, sensor_oracle_domain
from core.db.app_tables import Reading, ReadingBatch
from core.db.engine import Database, open_database
from core.errors import DeploymentMissing, Malformed, Retryable, SmartRetailError
from oracle.config import ConfigReader, OracleConfig
from oracle.devices import check_device, devices_of
from oracle.manifest import Manifest, decode
from oracle.report import Signature, from_json, sign_report, signatures_json, signatures_of

POLL_S: Final = 0.25
_log = structlog.get_logger(__name__)


class Worker:
    """Signs reports with one key."""

    def __init__(
        self,
        database: Database,
        config: ConfigReader,
        settings: Settings,
        contract: bytes,
        private_key: bytes,
    ) -> None:
        self.address = address_of(private_key)
        self._database = database
        self._config = config
        self._key = private_key
        self._bounds = settings.oracle.lower_bound_mc, settings.oracle.upper_bound_mc
        self._readings: Domain = reading_domain(settings.chain.chain_id, contract)
        self._reports: Domain = sensor_oracle_domain(settings.chain.chain_id, contract)
        self._refused: set[tuple[bytes, bytes]] = set()

    async def run(self) -> None:
        """Sign what is open until cancelled."""
        while True:
            try:
                await self.sign_open()
            except (Retryable, DeploymentMissing) as error:
                _log.warning("worker_waits", code=error.code, reason=error.message)
                await asyncio.sleep(4 * POLL_S)
            await asyncio.sleep(POLL_S)

    async def sign_open(self) -> None:
        """Check and sign each open batch that lacks this worker's signature."""
        batches = await self._database.read(_open_batches)
        if not batches:
            return
        config = await self._config.current()
        if self.address not in config.signers:
            _log.warning("worker_not_configured", worker=to_hex(self.address))
            return
        for batch in batches:
            known = (batch.batch_id, config.digest) in self._refused
            if not known and not self._has_signed(batch, config):
                await self._consider(batch, config)

    async def _consider(self, batch: ReadingBatch, config: OracleConfig) -> None:
        try:
            manifest = await asyncio.to_thread(self._checked, batch)
            await self._database.read(lambda s: _check_rows(s, batch.batch_id, manifest))
        except Retryable:
            raise
        except SmartRetailError as error:
            self._refused.add((batch.batch_id, config.digest))
            _log.error(
                "worker_refused",
                worker=to_hex(self.address),
                batch=to_hex(batch.batch_id),
                code=error.code,
                reason=error.message,
            )
            return
        await self._database.write(lambda s: self._sign(s, batch.batch_id, manifest, config))

    def _checked(self, batch: ReadingBatch) -> Manifest:
        """The manifest, if each reading is the device's and the stored report follows from it."""
        manifest = decode(batch.manifest, self._readings)
        manifest.check(self._readings)
        if (manifest.lower_mc, manifest.upper_mc) != self._bounds:
            raise Malformed("the batch is held against other bounds than this worker's")
        stored = from_json(batch.report)
        if manifest.report(self._readings, stored.config_digest) != stored:
            raise Malformed("the report does not follow from the readings")
        return manifest

    def _has_signed(self, batch: ReadingBatch, config: OracleConfig) -> bool:
        report = replace(from_json(batch.report), config_digest=config.digest)
        found = signatures_of(batch.signatures, report, self._reports)
        return any(one.signer == self.address for one in found)

    def _sign(
        self, session: Session, batch_id: bytes, manifest: Manifest, config: OracleConfig
    ) -> None:
        locked = select(ReadingBatch).where(ReadingBatch.batch_id == batch_id).with_for_update()
        batch = session.exec(locked).one()
        report = manifest.report(self._readings, config.digest)
        others = signatures_of(batch.signatures, report, self._reports)
        mine = Signature(self.address, sign_report(report, self._reports, self._key))
        batch.signatures = signatures_json(
            sorted({one.signer: one for one in [*others, mine]}.values())
        )
        session.add(batch)


def _open_batches(session: Session) -> list[ReadingBatch]:
    query = select(ReadingBatch).where(ReadingBatch.state == "open")
    return list(session.exec(query.order_by(col(ReadingBatch.created_at))))


def _check_rows(session: Session, batch_id: bytes, manifest: Manifest) -> None:
    """The readings stand in this batch and no other, and count by DeviceRegistry."""
    device = devices_of(session, [manifest.device]).get(manifest.device)
    for reading in manifest.readings:
        check_device(reading, device)
    seqs = [reading.seq for reading in manifest.readings]
    mine = select(func.count()).where(
        Reading.device == manifest.device,
        col(Reading.seq).in_(seqs),
        Reading.batch_id == batch_id,
    )
    if session.exec(mine).one() != len(seqs):
        raise Malformed("some readings of the manifest stand in another batch")


async def run_alone(settings: Settings, index: int) -> None:
    """One worker until cancelled."""
    database = open_database(settings)
    deployment = load(settings)
    async with Rpc(settings.chain.rpc_url) as rpc:
        config = ConfigReader(rpc, deployment)
        key = keys.workers(settings)[index]
        await Worker(database, config, settings, deployment.sensor_oracle, key).run()


def main() -> None:
    parser = argparse.ArgumentParser(description="one oracle worker")
    parser.add_argument("--index", type=int, required=True, help="which of the configured keys")
    asyncio.run(run_alone(Settings(), parser.parse_args().index))


if __name__ == "__main__":
    main()
