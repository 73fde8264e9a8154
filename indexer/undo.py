"""Back to an earlier block: facts are removed, state is folded again, raw logs are flagged."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, func, select, text

from core.types import Address, TxHash
from indexer import rows
from indexer.derive import World, decode_block, derive
from indexer.model import Block, Log
from indexer.registry import Registry
from indexer.rows import Row
from indexer.statements import execute, insert

_EVENT = rows.Event.table.c
_LOG = rows.Log.table.c
_CUSTODY = rows.CustodyTransfer.table.c
_RECALL = rows.Recall.table.c
_PACKING = rows.Packing.table.c
_PRODUCT = rows.Product.table.c
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


def undo(connection: Connection, number: int, registry: Registry) -> None:
    """Leave exactly what an indexer that never saw a block above `number` would hold.

    Only raw logs remain of the orphaned blocks, flagged.
    """
    products = _touched_products(connection, number)
    touched = _touched_addresses(connection, number, registry)
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
    for product_id in products:
        _refold_product(connection, product_id)
    for contract, addresses in touched.items():
        _refold(connection, contract, addresses, registry)
    for data_hash in documents:
        _refold_document(connection, data_hash)


def _touched_products(connection: Connection, number: int) -> list[bytes]:
    """Those with lost entries, and all that is packed in them: it may have moved with them."""
    query = select(_EVENT.product_id).where(_EVENT.block_number > number).distinct()
    found = dict.fromkeys(bytes(one) for one in connection.execute(query).scalars())
    layer = list(found)
    while layer:
        inside: list[bytes] = []
        for start in range(0, len(layer), 500):
            part = layer[start : start + 500]
            children = select(_PRODUCT.product_id).where(_PRODUCT.parent_id.in_(part))
            inside += [bytes(one) for one in connection.execute(children).scalars()]
        layer = [one for one in inside if one not in found]
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
    execute(connection, f"DELETE FROM chain.document_product WHERE data_hash IN ({late})", number)  # noqa: S608
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


def _refold_product(connection: Connection, product_id: bytes) -> None:
    history = select(rows.Event.table).where(_EVENT.product_id == product_id)
    last = connection.execute(history.order_by(_EVENT.seq.desc()).limit(1)).one_or_none()
    if last is None:
        execute(connection, "DELETE FROM chain.product WHERE product_id = ?", product_id)
        return
    recall = select(_RECALL.level).where(_RECALL.product_id == product_id)
    first = select(func.min(_EVENT.block_number)).where(_EVENT.product_id == product_id)
    folded = rows.Product(
        product_id=product_id,
        uri=None,
        seq=last.seq,
        head=last.head,
        custodian=_custodian(connection, product_id),
        parent_id=_container(connection, product_id),
        recall_level=connection.execute(recall.order_by(_RECALL.seq.desc()).limit(1)).scalar() or 0,
        first_block=connection.execute(first).scalar_one(),
        last_block=last.block_number,
    )
    insert(connection, [folded])


def _container(connection: Connection, product_id: bytes) -> bytes | None:
    packing = select(_PACKING.parent_id, _PACKING.packed).where(_PACKING.product_id == product_id)
    last = connection.execute(packing.order_by(_PACKING.seq.desc()).limit(1)).one_or_none()
    return bytes(last.parent_id) if last is not None and last.packed else None


def _custodian(connection: Connection, product_id: bytes) -> bytes:
    """Who holds the outermost container: the last it was handed to, or who unpacked it since."""
    while (container := _container(connection, product_id)) is not None:
        product_id = container
    given = select(_CUSTODY.seq, _CUSTODY.to_actor).where(_CUSTODY.product_id == product_id)
    kept = select(_PACKING.seq, _PACKING.actor).where(_PACKING.product_id == product_id)
    found = connection.execute(given.union_all(kept)).all()
    return bytes(max(found, key=lambda row: row[0])[1])


def _refold(
    connection: Connection, contract: Address, addresses: set[Address], registry: Registry
) -> None:
    """Replay the contract's remaining logs: its rows have no history table of their own."""
    kind, world = registry.replayed[contract], World({}, {})
    folded: dict[Address, Row] = {}
    for row in _logs_of(connection, contract):
        block = Block(row.block_number, row.block_hash, b"", 0, (_stored_log(row),))  # type: ignore[arg-type]
        made = derive(decode_block(block, registry.decode), world)
        folded |= {one.address: one for one in made if type(one) is kind}
    for address in addresses:
        execute(connection, f"DELETE FROM chain.{kind.table.name} WHERE address = ?", address)  # noqa: S608
    insert(connection, [folded[one] for one in sorted(addresses & folded.keys())])


def _logs_of(connection: Connection, contract: Address) -> Iterable[Any]:
    query = select(rows.Log.table).where(_LOG.address == contract, _LOG.orphaned.is_(False))
    return connection.execute(query.order_by(_LOG.block_number, _LOG.log_index)).all()


def _stored_log(row: Any) -> Log:
    topics = tuple(row.topics[i : i + 32] for i in range(0, len(row.topics), 32))
    return Log(Address(row.address), topics, row.data, TxHash(row.tx_hash), row.log_index)
