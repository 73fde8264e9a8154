"""Proof bundles, built on request from the mirror and the chain, kept while the block stands."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import orjson
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.proof.build import build
from core.chain.proof.head import Entry
from core.chain.proof.model import Contracts, Document
from core.crypto import keccak256
from core.db import chain_tables
from core.types import Address, DataHash, Millis, TxHash

_KEPT: Final = 64


class MirrorSource:
    """Histories and documents as the mirror has them, all from one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def history(self, uri: str) -> Sequence[Entry]:
        """All entries of a product, oldest first."""
        event = chain_tables.Event
        mine = select(event).where(event.product_id == keccak256(uri.encode()))
        return [_entry(row) for row in await self._snapshot.rows(mine.order_by(col(event.seq)))]

    async def containers(self, uri: str) -> Sequence[str]:
        """The products this one was ever packed into, as far as a document names them."""
        packing, product = chain_tables.Packing, chain_tables.Product
        parents = select(packing.parent_id).where(
            packing.product_id == keccak256(uri.encode()), packing.packed
        )
        named = select(product).where(col(product.product_id).in_(parents), product.uri != None)  # noqa: E711
        return [row.uri for row in await self._snapshot.rows(named) if row.uri is not None]

    async def document(self, data_hash: bytes) -> Document | None:
        """A document with its public disclosures."""
        table = chain_tables.Document
        row = await self._snapshot.first(select(table).where(table.data_hash == data_hash))
        if row is None or row.payload is None:
            return None
        return Document(row.payload, tuple(orjson.loads(row.disclosures or "[]")))


class Proofs:
    """Builds bundles; the same product at the same block is built once."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self._rpc = rpc
        self._deployment = deployment
        self._contracts = Contracts(
            supply_chain=deployment.supply_chain,
            sensor_oracle=deployment.sensor_oracle,
            carbon_token=deployment.carbon_token,
            actor_registry=deployment.actor_registry,
        )
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._building = asyncio.Semaphore(4)

    async def bundle(self, snapshot: Snapshot, uri: str) -> bytes:
        """The bundle of a product's whole history and everything it came from, as JSON.

        Raises RpcUnavailable, SourceLied.
        """
        meta = await snapshot.meta()
        key = (uri, meta.tag)
        if key not in self._kept:
            async with self._building:
                self._kept[key] = await self._build(snapshot, uri, meta.block)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    async def _build(self, snapshot: Snapshot, uri: str, block: int) -> bytes:
        return await build(
            self._rpc,
            MirrorSource(snapshot),
            subject=uri,
            chain_id=self._deployment.chain_id,
            contracts=self._contracts,
            block_number=block,
            start_block=self._deployment.start_block,
        )


def _entry(row: chain_tables.Event) -> Entry:
    return Entry(
        seq=row.seq,
        kind=row.kind,
        actor=Address(row.actor),
        data_hash=DataHash(row.data_hash),
        occurred_at=Millis(row.occurred_at),
        counterparty=Address(row.counterparty),
        block_number=row.block_number,
        log_index=row.log_index,
        tx_hash=TxHash(row.tx_hash),
    )
