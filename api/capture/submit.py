"""From signatures to a relayed transaction; wrong ones are refused before they cost anything."""

from api.capture.heads import Heads
from api.capture.intent import Intent
from api.capture.ledger import Ledger
from api.capture.store import Captures, intent_of
from core import clock
from core.chain.sender import Sender
from core.crypto import Domain, from_hex, verify
from core.db.app_tables import Capture
from core.errors import Expired, InvalidSignature, Malformed, NotCustodian, StaleHead


class Submitter:
    """Checks and relays what was signed."""

    def __init__(self, captures: Captures, ledger: Ledger, sender: Sender, domain: Domain) -> None:
        self._captures = captures
        self._ledger = ledger
        self._sender = sender
        self._domain = domain

    async def submit(self, row: Capture, signature: str | None, counter: str | None) -> Capture:
        """Keeps the signatures given; once all are there, relays. Repeating it changes nothing.

        Raises InvalidSignature, Expired, StaleHead, NotCustodian, ProductRecalled, RpcUnavailable.
        """
        if row.transaction_key is not None:
            return row
        intent = intent_of(row)
        own = self._verified(intent, signature, intent.actor, "/signature")
        other = self._verified(intent, counter, intent.counterparty, "/counterSignature")
        await self._captures.sign(row.capture_id, own, other)
        row = await self._captures.get(row.capture_id)
        if row.signature is None or (any(intent.counterparty) and row.counter_signature is None):
            return row
        await self._check(intent, row.signature, row.counter_signature)
        return await self._relay(row, intent)

    async def resume(self) -> int:
        """Queues what was signed when the last process died; returns how many."""
        rows = await self._captures.unsent()
        for row in rows:
            await self._enqueue(row, intent_of(row))
        return len(rows)

    def _verified(
        self, intent: Intent, text: str | None, signer: bytes, pointer: str
    ) -> bytes | None:
        if text is None:
            return None
        if not any(signer):
            raise InvalidSignature("nobody else signs this event", pointer=pointer)
        try:
            signature = _normal(from_hex(text, length=65))
            verify(intent.digest(self._domain), signature, signer)
        except (InvalidSignature, Malformed) as error:
            raise InvalidSignature(error.message, pointer=pointer, hint=error.hint) from error
        return signature

    async def _check(self, intent: Intent, signature: bytes, counter: bytes | None) -> None:
        now = max(await self._ledger.now(), clock.now_s())
        if now > intent.deadline:
            raise Expired(
                f"signed until {clock.iso(intent.deadline * 1000)}, now {clock.iso(now * 1000)}",
                pointer="/signature",
            )
        try:
            await self._ledger.simulate(self._sender.address, intent.call(signature, counter))
        except (StaleHead, NotCustodian):
            if not await self._follows_unmined(intent):
                raise

    async def _follows_unmined(self, intent: Intent) -> bool:
        """Whether signed captures on their way will make exactly the heads this one builds on."""
        coming = await self._captures.on_their_way()
        heads = Heads(await self._ledger.standings(list(intent.prev_heads)))
        heads.follow(coming)
        return heads.are(intent.prev_heads)

    async def _relay(self, row: Capture, intent: Intent) -> Capture:
        await self._captures.release(row.capture_id, f"capture:{row.capture_id}")
        row = await self._captures.get(row.capture_id)
        await self._enqueue(row, intent)
        return row

    async def _enqueue(self, row: Capture, intent: Intent) -> None:
        assert row.signature is not None
        assert row.transaction_key is not None
        data = intent.call(row.signature, row.counter_signature)
        await self._sender.enqueue(row.transaction_key, self._ledger.contract, data)


def _normal(signature: bytes) -> bytes:
    """Some wallets give the recovery id as 0 or 1."""
    return signature[:64] + bytes([signature[64] + 27]) if signature[64] < 2 else signature
