"""Where products will stand once everything that is signed is mined."""

from collections.abc import Iterable, Mapping

from api.capture.intent import Intent
from api.capture.ledger import Standing
from core.crypto import to_hex
from core.errors import NotCustodian
from core.types import ZERO_ADDRESS, Head


class Heads:
    """Products' standings, moving on as events are planned."""

    def __init__(self, standings: Mapping[bytes, Standing]) -> None:
        self._now = dict(standings)

    def of(self, product_id: bytes) -> Standing:
        return self._now[product_id]

    def require_custody(self, uri: str, product_id: bytes, actor: bytes, pointer: str) -> None:
        """Raises NotCustodian unless `actor` holds the product, or nobody recorded it yet."""
        holder = self._now[product_id].custodian
        if holder in (ZERO_ADDRESS, actor):
            return
        raise NotCustodian(
            f"{to_hex(actor)} does not hold {uri}: {to_hex(holder)} does",
            pointer=pointer,
            details={"product": uri, "custodian": to_hex(holder), "actor": to_hex(actor)},
        )

    def follow(self, coming: Iterable[Intent]) -> None:
        """Move on through what is signed and not final; what is mined already is skipped."""
        waiting = list(coming)
        while ready := [intent for intent in waiting if self._is_next(intent)]:
            self.apply(ready[0])
            waiting.remove(ready[0])

    def are(self, heads: Mapping[bytes, bytes]) -> bool:
        """Whether these products stand at exactly these heads."""
        return all(self._now[product].head == head for product, head in heads.items())

    def _is_next(self, intent: Intent) -> bool:
        known = {p: head for p, head in intent.prev_heads.items() if p in self._now}
        return bool(known) and self.are(known)

    def apply(self, intent: Intent) -> None:
        """What the contract will store once `intent` is mined."""
        for product, head in intent.next_heads().items():
            if product not in self._now:
                continue
            before = self._now[product]
            custodian = before.custodian if any(before.custodian) else intent.actor
            if any(intent.counterparty):
                custodian = intent.counterparty
            self._now[product] = Standing(Head(head), custodian, before.recall_level)
