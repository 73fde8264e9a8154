"""The current rows that blocks build on, read from SQL."""

from typing import Final

from sqlalchemy import Connection, select

from core.types import Address
from indexer import rows
from indexer.derive import Decoded, World, touched
from indexer.rows import Row
from indexer.statements import load

_ANCHOR: Final = rows.Anchor.table.c


def load_world(connection: Connection, blocks: list[Decoded]) -> World:
    """The current rows of everything the blocks touch."""
    wanted = touched(blocks)
    products = load(connection, rows.Product, "product_id", wanted.products)
    if wanted.handed_over:
        products = _with_contents(connection, products)
    actors = load(connection, rows.Actor, "address", wanted.actors)
    devices = load(connection, rows.Device, "address", wanted.devices)
    return World(
        {row.product_id: row for row in products},
        {Address(row.address): row for row in actors},
        {
            publisher: row
            for publisher in wanted.publishers
            if (row := _anchor(connection, publisher))
        },
        {Address(row.address): row for row in devices},
    )


def _anchor(connection: Connection, publisher: Address) -> Row | None:
    """The last anchor of a publisher."""
    mine = select(rows.Anchor.table).where(_ANCHOR.publisher == publisher)
    found = connection.execute(mine.order_by(_ANCHOR.index.desc()).limit(1)).one_or_none()
    return None if found is None else rows.Anchor(*found)


def _with_contents(connection: Connection, products: list[Row]) -> list[Row]:
    """These rows and those of everything packed in them: a handover moves all of it."""
    known = {row.product_id: row for row in products}
    layer: set[bytes] = set(known)
    while layer:
        inside = {row.product_id: row for row in load(connection, rows.Product, "parent_id", layer)}
        layer = inside.keys() - known.keys()
        known = inside | known
    return list(known.values())
