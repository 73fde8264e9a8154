"""Captured events in `app.capture`, and what became of their transactions."""

import secrets
from collections.abc import Sequence
from typing import Final

import orjson
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from api.capture.intent import Intent, from_typed_data
from api.capture.prepare import Prepared
from core import clock
from core.crypto import Domain, sha256, to_hex
from core.db.app_tables import Capture, Transaction
from core.db.engine import Database
from core.errors import AlreadyExists, UnknownEntity

NOT_FINAL: Final = ("queued", "sent", "recorded")


class Captures:
    """Reads and writes of captures, each in one short transaction."""

    def __init__(self, database: Database, domain: Domain) -> None:
        self._database = database
        self._domain = domain

    async def get(self, capture_id: str) -> Capture:
        """Raises UnknownEntity."""
        found = await self._database.read(lambda s: s.get(Capture, capture_id))
        if found is None:
            raise UnknownEntity(f"there is no capture {capture_id}", pointer="id")
        return found

    async def earlier(self, actor: bytes, key: str, request: bytes) -> list[Capture]:
        """What the same request with the same idempotency key captured before, in order.

        Raises AlreadyExists if the key was used for another request.
        """
        prefix, asked = _key(actor, key), _fingerprint(request)
        rows = await self._database.read(lambda s: _with_prefix(s, prefix))
        if rows and not all(f".{asked}." in (row.idempotency_key or "") for row in rows):
            raise AlreadyExists(
                f"idempotency key {key!r} was used for another request",
                hint="Use a new key for a new request.",
                pointer="Idempotency-Key",
            )
        return rows

    async def insert(
        self, prepared: Sequence[Prepared], key: str | None, request: bytes
    ) -> list[Capture]:
        """Stores all or none."""
        rows = [
            self._row(item, place, key and _unique(item.intent.actor, key, request, place))
            for place, item in enumerate(prepared)
        ]

        def write(session: Session) -> None:
            session.add_all(rows)

        await self._database.write(write)
        return rows

    async def sign(
        self, capture_id: str, signature: bytes | None, counter_signature: bytes | None
    ) -> None:
        """Keeps verified signatures; a None leaves what is there."""
        given = {"signature": signature, "counter_signature": counter_signature}
        await self._set(capture_id, {name: value for name, value in given.items() if value})

    async def release(self, capture_id: str, transaction_key: str) -> None:
        """Marks a capture as signed in full: it will be relayed under this key."""
        await self._set(capture_id, {"transaction_key": transaction_key})

    async def unsent(self) -> list[Capture]:
        """Signed captures whose transaction was not queued: a crash came between."""
        known = select(Transaction.key)
        statement = select(Capture).where(
            col(Capture.transaction_key).is_not(None), col(Capture.transaction_key).not_in(known)
        )
        return await self._database.read(lambda s: list(s.exec(statement).all()))

    async def on_their_way(self) -> list[Intent]:
        """What is signed and not final: a reorganisation may undo even what is mined."""
        statement = (
            select(Capture)
            .join(Transaction, col(Transaction.key) == col(Capture.transaction_key))
            .where(col(Transaction.state).in_(NOT_FINAL))
        )
        rows = await self._database.read(lambda s: list(s.exec(statement).all()))
        return [intent_of(row) for row in rows]

    async def _set(self, capture_id: str, values: dict[str, object]) -> None:
        statement = update(Capture).where(col(Capture.capture_id) == capture_id).values(**values)
        if values:
            await self._database.write(lambda s: s.connection().execute(statement))

    def _row(self, item: Prepared, place: int, key: str | None) -> Capture:
        intent = item.intent
        return Capture(
            capture_id=secrets.token_hex(16),
            idempotency_key=key,
            created_at=clock.now_ms(),
            actor=intent.actor,
            counterparty=intent.counterparty if any(intent.counterparty) else None,
            kind=intent.kind,
            data_hash=intent.data_hash,
            payload=item.payload,
            bundle=item.bundle,
            event_json=item.event_json,
            typed_data=orjson.dumps(intent.typed_data(self._domain)).decode(),
        )


def intent_of(row: Capture) -> Intent:
    """What a stored capture asks to sign."""
    return from_typed_data(orjson.loads(row.typed_data))


def _key(actor: bytes, key: str) -> str:
    return f"{to_hex(actor)}.{sha256(key.encode()).hex()[:32]}."


def _fingerprint(request: bytes) -> str:
    return sha256(request).hex()[:32]


def _unique(actor: bytes, key: str, request: bytes, place: int) -> str:
    return f"{_key(actor, key)[:-1]}.{_fingerprint(request)}.{place:05}"


def _with_prefix(session: Session, prefix: str) -> list[Capture]:
    column = col(Capture.idempotency_key)
    mine = select(Capture).where(func.substr(column, 1, len(prefix)) == prefix)
    return list(session.exec(mine.order_by(column)).all())
