"""Brings signed batches on the chain: manifest to IPFS, report through the sender, until final."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import structlog
from sqlmodel import Session, col, select

from core.chain.bindings.sensor_oracle import Report, encode_report
from core.chain.bindings.sensor_oracle import Signature as Compact
from core.chain.sender import Sender, TxStatus
from core.crypto import Domain, compact, to_hex
from core.db.app_tables import ReadingBatch
from core.db.engine import Database
from core.errors import AlreadyExists, DeploymentMissing, Retryable, StaleHead
from core.ipfs.client import Ipfs
from oracle.config import ConfigReader, OracleConfig
from oracle.report import Signature, from_json, signatures_of, to_json

POLL_S: Final = 0.25
_log = structlog.get_logger(__name__)


class Submitter:
    """Moves batches `open -> submitted -> final`, or `failed`."""

    def __init__(
        self,
        database: Database,
        config: ConfigReader,
        ipfs: Ipfs,
        sender: Sender,
        contract: bytes,
        domain: Domain,
    ) -> None:
        self._database = database
        self._config = config
        self._ipfs = ipfs
        self._sender = sender
        self._contract = contract
        self._domain = domain

    async def run(self) -> None:
        """Submit and follow until cancelled."""
        while True:
            try:
                await self.advance()
            except (Retryable, DeploymentMissing) as error:
                _log.warning("submitter_waits", code=error.code, reason=error.message)
                await asyncio.sleep(4 * POLL_S)
            await asyncio.sleep(POLL_S)

    async def advance(self) -> None:
        """One look at every batch that is not settled."""
        batches = await self._database.read(_unsettled)
        for batch in batches:
            if batch.state == "submitted":
                await self._follow(batch)
        if opened := [batch for batch in batches if batch.state == "open"]:
            config = await self._config.current()
            for batch in opened:
                await self._try_submit(batch, config)

    async def _try_submit(self, batch: ReadingBatch, config: OracleConfig) -> None:
        report = replace(from_json(batch.report), config_digest=config.digest)
        found = signatures_of(batch.signatures, report, self._domain)
        signed = [one for one in found if one.signer in config.signers]
        if len(signed) < config.threshold:
            return
        await self._ipfs.put_block(batch.manifest)
        await self._enqueue(report, signed)
        await self._set(batch.batch_id, state="submitted", report=to_json(report))

    async def _enqueue(self, report: Report, signed: Sequence[Signature]) -> None:
        # After a crash in between, more signatures may be there than the stored call carries.
        if await self._sender.status(key_of(report)) is None:
            call = encode_report(report, [Compact(*compact(one.signature)) for one in signed])
            await self._sender.enqueue(key_of(report), self._contract, call)

    async def _follow(self, batch: ReadingBatch) -> None:
        status = await self._sender.status(key_of(from_json(batch.report)))
        if status is None:
            # The outbox was lost (restored backup): submit again, the contract is idempotent.
            await self._set(batch.batch_id, state="open")
        elif status.state == "final":
            await self._set(batch.batch_id, state="final")
        elif status.state == "failed":
            await self._failed(batch.batch_id, status)

    async def _failed(self, batch_id: bytes, status: TxStatus) -> None:
        match status.error_code:
            case AlreadyExists.code:  # the batch is on chain, sent by another submitter
                await self._set(batch_id, state="final")
            case StaleHead.code:  # the signers changed in between: gather signatures anew
                await self._set(batch_id, state="open", signatures="[]")
            case _:
                _log.error("batch_failed", batch=to_hex(batch_id), reason=status.error)
                await self._set(batch_id, state="failed")

    async def _set(self, batch_id: bytes, **values: Any) -> None:
        def change(session: Session) -> None:
            locked = select(ReadingBatch).where(ReadingBatch.batch_id == batch_id)
            batch = session.exec(locked.with_for_update()).one()
            session.add(batch.sqlmodel_update(values))

        await self._database.write(change)


def key_of(report: Report) -> str:
    """The outbox key: one call per batch and signer configuration."""
    return f"report:{to_hex(report.batch_id)}:{report.config_digest[:4].hex()}"


def _unsettled(session: Session) -> list[ReadingBatch]:
    query = select(ReadingBatch).where(col(ReadingBatch.state).in_(("open", "submitted")))
    return list(session.exec(query.order_by(col(ReadingBatch.created_at))))
