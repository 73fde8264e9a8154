"""Proof bundles, built on request from the mirror and the chain."""

from api.queries.snapshot import Snapshot
from core.db.chain_tables import Product


class Proofs:
    async def bundle(self, snapshot: Snapshot, product: Product) -> bytes:
        raise NotImplementedError
