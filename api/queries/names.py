"""The registrar's names for addresses and locations."""

from collections.abc import Iterable

from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from api.words import Names
from core.db.chain_tables import Actor


async def names(snapshot: Snapshot, addresses: Iterable[bytes] | None = None) -> Names:
    """Names of these addresses and of all registered parties' locations."""
    statement = select(Actor).where(col(Actor.revoked_block).is_(None))
    rows = await snapshot.rows(statement.where(col(Actor.identifier).like("%/417/%")))
    if addresses is not None:
        wanted = select(Actor).where(col(Actor.address).in_(list(addresses)))
        rows = [*rows, *await snapshot.rows(wanted)]
    return Names(
        {row.address: row.name for row in rows},
        {row.identifier.rsplit("/", 1)[-1]: row.name for row in rows if "/417/" in row.identifier},
        frozenset(row.address for row in rows if row.revoked_block is not None),
    )
