"""Sums over carbon credits; amounts are decimal text because they may pass 63 bits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import CreditBatch, CreditRetirement


@dataclass(slots=True)
class Balance:
    """Kilograms CO2e of one credit id."""

    issued: int = 0
    retired: int = 0


async def balances(snapshot: Snapshot, credit_ids: Sequence[bytes]) -> dict[bytes, Balance]:
    """Issued and retired kilograms by credit id; ids nobody issued are zero."""
    totals: dict[bytes, Balance] = defaultdict(Balance)
    ids = list(credit_ids)
    issued = select(CreditBatch).where(col(CreditBatch.credit_id).in_(ids))
    retired = select(CreditRetirement).where(col(CreditRetirement.credit_id).in_(ids))
    for batch in await snapshot.all(issued):
        totals[batch.credit_id].issued += batch.serial_end - batch.serial_start
    for row in await snapshot.all(retired):
        totals[row.credit_id].retired += int(row.amount)
    return totals


async def retirements_of(snapshot: Snapshot, product_id: bytes) -> Sequence[CreditRetirement]:
    """Credits retired on behalf of a product, oldest first."""
    place = (col(CreditRetirement.block_number), col(CreditRetirement.log_index))
    mine = select(CreditRetirement).where(CreditRetirement.product_id == product_id)
    return await snapshot.all(mine.order_by(*place))
