"""Reads facts from the mirror, many products at a time.

Two sources tell a link: the documents, as far as they are disclosed, and the chain itself, where
`Packing` and `Transformation` stand whether or not anybody shows the document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlmodel import col, select

from api.queries.blocks import first_block_after
from api.queries.snapshot import Snapshot
from api.queries.tracing.facts import (
    Amount,
    Cut,
    Mention,
    Place,
    Recording,
    Recordings,
    TraceTooLarge,
)
from core.db.chain_tables import DocumentProduct, Event, Product, Transformation
from core.types import RECALL_BASE, EventKind

T = TypeVar("T")

BATCH: Final = 500
"""Values per statement: far below what SQLite and PostgreSQL take, and few round trips."""
MAX_ROWS: Final = 50_000


async def gathered(snapshot: Snapshot, values: Iterable[bytes], statement: Any) -> list[Any]:
    """All rows of `statement(batch)`. Raises TraceTooLarge beyond 50,000."""
    wanted = list(values)
    found: list[Any] = []
    for start in range(0, len(wanted), BATCH):
        found += await bounded(snapshot, statement(wanted[start : start + BATCH]), len(found))
    return found


async def bounded(snapshot: Snapshot, statement: Any, known: int = 0) -> list[Any]:
    """All rows of a statement. Raises TraceTooLarge beyond 50,000 with those that are known."""
    found = list(await snapshot.all(statement.limit(MAX_ROWS + 1 - known)))
    if known + len(found) > MAX_ROWS:
        raise TraceTooLarge(f"one step of the trace has more than {MAX_ROWS:,} statements")
    return found


async def mentions_of(snapshot: Snapshot, products: Iterable[bytes], role: str) -> list[Mention]:
    """Where documents give these products this role."""
    return await _mentions(snapshot, products, role, "product_id")


async def mentions_in(snapshot: Snapshot, hashes: Iterable[bytes], role: str) -> list[Mention]:
    """What has this role in these documents, in their order."""
    return await _mentions(snapshot, hashes, role, "data_hash")


async def _mentions(
    snapshot: Snapshot, values: Iterable[bytes], role: str, column: str
) -> list[Mention]:
    wanted = list(values)
    rows: list[DocumentProduct] = await gathered(
        snapshot, wanted, lambda batch: _where(DocumentProduct, column, batch, role)
    )
    booked: list[Transformation] = (
        await gathered(snapshot, wanted, lambda batch: _where(Transformation, column, batch, role))
        if role in ("input", "output")
        else []
    )
    return list(_merged(sorted(rows, key=lambda row: (row.data_hash, row.position)), booked))


def _where(model: Any, column: str, values: Sequence[bytes], role: str) -> Any:
    return select(model).where(getattr(model, column).in_(values), model.role == role)


def _merged(rows: Sequence[DocumentProduct], booked: Sequence[Transformation]) -> Iterator[Mention]:
    """One mention for each product and document, with what the chain booked beside it."""
    grams: dict[tuple[bytes, bytes], int | None] = {}
    for row in booked:
        key = row.data_hash, row.product_id
        grams[key] = _sum(grams.get(key), row.grams)
    told: dict[tuple[bytes, bytes], list[DocumentProduct]] = defaultdict(list)
    for one in rows:
        told[one.data_hash, one.product_id].append(one)
    for key in dict.fromkeys((*told, *grams)):
        mentioned = told.get(key, [])
        uri = mentioned[0].uri if mentioned else None
        yield Mention(*key, uri, tuple(_amounts(mentioned)), grams.get(key))


def _sum(left: int | None, right: str | None) -> int | None:
    return left if right is None else (left or 0) + int(right)


def _amounts(rows: Iterable[DocumentProduct]) -> Iterator[Amount]:
    for row in rows:
        if row.quantity is not None:
            yield Amount(row.quantity, row.uom)


async def recordings(snapshot: Snapshot, hashes: Iterable[bytes], cut: Cut) -> Recordings:
    """Where these documents stand on chain as of the cut, corrections set apart."""
    rows: list[Event] = await gathered(snapshot, set(hashes), lambda batch: _recorded(batch, cut))
    wrong = await _corrected(snapshot, {row.product_id for row in rows}, cut)
    found: dict[bytes, dict[bytes, Recording]] = defaultdict(dict)
    for row in sorted(rows, key=_place):
        corrected = (row.product_id, row.seq) in wrong
        if not corrected or cut.with_corrected:
            entry = Recording(row.occurred_at, _place(row), corrected)
            found[row.data_hash].setdefault(row.product_id, entry)
    return found


def _recorded(hashes: Sequence[bytes], cut: Cut) -> Any:
    # A correction repeats the event it withdraws: it must not make the link again.
    kind = col(Event.kind)
    statement = select(Event).where(
        col(Event.data_hash).in_(hashes), kind < RECALL_BASE, kind != EventKind.CORRECTION
    )
    if cut.event_time is not None:
        statement = statement.where(col(Event.occurred_at) <= cut.event_time)
    return within(statement, Event, cut)


def within(statement: Any, model: Any, cut: Cut) -> Any:
    """The statement without what was recorded after the cut."""
    return statement if cut.block is None else statement.where(model.block_number <= cut.block)


async def _corrected(
    snapshot: Snapshot, products: Iterable[bytes], cut: Cut
) -> set[tuple[bytes, int]]:
    def statement(batch: Sequence[bytes]) -> Any:
        corrections = select(Event).where(
            col(Event.product_id).in_(batch), Event.kind == EventKind.CORRECTION
        )
        return within(corrections, Event, cut)

    rows = await gathered(snapshot, products, statement)
    return {(row.product_id, int.from_bytes(row.counterparty, "big")) for row in rows}


async def block_at(snapshot: Snapshot, seconds: int) -> int:
    """The last block made up to a moment; -1 before the first."""
    return await first_block_after(snapshot, seconds) - 1


async def uris_of(snapshot: Snapshot, products: Iterable[bytes]) -> dict[bytes, str]:
    """Names of products, as far as a document told them."""
    rows = await gathered(
        snapshot, products, lambda batch: select(Product).where(col(Product.product_id).in_(batch))
    )
    return {row.product_id: row.uri for row in rows if row.uri is not None}


def _place(row: Any) -> Place:
    return row.block_number, row.log_index
