"""Sums over carbon credits; amounts are decimal text because they may pass 63 bits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import tuple_
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import (
    CreditBatch,
    CreditCancellation,
    CreditRetirement,
    FootprintVerification,
)


@dataclass(slots=True)
class Balance:
    """Kilograms CO2e of one credit id."""

    issued: int = 0
    retired: int = 0
    cancelled: int = 0


async def balances(snapshot: Snapshot, credit_ids: Sequence[bytes]) -> dict[bytes, Balance]:
    """Issued, retired and cancelled kilograms by credit id; ids nobody issued are zero."""
    totals: dict[bytes, Balance] = defaultdict(Balance)
    ids = list(credit_ids)
    issued = select(CreditBatch).where(col(CreditBatch.credit_id).in_(ids))
    retired = select(CreditRetirement).where(col(CreditRetirement.credit_id).in_(ids))
    for batch in await snapshot.all(issued):
        totals[batch.credit_id].issued += batch.serial_end - batch.serial_start
    for row in await snapshot.all(retired):
        totals[row.credit_id].retired += int(row.amount)
    gone = select(CreditCancellation).where(col(CreditCancellation.credit_id).in_(ids))
    for cancelled in await snapshot.all(gone):
        totals[cancelled.credit_id].cancelled += int(cancelled.amount)
    return totals


MAX_VERIFIERS: Final = 20
VersionKey = tuple[bytes, bytes, int]
"""Product, publisher and version of a footprint."""


async def verifiers_of(
    snapshot: Snapshot, versions: Sequence[VersionKey]
) -> dict[VersionKey, list[bytes]]:
    """The first certifiers who stated something about each version, each once."""
    table = FootprintVerification
    columns = tuple_(col(table.product_id), col(table.publisher), col(table.version))
    wanted = select(table).where(columns.in_(list(versions)))
    found: dict[VersionKey, list[bytes]] = defaultdict(list)
    for row in await snapshot.all(wanted.order_by(col(table.block_number), col(table.log_index))):
        known = found[row.product_id, row.publisher, row.version]
        if row.verifier not in known and len(known) < MAX_VERIFIERS:
            known.append(row.verifier)
    return found


async def retirements_of(snapshot: Snapshot, product_id: bytes) -> Sequence[CreditRetirement]:
    """Credits retired on behalf of a product, oldest first."""
    place = (col(CreditRetirement.block_number), col(CreditRetirement.log_index))
    mine = select(CreditRetirement).where(CreditRetirement.product_id == product_id)
    return await snapshot.all(mine.order_by(*place))
