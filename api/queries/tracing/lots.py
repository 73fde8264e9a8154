"""Serial numbers of a lot, as those say who gave them: ILMD `lotNumber` (CBV 2.0 section 9.2).

A serial's URI does not name its lot. Who commissions it may say so in the event's ILMD; then what
is in the lot is in the serial, and a recall of the lot reaches it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import or_
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import Cut, Link, Relation
from core.crypto import keccak256
from core.db.chain_tables import DocumentProduct, EventValue
from core.epcis import digital_link
from core.epcis.query.terms import TEXT, word
from core.errors import InvalidIdentifier

_LOT: Final = word(f"ILMD_urn:epcglobal:cbv:mda#lotNumber{TEXT}", "")
_ROLES: Final = ("object", "output")
_FEW: Final = 50
"""Lots in one statement: each is a condition of its own."""


async def of_serials(
    snapshot: Snapshot, cut: Cut, products: Iterable[bytes]
) -> list[tuple[Link, str, str]]:
    """The lots of these serials: links with the URIs of both ends."""
    rows = await read.gathered(
        snapshot, products, lambda batch: _named().where(col(DocumentProduct.product_id).in_(batch))
    )
    return await _links(snapshot, cut, rows)


async def named(snapshot: Snapshot, serials: Iterable[bytes]) -> list[tuple[str, str]]:
    """URIs of these serials and of the lots that any document gives them."""
    rows = await read.gathered(
        snapshot, serials, lambda batch: _named().where(col(DocumentProduct.product_id).in_(batch))
    )
    return [(uri, _name(uri, lot)) for _, _, uri, lot in rows if "/21/" in uri]


async def of_lots(
    snapshot: Snapshot, cut: Cut, uris: Mapping[bytes, str]
) -> list[tuple[Link, str, str]]:
    """The serials of those among these products that are lots."""
    lots = [lot for uri in uris.values() if (lot := _lot(uri)) is not None]
    rows: list[Any] = []
    for start in range(0, len(lots), _FEW):
        alternatives = [
            (col(EventValue.value) == lot.encode())
            & col(DocumentProduct.uri).startswith(f"{of}/21/", autoescape=True)
            for of, lot in lots[start : start + _FEW]
        ]
        statement = _named().where(or_(*alternatives))
        rows += await read.bounded(snapshot, statement, len(rows))
    return await _links(snapshot, cut, rows)


def _named() -> Any:
    """Things that come into being in documents whose ILMD names a lot."""
    columns = (DocumentProduct.data_hash, DocumentProduct.product_id, DocumentProduct.uri)
    return (
        select(*columns, EventValue.value)
        .join(EventValue, col(EventValue.data_hash) == col(DocumentProduct.data_hash))
        .where(EventValue.field == _LOT, col(DocumentProduct.role).in_(_ROLES))
    )


async def _links(snapshot: Snapshot, cut: Cut, rows: Iterable[Any]) -> list[tuple[Link, str, str]]:
    found = [row for row in rows if "/21/" in row[2]]
    held = await read.recordings(snapshot, {row[0] for row in found}, cut)
    return list(_made(found, held))


def _made(rows: Iterable[Any], held: Any) -> Iterator[tuple[Link, str, str]]:
    for data_hash, serial, uri, lot in rows:
        entries = held.get(data_hash, {})
        name = _name(uri, lot)
        lot_id = keccak256(name.encode())
        if serial not in entries or lot_id == serial:
            continue
        first = entries[serial]
        link = Link(
            source=lot_id,
            target=serial,
            relation=Relation.MEMBER,
            data_hash=data_hash,
            since=first.at,
            until=None,
            place=first.place,
            by_source=lot_id in entries,
            by_target=True,
        )
        yield link, name, uri


def _name(serial: str, lot: bytes) -> str:
    of = serial.partition("/21/")[0]
    return f"{of}/10/{digital_link.escape(lot.decode('utf-8', 'replace'))}"


def _lot(uri: str) -> tuple[str, str] | None:
    """The class and the lot of a canonical URI of one."""
    if "/10/" not in uri:
        return None
    try:
        link = digital_link.parse(uri)
    except InvalidIdentifier:
        return None
    lot = link.qualifier("10")
    if lot is None or link.canonical() != uri:
        return None
    return uri.partition("/10/")[0], lot
