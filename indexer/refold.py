"""Products as their remaining history leaves them, many at a time."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection

from indexer import rows
from indexer.statements import execute_many, insert, load, select_in

_LAST: Final = (
    "SELECT t.product_id, {columns} FROM chain.{table} AS t JOIN (SELECT product_id, max(seq) "
    "AS seq FROM chain.{table} WHERE product_id IN :ids GROUP BY product_id) AS newest "
    "ON newest.product_id = t.product_id AND newest.seq = t.seq"
)


def refold_products(connection: Connection, product_ids: Collection[bytes]) -> None:
    """Set these products to what their history rows say; without any, they are gone."""
    entries = _last(connection, "event", "t.seq, t.head, t.block_number", product_ids)
    gone = [(one,) for one in product_ids if one not in entries]
    execute_many(connection, "DELETE FROM chain.product WHERE product_id = ?", gone)
    recalls = _last(connection, "recall", "t.level", entries)
    levels = {product_id: row.level for product_id, row in recalls.items()}
    holders = _Holders(connection, entries)
    insert(
        connection,
        [
            before._replace(
                seq=entries[before.product_id].seq,
                head=entries[before.product_id].head,
                last_block=entries[before.product_id].block_number,
                custodian=holders.custodian(before.product_id),
                parent_id=holders.container(before.product_id),
                recall_level=levels.get(before.product_id, 0),
            )
            for before in load(connection, rows.Product, "product_id", entries)
        ],
    )


class _Holders:
    """Who was handed what, and what is packed in what, up to the outermost containers."""

    def __init__(self, connection: Connection, product_ids: Collection[bytes]) -> None:
        self._packed: dict[bytes, Any] = {}
        self._given: dict[bytes, Any] = {}
        layer = set(product_ids)
        while layer:
            self._given |= _last(connection, "custody_transfer", "t.seq, t.to_actor", layer)
            columns = "t.seq, t.actor, t.parent_id, t.packed"
            found = _last(connection, "packing", columns, layer)
            self._packed |= found
            layer = {row.parent_id for row in found.values() if row.packed} - self._given.keys()

    def container(self, product_id: bytes) -> bytes | None:
        last = self._packed.get(product_id)
        return last.parent_id if last is not None and last.packed else None

    def custodian(self, product_id: bytes) -> bytes:
        """Who holds the outermost container: the last receiver, or who unpacked it since."""
        while (container := self.container(product_id)) is not None:
            product_id = container
        given, unpacked = self._given[product_id], self._packed.get(product_id)
        if unpacked is not None and unpacked.seq > given.seq:
            return bytes(unpacked.actor)
        return bytes(given.to_actor)


def _last(
    connection: Connection, table: str, columns: str, product_ids: Collection[bytes]
) -> dict[bytes, Any]:
    """The row with the highest `seq` of each product."""
    found = select_in(connection, _LAST.format(table=table, columns=columns), product_ids)
    return {row.product_id: row for row in found}
