"""Bitstring Status Lists: whether a product's credentials are suspended, read from the mirror.

Each product has its number in the order of first blocks, so a list needs no table of its own. Its
bit is set while the product is recalled. Source: Bitstring Status List 1.0, sections 2 and 3.
"""

import base64
import gzip
from typing import Any, Final

from sqlalchemy import func, select, tuple_
from sqlmodel import col

from api.exports.signed import CREDENTIALS
from api.queries.snapshot import Snapshot
from core.db.chain_tables import Product
from core.errors import Retryable, UnknownEntity

LENGTH: Final = 131_072
"""Bits of one list: fewer would tell a host whose status is being asked for (section 6.1)."""
PURPOSE: Final = "suspension"
"""A recall may be lifted, so it does not revoke."""


class NotFinal(Retryable):
    """A credential needs a product whose place in the chain can no longer change."""

    code = "not_final_yet"
    hint_default = "Ask again when the product's first block is final."


async def entry(snapshot: Snapshot, product: Product, public_url: str) -> dict[str, Any]:
    """The `credentialStatus` of a product's credentials. Raises NotFinal."""
    meta = await snapshot.meta()
    if not meta.is_final(product.first_block):
        raise NotFinal(f"block {product.first_block} is not final yet")
    number = await _number(snapshot, product)
    url = list_url(public_url, number // LENGTH)
    return {
        "id": f"{url}#{number % LENGTH}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": PURPOSE,
        "statusListIndex": str(number % LENGTH),
        "statusListCredential": url,
    }


async def credential(snapshot: Snapshot, number: int, issuer: str, public_url: str) -> Any:
    """The status list credential, unsigned. Raises UnknownEntity for a list nobody is on."""
    ordered = select(
        col(Product.recall_level).label("level"),
        func.row_number().over(order_by=_ORDER).label("place"),
    ).subquery()
    start = number * LENGTH
    within = (ordered.c.place > start) & (ordered.c.place <= start + LENGTH)
    [(count,)] = await snapshot.all(select(func.count()).select_from(Product))
    if number < 0 or (number > 0 and count <= start):
        raise UnknownEntity(f"there is no status list {number}")
    recalled = await snapshot.all(select(ordered.c.place).where(within, ordered.c.level > 0))
    url = list_url(public_url, number)
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encode(place - 1 - start for (place,) in recalled),
        },
    }


def encode(set_bits: Any) -> str:
    """The list as multibase base64url of its GZIP; bit 0 is the leftmost."""
    bits = bytearray(LENGTH // 8)
    for position in set_bits:
        bits[position // 8] |= 0x80 >> position % 8
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def list_url(public_url: str, number: int) -> str:
    """Where a list is served."""
    return f"{public_url}/credentials/status/{number}"


_ORDER: Final = (col(Product.first_block), col(Product.product_id))


async def _number(snapshot: Snapshot, product: Product) -> int:
    place = (product.first_block, product.product_id)
    before = select(func.count()).select_from(Product).where(tuple_(*_ORDER) < place)
    [(count,)] = await snapshot.all(before)
    return int(count)
