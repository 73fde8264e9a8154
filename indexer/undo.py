"""Back to an earlier block: facts are set aside, state is folded again, raw logs are flagged."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select, text

from core.errors import Operator
from core.types import Address, TxHash
from indexer import rows
from indexer.derive import World, decode_block, derive
from indexer.digest import StateDigest
from indexer.model import Block, Log
from indexer.orphans import set_aside
from indexer.refold import refold_products
from indexer.registry import Registry
from indexer.rows import Row
from indexer.statements import execute, insert, load, select_in

_EVENT = rows.Event.table.c
_LOG = rows.Log.table.c
_CHILDREN: Final = "SELECT product_id FROM chain.product WHERE parent_id IN :ids"
_MENTIONS: Final = (
    ("event", "data_hash", "event"),
    ("recall", "notice_hash", "notice"),
    ("attestation", "manifest_hash", "manifest"),
    ("credit_batch", "metadata_hash", "metadata"),
    ("credit_retirement", "purpose_hash", "purpose"),
    ("credit_cancellation", "reason_hash", "reason"),
    ("certificate", "document_hash", "certificate"),
    ("certificate_revocation", "reason_hash", "reason"),
    ("footprint", "document_hash", "footprint"),
    ("footprint_verification", "statement_hash", "statement"),
    ("anchor", "manifest_hash", "manifest"),
)
"""Table, column, and what a hash there stands for."""


class MirrorDamaged(Operator):
    """The tables do not hold what was derived into them: somebody else wrote there."""

    code = "mirror_damaged"
    hint_default = "`sr360 reindex` derives the tables anew from the raw logs; no node is asked."


def undo(connection: Connection, number: int, registry: Registry, digest: StateDigest) -> None:
    """Leave exactly what an indexer that never saw a block above `number` would hold.

    What goes is kept beside: the orphaned blocks with their rows, and their raw logs, flagged.

    Raises:
        MirrorDamaged: the digest of what is left is not the one of block `number`.
    """
    products = _touched_products(connection, number)
    touched = _touched_addresses(connection, number, registry)
    standing = {registry.replayed[contract]: ids for contract, ids in touched.items()}
    before = _states(connection, products, standing)
    set_aside(connection, number, digest)
    _forget_documents(connection, number)
    documents = _touched_documents(connection, number)
    for kind in (*rows.HISTORY, rows.Block):
        column = "number" if kind is rows.Block else "block_number"
        execute(connection, f"DELETE FROM chain.{kind.table.name} WHERE {column} > ?", number)  # noqa: S608
    execute(
        connection,
        "UPDATE chain.log SET orphaned = ? WHERE block_number > ? AND orphaned = ?",
        *(True, number, False),
    )
    refold_products(connection, products)
    for contract, addresses in touched.items():
        _refold(connection, contract, addresses, registry)
    for data_hash in documents:
        _refold_document(connection, data_hash)
    digest.replace_states(before, _states(connection, products, standing))
    _refuse_other_digest(connection, number, digest)


def _states(
    connection: Connection, products: Collection[bytes], others: Mapping[Any, Collection[bytes]]
) -> list[Row]:
    found = load(connection, rows.Product, "product_id", products)
    for kind, addresses in others.items():
        found += load(connection, kind, "address", addresses)
    return found


def _refuse_other_digest(connection: Connection, number: int, digest: StateDigest) -> None:
    query = select(rows.Block.table.c.state_digest).where(rows.Block.table.c.number == number)
    if connection.execute(query).scalar() != digest.value:
        raise MirrorDamaged(f"undoing to block {number} leaves other rows than it had")


def _touched_products(connection: Connection, number: int) -> list[bytes]:
    """Those with lost entries, and all that is packed in them: it may have moved with them."""
    query = select(_EVENT.product_id).where(_EVENT.block_number > number).distinct()
    found = dict.fromkeys(bytes(one) for one in connection.execute(query).scalars())
    layer = list(found)
    while layer:
        inside = select_in(connection, _CHILDREN, layer)
        layer = [child for (child,) in inside if child not in found]
        found |= dict.fromkeys(layer)
    return list(found)


def _touched_addresses(
    connection: Connection, number: int, registry: Registry
) -> dict[Address, set[Address]]:
    """By contract, whose rows its lost logs made or changed."""
    query = select(_LOG.address, _LOG.topics).where(
        _LOG.block_number > number, _LOG.address.in_(registry.replayed)
    )
    found: dict[Address, set[Address]] = {}
    for contract, topics in connection.execute(query):
        if len(topics) >= 64:
            found.setdefault(Address(contract), set()).add(Address(topics[44:64]))
    return found


def _forget_documents(connection: Connection, number: int) -> None:
    """Documents first mentioned above `number`, and the product names only they told."""
    late = "SELECT data_hash FROM chain.document WHERE first_block > ?"
    named = f"SELECT product_id FROM chain.document_product WHERE data_hash IN ({late})"  # noqa: S608
    execute(
        connection,
        "UPDATE chain.product AS p SET uri = (SELECT min(d.uri) FROM chain.document_product AS d "  # noqa: S608
        f"WHERE d.product_id = p.product_id AND d.data_hash NOT IN ({late})) "
        f"WHERE p.product_id IN ({named})",
        *(number, number),
    )
    for table in ("document_product", "event_index", "event_value"):
        execute(connection, f"DELETE FROM chain.{table} WHERE data_hash IN ({late})", number)  # noqa: S608
    execute(connection, "DELETE FROM chain.document WHERE first_block > ?", number)


def _touched_documents(connection: Connection, number: int) -> set[bytes]:
    """Documents known before `number` that later blocks mention again."""
    found: set[bytes] = set()
    for table, column, _ in _MENTIONS:
        late = f"SELECT {column} FROM chain.{table} WHERE block_number > {int(number)}"  # noqa: S608
        query = text(f"SELECT data_hash FROM chain.document WHERE data_hash IN ({late})")  # noqa: S608
        found |= {bytes(key) for key in connection.execute(query).scalars()}
    return found


def _refold_document(connection: Connection, data_hash: bytes) -> None:
    """As lenient as the mentions that remain; what only a lost one let pass is read again."""
    media = "event"
    for table, column, medium in _MENTIONS:
        query = text(f"SELECT 1 FROM chain.{table} WHERE {column} = :hash LIMIT 1")  # noqa: S608
        if connection.execute(query, {"hash": data_hash}).first():
            media = max(media, medium, key=rows.MEDIA.index)
    execute(
        connection,
        "UPDATE chain.document SET media = ?, next_attempt_at = 0, status = CASE WHEN status = "
        "'ready' AND event_json IS NOT NULL THEN status ELSE 'pending' END "
        "WHERE data_hash = ? AND media <> ?",
        *(media, data_hash, media),
    )


def _refold(
    connection: Connection, contract: Address, addresses: set[Address], registry: Registry
) -> None:
    """Replay the contract's remaining logs: its rows have no history table of their own."""
    kind, world = registry.replayed[contract], World({}, {})
    for row in _logs_of(connection, contract):
        block = Block(row.block_number, row.block_hash, b"", 0, (_stored_log(row),))  # type: ignore[arg-type]
        derive(decode_block(block, registry.decode), world)
    folded = {row.address: row for row in world.changed() if type(row) is kind}
    for address in addresses:
        execute(connection, f"DELETE FROM chain.{kind.table.name} WHERE address = ?", address)  # noqa: S608
    insert(connection, [folded[one] for one in sorted(addresses & folded.keys())])


def _logs_of(connection: Connection, contract: Address) -> Iterable[Any]:
    query = select(rows.Log.table).where(_LOG.address == contract, _LOG.orphaned.is_(False))
    return connection.execute(query.order_by(_LOG.block_number, _LOG.log_index)).all()


def _stored_log(row: Any) -> Log:
    topics = tuple(row.topics[i : i + 32] for i in range(0, len(row.topics), 32))
    return Log(Address(row.address), topics, row.data, TxHash(row.tx_hash), row.log_index)
