"""Anchors for docs/reference/vectors: one publisher's batches with their proofs and tips."""

from typing import Any, Final

from core.chain.anchor import EMPTY_TIP, Batch, Place, Statement, follow, link, next_tip
from core.crypto import keccak256, sha256, to_hex
from core.types import Address, DataHash, Millis, ProductId

_SIZES: Final = (1, 2, 3, 6, 17)
_PRODUCTS: Final = 4
_PUBLISHER: Final = Address(keccak256(b"a publisher")[:20])
_START_MS: Final = 1_776_432_402_000


def batches(chain_id: int, contract: Address) -> list[dict[str, Any]]:
    """Trees that are and are not full, over the histories of a few products."""
    places: dict[ProductId, Place] = {}
    tip, found = EMPTY_TIP, []
    for number, size in enumerate(_SIZES):
        events = link((_statement(number, n) for n in range(size)), places)
        places = follow(events, places)
        batch = Batch(chain_id, contract, _PUBLISHER, events)
        tip = next_tip(tip, batch.anchor)
        found.append(
            {
                "manifest": batch.encode().decode(),
                "manifestHash": to_hex(batch.anchor.manifest_hash),
                "root": to_hex(batch.anchor.root),
                "tip": to_hex(tip),
                "events": [
                    {"leaf": to_hex(event.leaf()), "proof": list(map(to_hex, batch.proof(n)))}
                    for n, event in enumerate(events)
                ],
            }
        )
    return found


def _statement(batch: int, number: int) -> Statement:
    product = keccak256(b"product %d" % ((batch + number * number) % _PRODUCTS))
    document = sha256(b"event %d of batch %d" % (number, batch))
    at = _START_MS + 1_000_000 * batch + number
    return Statement(ProductId(product), DataHash(document), Millis(at), 1 + number % 5)
