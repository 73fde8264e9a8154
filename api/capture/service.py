"""Capturing as one thing: prepare, store, submit, look."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from api.capture.prepare import Prepared, Preparer
from api.capture.rulebook import Asked, Rulebook
from api.capture.sieve import all_events
from api.capture.store import Captures
from api.capture.submit import Submitter
from api.capture.view import view
from api.queries.names import names
from api.queries.snapshot import Snapshot
from core import clock
from core.chain.sender import Sender, TxStatus
from core.crypto import cid_v1_raw, sha256
from core.db.app_tables import Capture
from core.db.engine import Database
from core.document.lexical import LexicalObject, canonical, from_plain, parse
from core.epcis import identifiers
from core.epcis.validate import validate_document
from core.errors import BadInput, Issue, Malformed
from core.ipfs.client import Ipfs
from core.types import ProductUri


class CaptureService:
    """What `POST /capture`, `POST /recall` and the mutations share."""

    def __init__(
        self,
        database: Database,
        ipfs: Ipfs,
        preparer: Preparer,
        captures: Captures,
        submitter: Submitter,
        sender: Sender,
    ) -> None:
        self._database = database
        self.rulebook = Rulebook(database)
        self._ipfs = ipfs
        self._preparer = preparer
        self._captures = captures
        self._submitter = submitter
        self._sender = sender

    async def capture(
        self,
        body: bytes,
        *,
        actor: bytes,
        counterparty: bytes | None = None,
        product: str | None = None,
        key: str | None = None,
        asked: Asked | None = None,
        warnings: list[Issue] | None = None,
    ) -> list[dict[str, Any]]:
        """Prepares every event of a document. Raises InvalidDocument, NotCustodian and others.

        The rules in `asked` are held against it, unless whoever calls did so; what they warn of is
        added to `warnings`. Raises RulesBroken.
        """
        request = b"\0".join((body, counterparty or b"", (product or "").encode()))
        if key and (known := await self._captures.earlier(actor, key, request)):
            return await self._views(known)
        if asked is None:
            events = validate_document(body)
        else:
            events, told = await all_events(self.rulebook, body, asked)
            (warnings if warnings is not None else []).extend(told)
        only = identifiers.product_uri(product) if product else None
        if counterparty is None:
            if only is not None:
                raise BadInput(
                    "product chooses what is handed over; name the counterparty too",
                    pointer="product",
                )
            prepared = await self._preparer.record(events, actor)
        else:
            prepared = await self._preparer.handover(events, actor, counterparty, only)
        return await self._views(await self._keep(prepared, actor, key, request))

    async def recall(
        self,
        *,
        actor: bytes,
        product: str,
        level: int,
        notice: dict[str, Any] | None = None,
        notice_hash: bytes | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Prepares a recall; the notice is given, or already on IPFS under its SHA-256."""
        uri = identifiers.product_uri(product)
        payload = await self._notice(notice, notice_hash)
        digest, request = sha256(payload), b"\0".join((payload, uri.encode(), bytes([level])))
        if key and (known := await self._captures.earlier(actor, key, request)):
            return (await self._views(known))[0]
        intent = await self._preparer.recall(uri, actor, level, digest, clock.now_ms())
        text = canonical(_about(uri, payload))
        prepared = Prepared(intent, payload, b"", text, "")
        return (await self._views(await self._keep([prepared], actor, key, request)))[0]

    async def submit(
        self, capture_id: str, signature: str | None, counter_signature: str | None
    ) -> dict[str, Any]:
        """Takes signatures; relays when all are there."""
        if signature is None and counter_signature is None:
            raise BadInput("no signature was given", pointer="/signature")
        row = await self._captures.get(capture_id)
        row = await self._submitter.submit(row, signature, counter_signature)
        return (await self._views([row]))[0]

    async def look(self, capture_id: str) -> dict[str, Any]:
        """One capture as it stands. Raises UnknownEntity."""
        return (await self._views([await self._captures.get(capture_id)]))[0]

    async def resume(self) -> int:
        """Relays what was signed when the last process died."""
        return await self._submitter.resume()

    async def _keep(
        self, prepared: Sequence[Prepared], actor: bytes, key: str | None, request: bytes
    ) -> list[Capture]:
        """Blocks first: nothing may be signed whose document could be lost."""
        blocks = [block for item in prepared for block in (item.payload, item.bundle)]
        for block in dict.fromkeys(blocks):
            if block:
                await self._ipfs.put_block(block)
        return await self._insert(prepared, actor, key, request)

    async def _insert(
        self, prepared: Sequence[Prepared], actor: bytes, key: str | None, request: bytes
    ) -> list[Capture]:
        try:
            return await self._captures.insert(prepared, key, request)
        except IntegrityError:
            if key and (known := await self._captures.earlier(actor, key, request)):
                return known  # the same request, twice at once
            raise

    async def _notice(self, notice: dict[str, Any] | None, notice_hash: bytes | None) -> bytes:
        if (notice is None) == (notice_hash is None):
            raise BadInput("give either notice or noticeHash", pointer="/notice")
        if notice is not None:
            return canonical(from_plain(notice)).encode()
        assert notice_hash is not None
        return await self._ipfs.get_block(cid_v1_raw(notice_hash))

    async def _views(self, rows: Sequence[Capture]) -> list[dict[str, Any]]:
        addresses = {row.actor for row in rows} | {row.counterparty or b"" for row in rows}
        async with Snapshot(self._database) as snapshot:
            known = await names(snapshot, addresses)
        return [view(row, await self._status(row), known) for row in rows]

    async def _status(self, row: Capture) -> TxStatus | None:
        return await self._sender.status(row.transaction_key) if row.transaction_key else None


def _about(uri: ProductUri, payload: bytes) -> LexicalObject:
    """What the sentence of a recall is made from: the product, and the notice if it is JSON."""
    try:
        notice = parse(payload)
    except Malformed:
        notice = None
    return (notice if isinstance(notice, dict) else {}) | {"product": uri}
