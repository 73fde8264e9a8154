"""The sender's memory: `app.transaction`, its signed attempts and the lease on a signer's key.

Every change is one statement or one transaction, correct on SQLite and PostgreSQL alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, and_, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from core import clock
from core.db.app_tables import SignerLease, Transaction, TransactionAttempt
from core.db.engine import Database
from core.errors import AlreadyExists, SmartRetailError

TX: Final = cast(Table, Transaction.__table__)  # type: ignore[attr-defined]
ATTEMPT: Final = cast(Table, TransactionAttempt.__table__)  # type: ignore[attr-defined]
LEASE: Final = cast(Table, SignerLease.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed form of a transaction, ready to be sent any number of times."""

    tx_hash: bytes
    key: str
    nonce: int
    raw: bytes
    max_fee: int
    """Wei per gas, like the tip."""
    tip: int
    created_at: int


class Outbox:
    """The transactions of one signer."""

    def __init__(self, database: Database, signer: bytes) -> None:
        self._database = database
        self._signer = signer

    async def insert(self, key: str, to: bytes, data: bytes) -> bool:
        """Keep a call for sending; False if it was kept before.

        Raises:
            AlreadyExists: the key stands for another call.
        """
        now = clock.now_ms()
        row = {"key": key, "signer": self._signer, "to": to, "data": data, "state": "queued"}
        statement = self._insert(TX).values(**row, settled=False, created_at=now, updated_at=now)
        if await self._write(statement.on_conflict_do_nothing(index_elements=["key"])) == 1:
            return True
        kept = await self.get(key)
        if kept is None or (kept["to"], kept["data"]) != (to, data):
            raise AlreadyExists(f"key {key!r} was used for another call")
        return False

    async def get(self, key: str) -> RowMapping | None:
        """The row of a key, whoever signs it."""
        rows = await self._rows(select(TX).where(TX.c.key == key))
        return rows[0] if rows else None

    async def queued(self, limit: int) -> Sequence[RowMapping]:
        """Calls without a nonce, oldest first."""
        mine = select(TX).where(TX.c.signer == self._signer, TX.c.state == "queued")
        return await self._rows(mine.order_by(TX.c.id).limit(limit))

    async def watched(self, chain_nonce: int) -> Sequence[RowMapping]:
        """Rows whose fate may change, by nonce: unsettled, or lost by a chain that went back."""
        fate = or_(TX.c.settled.is_(False), TX.c.nonce >= chain_nonce)
        mine = select(TX).where(TX.c.signer == self._signer, TX.c.nonce.is_not(None), fate)
        return await self._rows(mine.order_by(TX.c.nonce))

    async def attempts(self, keys: Sequence[str]) -> dict[str, list[Attempt]]:
        """Every signed form of these transactions, oldest first."""
        rows = await self._rows(
            select(ATTEMPT).where(ATTEMPT.c.key.in_(keys)).order_by(ATTEMPT.c.created_at)
        )
        found: dict[str, list[Attempt]] = {key: [] for key in keys}
        for row in rows:
            found[row["key"]].append(Attempt(**row))
        return found

    async def nonces_from(self, start: int) -> set[int]:
        """Nonces at or above `start` that are given away."""
        taken = select(TX.c.nonce).where(TX.c.signer == self._signer, TX.c.nonce >= start)
        return {row["nonce"] for row in await self._rows(taken)}

    async def assign(self, attempt: Attempt, owner: str) -> bool:
        """Store the first signed form of a queued call; False if the lease or the nonce is lost."""
        change = update(TX).where(TX.c.key == attempt.key, TX.c.state == "queued")
        return await self._store(change.where(self._held_by(owner)), attempt, state="sent")

    async def replace(self, attempt: Attempt, owner: str) -> bool:
        """Store a replacement with the same nonce; False if the lease is lost."""
        change = update(TX).where(TX.c.key == attempt.key, TX.c.nonce == attempt.nonce)
        return await self._store(change.where(self._held_by(owner)), attempt)

    async def mark(self, key: str, **values: Any) -> None:
        """Write what became of a transaction."""
        await self._write(
            update(TX).where(TX.c.key == key).values(**values, updated_at=clock.now_ms())
        )

    async def requeue(self, key: str) -> None:
        """Take back a nonce that somebody else's final transaction used."""
        await self.mark(key, state="queued", nonce=None, raw=None, tx_hash=None)

    async def refuse(self, key: str, error: SmartRetailError) -> None:
        """A call that would fail never gets a nonce."""
        await self.mark(
            key, state="failed", settled=True, error=error.message, error_code=error.code
        )

    async def hold(self, owner: str, ttl_ms: int) -> bool:
        """Take or renew the lease on the signer's key."""
        now = clock.now_ms()
        fresh = {"owner": owner, "expires_at": now + ttl_ms}
        take = self._insert(LEASE).values(signer=self._signer, **fresh)
        free = or_(LEASE.c.owner == owner, LEASE.c.expires_at < now)
        statement = take.on_conflict_do_update(index_elements=["signer"], set_=fresh, where=free)
        return await self._write(statement) == 1

    async def release(self, owner: str) -> None:
        """Let another process sign at once."""
        mine = and_(LEASE.c.signer == self._signer, LEASE.c.owner == owner)
        await self._write(update(LEASE).where(mine).values(expires_at=0))

    async def _store(self, change: Any, attempt: Attempt, **values: Any) -> bool:
        signed = {"nonce": attempt.nonce, "raw": attempt.raw, "tx_hash": attempt.tx_hash}
        change = change.values(**signed, **values, updated_at=clock.now_ms())
        row = {name: getattr(attempt, name) for name in Attempt.__dataclass_fields__}

        def both(db: Connection) -> bool:
            if db.execute(change).rowcount != 1:
                return False
            db.execute(insert(ATTEMPT).values(**row))
            return True

        try:
            return await self._database.write(lambda session: both(session.connection()))
        except IntegrityError:
            return False

    def _held_by(self, owner: str) -> Any:
        return exists().where(
            LEASE.c.signer == self._signer,
            LEASE.c.owner == owner,
            LEASE.c.expires_at > clock.now_ms(),
        )

    def _insert(self, table: Table) -> Any:
        return sqlite.insert(table) if self._database.is_sqlite else postgresql.insert(table)

    async def _rows(self, statement: Any) -> Sequence[RowMapping]:
        return await self._database.read(
            lambda session: session.connection().execute(statement).mappings().all()
        )

    async def _write(self, statement: Any) -> int:
        # An INSERT does not keep its count by itself.
        counted = statement.execution_options(preserve_rowcount=True)
        return await self._database.write(
            lambda session: int(session.connection().execute(counted).rowcount)
        )
