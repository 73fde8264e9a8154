"""The records of lots: their own histories, and those of everything they came from."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlmodel import col, select

from api.fsma.records import Portion, Record
from api.fsma.rows import Stay
from api.fsma.sheet import Sheet
from api.queries.names import names
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import Cut, Link, Relation
from api.queries.tracing.walk import Direction, Part, Traced, trace
from core.crypto import keccak256
from core.db.chain_tables import Document, Event, Product
from core.document.lexical import parse
from core.errors import BadInput, UnknownEntity
from core.types import RECALL_BASE

MAX_LOTS: Final = 100
MAX_OF_ONE_KIND: Final = 10_000


async def lots_between(snapshot: Snapshot, gtin: str, first: str, last: str) -> list[str]:
    """The recorded lots of a GTIN from one code to another, both included, in that order.

    Raises BadInput: more than 100 of them.
    """
    stem = f"https://id.gs1.org/01/{gtin}/10/"
    named = select(Product).where(col(Product.uri).startswith(stem, autoescape=True))
    rows = await snapshot.rows(named.limit(MAX_OF_ONE_KIND + 1))
    if len(rows) > MAX_OF_ONE_KIND:
        raise BadInput(f"{gtin} has over {MAX_OF_ONE_KIND:,} lots", hint="Name the lots.")
    # compared here, because a database orders by rules of its own
    codes = sorted(row.uri.removeprefix(stem) for row in rows if row.uri)
    return [stem + code for code in _few([code for code in codes if first <= code <= last])]


def _few(lots: Sequence[str]) -> Sequence[str]:
    if len(lots) > MAX_LOTS:
        raise BadInput(
            f"{len(lots)} lots at once, at most {MAX_LOTS}", pointer="lot",
            hint="Ask for a shorter range.",
        )  # fmt: skip
    return lots


async def sheet_of(snapshot: Snapshot, lots: Sequence[str]) -> Sheet:
    """The spreadsheet of these lots. Raises UnknownEntity, TraceTooLarge, BadInput (over 100)."""
    records: dict[bytes, Record] = {}
    stays: dict[Stay, None] = {}
    for uri in _few(list(dict.fromkeys(lots))):
        product_id = keccak256(uri.encode())
        if await product_by_id(snapshot, product_id) is None:
            raise UnknownEntity(f"nothing was recorded for {uri}", pointer="lot")
        traced = await trace(snapshot, product_id, Direction.BACK)
        records |= await _records(snapshot, traced)
        stays |= dict.fromkeys(_stays(traced))
    known = await names(snapshot)
    return Sheet(list(records.values()), list(stays), known.by_gln)


async def _records(snapshot: Snapshot, traced: Traced) -> dict[bytes, Record]:
    ids = [one.product_id for one in traced.products]
    entries: list[Event] = await read.gathered(
        snapshot,
        ids,
        lambda batch: select(Event).where(
            col(Event.product_id).in_(batch), col(Event.kind) < RECALL_BASE
        ),
    )
    held = await read.recordings(snapshot, {entry.data_hash for entry in entries}, Cut())
    wanted = {
        entry.data_hash
        for entry in entries
        if entry.product_id in held.get(entry.data_hash, {}) and _belongs(entry, traced)
    }
    documents: list[Document] = await read.gathered(
        snapshot, wanted, lambda batch: select(Document).where(col(Document.data_hash).in_(batch))
    )
    at = {entry.data_hash: entry.occurred_at for entry in entries}
    return {
        row.data_hash: Record(row.data_hash, at[row.data_hash], event)
        for row in documents
        if row.event_json and isinstance(event := parse(row.event_json), dict)
    }


def _belongs(entry: Event, traced: Traced) -> bool:
    """Of a carrier, only what happened while the lot was inside."""
    part = {one.product_id: one.part for one in traced.products}[entry.product_id]
    return part is Part.MATTER or any(
        link.target == entry.product_id and link.since <= entry.occurred_at <= link.end
        for link in traced.links
    )


def _stays(traced: Traced) -> Iterable[Stay]:
    for link in traced.links:
        if link.relation is Relation.PACKED and link.target in traced.uris:
            yield from _portions(link, traced.uris[link.source], traced.uris[link.target])


def _portions(link: Link, lot: str, unit: str) -> Iterable[Stay]:
    amounts: list[tuple[str | None, str | None]] = [(one.quantity, one.uom) for one in link.used]
    for quantity, uom in amounts or [(None, None)]:
        yield Stay(unit, Portion(lot, quantity, uom), link.since, link.end)
