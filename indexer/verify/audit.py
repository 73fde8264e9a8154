"""`sr360 verify`: replay the chain, compare every row, prove the heads, re-hash the documents."""

import asyncio
from collections.abc import Iterable
from typing import Any

from core.chain import deployments
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.config import Settings
from core.crypto import keccak256, to_hash
from core.db import Database, Writes
from core.db.engine import connect, in_thread
from core.epcis import identifiers
from core.errors import BadInput, DatabaseUnavailable, Retryable, SourceLied, UnknownEntity
from core.ipfs.client import Ipfs
from indexer import rows
from indexer.registry import Registry, registry_of
from indexer.rows import Row
from indexer.verify.base import Base
from indexer.verify.compare import Relevant
from indexer.verify.documents import DocumentAudit, check_names
from indexer.verify.frame import Frame
from indexer.verify.heads import check_heads
from indexer.verify.node import judge_node
from indexer.verify.progress import Progress, silent
from indexer.verify.report import Report, show
from indexer.verify.snapshot import Snapshot
from indexer.verify.standings import check_standings, check_tips
from indexer.verify.walk import Replayed, Walk
from indexer.verify.workers import default_jobs


async def verify(
    settings: Settings,
    *,
    product: str | None = None,
    since: Base | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Report:
    """Check the whole mirror, or what it says about one product (Digital Link or 0x id).

    `since` spares the chain what an earlier audit read of it; `jobs` is the number of processes.
    Wrong things are findings; what cannot be reached is listed in `unchecked`.

    Raises:
        UnknownEntity: neither chain nor mirror knows such a product.
        BadInput: `since` lies beyond the mirror.
        DeploymentMissing, BadConfig: there is no deployment to check against.
    """
    deployment = deployments.load(settings)
    product_id = None if product is None else _product_id(product)
    jobs = jobs or default_jobs()
    frame = Frame(settings, deployment, product, since, jobs)
    report = Report()
    try:
        database = await asyncio.to_thread(connect, settings, Writes.NOTHING)
        try:
            audit = _Audit(settings, deployment, product_id, report, progress)
            replayed = await audit.run(database, since, jobs)
        finally:
            database.close()
    except DatabaseUnavailable as error:
        report.unchecked.append(f"the database: {error.message}")
        replayed = None
    report.frame = frame.close(replayed)
    return report


class _Audit:
    def __init__(
        self,
        settings: Settings,
        deployment: Deployment,
        product_id: bytes | None,
        report: Report,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._deployment = deployment
        self._registry: Registry = registry_of(deployment)
        self._product_id = product_id
        self._report = report
        self._progress = progress

    async def run(self, database: Database, since: Base | None, jobs: int) -> Replayed | None:
        """Everything on one snapshot; what was replayed, None if nothing could be."""
        with database.read_session() as session:
            snapshot = await in_thread(Snapshot, session)
            if snapshot.checkpoint is None:
                self._report.unchecked.append("the mirror is empty: the indexer has not run yet")
                return None
            if since is not None:
                since.refuse_foreign(snapshot, self._registry.fingerprint)
            rpc = Rpc(self._settings.chain.rpc_url, timeout_s=60)
            async with rpc, Ipfs.from_settings(self._settings) as ipfs:
                replayed = await self._replay(rpc, snapshot, since, jobs)
                if replayed is not None:
                    await self._judge(rpc, ipfs, snapshot, replayed)
                return replayed

    async def _replay(
        self, rpc: Rpc, snapshot: Snapshot, since: Base | None, jobs: int
    ) -> Replayed | None:
        try:
            depth = self._settings.chain.finality_depth
            chain_id, checkpoint = self._registry.chain_id, snapshot.checkpoint
            if not await judge_node(rpc, chain_id, checkpoint, depth, self._report):
                return None
            work = Walk(rpc, self._registry, snapshot, _scope(self._product_id), self._report, jobs)
            return await work.run(since, self._progress)
        except SourceLied as error:
            self._report.add("source_lied", "chain", error.message)
        except Retryable as error:
            if isinstance(error, DatabaseUnavailable):
                raise
            self._report.unchecked.append(f"the chain: {error.message}")
        return None

    async def _judge(self, rpc: Rpc, ipfs: Ipfs, snapshot: Snapshot, replayed: Replayed) -> None:
        header, replay = replayed.header, replayed.replay
        self._check_checkpoint(snapshot.checkpoint, header.hash)
        held = await in_thread(snapshot.whole, rows.Product)
        self._refuse_unknown({row.product_id for row in held} | replay.products.keys())
        relevant = _scope(self._product_id)
        products = [r for r in replay.products.values() if relevant is None or relevant(r)]
        await in_thread(self._compare_states, replayed, [r.product_id for r in products])
        supply_chain = self._deployment.supply_chain
        await check_heads(rpc, supply_chain, header, products, self._report, self._progress)
        await check_standings(rpc, supply_chain, header, products, self._report, self._progress)
        anchors = self._deployment.contracts.get("AnchorLog")
        if anchors is not None:
            last = list(replay.anchors.values())
            await check_tips(rpc, anchors.address, header, last, self._report)
        await self._documents(ipfs, snapshot, replayed, relevant)

    def _compare_states(self, replayed: Replayed, products: list[bytes]) -> None:
        replay, comparison = replayed.replay, replayed.comparison
        comparison.states(replay.states)
        comparison.tell(products, self._report)

    def _check_checkpoint(self, checkpoint: Any, block_hash: bytes) -> None:
        if checkpoint.block_hash != block_hash:
            self._report.add(
                "checkpoint_differs",
                "checkpoint",
                f"checkpoint: block {checkpoint.block_number} is {show(checkpoint.block_hash)}, "
                f"the chain has {show(block_hash)}",
                column="block_hash",
                expected=show(block_hash),
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

    def _refuse_unknown(self, known: set[bytes]) -> None:
        if self._product_id is not None and self._product_id not in known:
            product = show(self._product_id)
            raise UnknownEntity(f"neither chain nor mirror knows {product}", pointer="--product")

    async def _documents(
        self, ipfs: Ipfs, snapshot: Snapshot, replayed: Replayed, relevant: Relevant | None
    ) -> None:
        held = await in_thread(snapshot.whole, rows.Document)
        parts = await in_thread(snapshot.whole, rows.DocumentProduct)
        expected = replayed.replay.documents
        audit = DocumentAudit(ipfs, self._registry, held, snapshot, self._report)
        wanted: Iterable[Row] = expected.values()
        if relevant is None:
            await in_thread(audit.check_extra, expected)
        else:
            wanted = [r for r in wanted if r.data_hash in replayed.mentioned]
        await audit.check(list(wanted), self._progress)
        products = await in_thread(snapshot.whole, rows.Product)
        check_names(products, parts, relevant, self._report)


def _scope(product_id: bytes | None) -> Relevant | None:
    if product_id is None:
        return None
    return lambda row: getattr(row, "product_id", None) == product_id


def _product_id(product: str) -> bytes:
    if product.startswith("0x"):
        return to_hash(product, pointer="--product")
    try:
        return keccak256(identifiers.normalize(product).encode())
    except BadInput as error:
        error.pointer = "--product"
        raise
