"""Rows by their keys, many at a time: what the data loaders and the passport read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import tuple_
from sqlmodel import SQLModel, col, select

from api.queries.snapshot import Snapshot
from core.db.chain_tables import Block, DocumentProduct, Event, Product

RowT = TypeVar("RowT", bound=SQLModel)
Place = tuple[int, int]


async def by_key(
    snapshot: Snapshot, model: type[RowT], key: str, values: Iterable[Any]
) -> dict[Any, RowT]:
    """Rows whose unique column `key` is among `values`, by that column."""
    column = getattr(model, key)
    rows = await snapshot.all(select(model).where(column.in_(list(values))))
    return {getattr(row, key): row for row in rows}


async def by_parent(
    snapshot: Snapshot, model: type[RowT], parent: str, values: Sequence[Any], *order: Any
) -> dict[Any, list[RowT]]:
    """All rows of each parent, in the given order."""
    statement = select(model).where(getattr(model, parent).in_(list(values)))
    grouped: dict[Any, list[RowT]] = defaultdict(list)
    for row in await snapshot.all(statement.order_by(*order)):
        grouped[getattr(row, parent)].append(row)
    return grouped


async def at_place(snapshot: Snapshot, model: type[RowT], place: Place) -> RowT | None:
    """The history row at (block, log index)."""
    entity: Any = model
    here = (entity.block_number == place[0]) & (entity.log_index == place[1])
    return await snapshot.first(select(model).where(here))


async def timestamps(snapshot: Snapshot, numbers: Iterable[int]) -> dict[int, int]:
    """Block times in Unix seconds by block number."""
    blocks = await by_key(snapshot, Block, "number", set(numbers))
    return {number: block.timestamp for number, block in blocks.items()}


async def product_by_id(snapshot: Snapshot, product_id: bytes) -> Product | None:
    """The product of an id (keccak256 of its canonical URI)."""
    return await snapshot.first(select(Product).where(Product.product_id == product_id))


async def things_of(
    snapshot: Snapshot, hashes: Sequence[bytes]
) -> dict[bytes, list[DocumentProduct]]:
    """Which products each document names, in document order."""
    return await by_parent(
        snapshot, DocumentProduct, "data_hash", hashes, col(DocumentProduct.position)
    )


async def recorded_pairs(
    snapshot: Snapshot, pairs: Sequence[tuple[bytes, bytes]]
) -> set[tuple[bytes, bytes]]:
    """Which (document, product) pairs the chain itself holds."""
    columns = (col(Event.data_hash), col(Event.product_id))
    if not pairs:
        return set()
    statement = select(*columns).where(tuple_(*columns).in_(list(pairs)))
    return {(data_hash, product_id) for data_hash, product_id in await snapshot.all(statement)}
