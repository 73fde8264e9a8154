"""`sr360 verify`: replay the chain, compare every row, prove the heads, re-hash the documents."""

import asyncio
from collections.abc import Iterable

from core.chain import deployments
from core.chain.client import Rpc
from core.chain.proof.header import Header
from core.config import Settings
from core.crypto import keccak256, to_hash
from core.db import Writes
from core.db.engine import connect
from core.epcis import identifiers
from core.errors import (
    BadInput,
    DatabaseUnavailable,
    Retryable,
    SourceLied,
    UnknownEntity,
)
from core.ipfs.client import Ipfs
from core.types import Address
from indexer.registry import Registry, registry_of
from indexer.rows import Row
from indexer.verify.chain import read_chain
from indexer.verify.compare import Relevant, compare_order, compare_tables
from indexer.verify.decode import auditor_decoder
from indexer.verify.documents import DocumentAudit, check_names, mentioned
from indexer.verify.heads import check_heads
from indexer.verify.replay import Replay, Tables
from indexer.verify.report import Report, show
from indexer.verify.snapshot import Snapshot, take_snapshot
from indexer.verify.standings import check_standings, check_tips


async def verify(settings: Settings, *, product: str | None = None) -> Report:
    """Check the whole mirror, or what it says about one product (Digital Link or 0x id).

    Wrong things are findings; what cannot be reached is listed in `unchecked`.

    Raises:
        UnknownEntity: the mirror knows no such product.
        DeploymentMissing, BadConfig: there is no deployment to check against.
    """
    deployment = deployments.load(settings)
    product_id = None if product is None else _product_id(product)
    report = Report()
    try:
        snapshot = await _read(settings)
    except DatabaseUnavailable as error:
        report.unchecked.append(f"the database: {error.message}")
        return report
    if snapshot.checkpoint is None:
        report.unchecked.append("the mirror is empty: the indexer has not run yet")
        return report
    rpc, ipfs = Rpc(settings.chain.rpc_url, timeout_s=60), Ipfs.from_settings(settings)
    async with rpc, ipfs:
        audit = _Audit(rpc, ipfs, registry_of(deployment), snapshot, product_id, report)
        anchors = deployment.contracts.get("AnchorLog")
        await audit.run(deployment.supply_chain, anchors.address if anchors else None)
    return report


class _Audit:
    def __init__(
        self,
        rpc: Rpc,
        ipfs: Ipfs,
        registry: Registry,
        snapshot: Snapshot,
        product_id: bytes | None,
        report: Report,
    ) -> None:
        self._rpc = rpc
        self._ipfs = ipfs
        self._registry = registry
        self._snapshot = snapshot
        self._product_id = product_id
        self._relevant = _scope(product_id)
        self._report = report

    async def run(self, supply_chain: Address, anchor_log: Address | None) -> None:
        try:
            header, expected = await self._replay()
        except SourceLied as error:
            self._report.add("source_lied", "chain", error.message)
            return
        except Retryable as error:
            self._report.unchecked.append(f"the chain: {error.message}")
            return
        self._check_checkpoint(header)
        found = self._snapshot.tables
        self._refuse_unknown(expected, found)
        compare_order(expected, found, self._relevant, self._report)
        compare_tables(expected, found, self._relevant, self._report)
        products = [row for row in expected.get("product", {}).values() if self._relevant(row)]
        await check_heads(self._rpc, supply_chain, header, products, self._report)
        await check_standings(self._rpc, supply_chain, header, products, self._report)
        if anchor_log is not None:
            anchors = list(expected.get("anchor", {}).values())
            await check_tips(self._rpc, anchor_log, header, anchors, self._report)
        await self._documents(expected)

    async def _replay(self) -> tuple[Header, Tables]:
        first = max(self._registry.start_block - 1, 0)
        last = self._snapshot.checkpoint.block_number
        replay = Replay(auditor_decoder(self._registry), self._registry.fingerprint)
        tip: Header | None = None
        async for header, block in read_chain(self._rpc, self._registry.addresses, first, last):
            tip = header
            if block.number < self._registry.start_block:
                replay.base(block)
            else:
                replay.take(block)
            self._report.checked["blocks linked, receipts recomputed"] += 1
        if tip is None:
            raise SourceLied(f"the mirror stands at block {last}, before the first contract")
        return tip, replay.tables

    def _check_checkpoint(self, header: Header) -> None:
        checkpoint = self._snapshot.checkpoint
        if checkpoint.block_hash != header.hash:
            self._report.add(
                "checkpoint_differs",
                "checkpoint",
                f"checkpoint: block {checkpoint.block_number} is {show(checkpoint.block_hash)}, "
                f"the chain has {show(header.hash)}",
                column="block_hash",
                expected=show(header.hash),
                found=show(checkpoint.block_hash),
            )
        if checkpoint.deployment != self._registry.fingerprint:
            self._report.add(
                "checkpoint_differs",
                "checkpoint",
                "checkpoint: the mirror was made for other contracts",
                column="deployment",
            )
        if checkpoint.finalized_number > checkpoint.block_number:
            self._report.add(
                "checkpoint_differs",
                "checkpoint",
                "checkpoint: more is final than was mirrored",
                column="finalized_number",
            )

    def _refuse_unknown(self, *places: Tables) -> None:
        if self._product_id is None or any((self._product_id,) in p["product"] for p in places):
            return
        product = show(self._product_id)
        raise UnknownEntity(f"neither chain nor mirror knows {product}", pointer="--product")

    async def _documents(self, expected: Tables) -> None:
        audit = DocumentAudit(self._ipfs, self._registry, self._snapshot.tables, self._report)
        wanted: Iterable[Row] = expected.get("document", {}).values()
        if self._product_id is None:
            audit.check_extra(expected)
        else:
            hashes = mentioned(
                row for table in expected.values() for row in table.values() if self._relevant(row)
            )
            wanted = [row for row in wanted if row.data_hash in hashes]
        await audit.check(wanted)
        check_names(self._snapshot.tables, self._relevant, self._report)


async def _read(settings: Settings) -> Snapshot:
    database = await asyncio.to_thread(connect, settings, Writes.NOTHING)
    try:
        return await database.read(take_snapshot)
    finally:
        database.close()


def _scope(product_id: bytes | None) -> Relevant:
    if product_id is None:
        return lambda _row: True
    return lambda row: getattr(row, "product_id", None) == product_id


def _product_id(product: str) -> bytes:
    if product.startswith("0x"):
        return to_hash(product, pointer="--product")
    try:
        return keccak256(identifiers.normalize(product).encode())
    except BadInput as error:
        error.pointer = "--product"
        raise
