"""What is known of the things that new events name: from the mirror, and what is on its way there.

A few statements for a whole document, however many things it names: things, then the documents that
name them, then (for what is shipped) what is inside, level by level.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from sqlalchemy import func
from sqlmodel import col, select

from api.capture.store import NOT_FINAL
from api.queries.snapshot import Snapshot
from api.queries.tracing import lots
from api.queries.tracing.facts import Cut
from api.queries.tracing.read import gathered, recordings
from core.crypto import keccak256, to_hex
from core.db.app_tables import Capture, Transaction
from core.db.chain_tables import Document, DocumentProduct, Recall
from core.document.lexical import parse_event
from core.epcis.choreography.judge import Told
from core.epcis.choreography.telling import Notice, Telling, mentioned, retold, telling
from core.epcis.model import ProductRole, build_event
from core.types import EventKind

MOST_LEVELS: Final = 10
"""Of packing: an item in a pack in a case on a pallet in a container is four."""
MOST_ON_THEIR_WAY: Final = 256
"""The newest transactions, which the mirror may not have read yet although they are final."""


@dataclass(slots=True)
class _Met:
    """What was read so far."""

    new: Sequence[Telling]
    uris: dict[bytes, str] = field(default_factory=dict)
    """Things whose documents are all read."""
    rows: dict[bytes, list[DocumentProduct]] = field(default_factory=dict)
    """By document."""
    waiting: list["_Waiting"] = field(default_factory=list)
    """Signed events that the mirror need not have read yet, and name no thing read so far."""
    captured: dict[str, Told] = field(default_factory=dict)
    """Those that do, by key: a handover of many things is one event with many signatures."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    kind: int
    message: Mapping[str, Any]
    """What was signed (EIP-712)."""
    event_json: str

    @property
    def ids(self) -> Sequence[str]:
        ids: Sequence[str] = self.message.get("productIds") or [self.message["productId"]]
        return ids

    def told(self) -> tuple[str, Told]:
        """With the key by which it is one thing, however often it was signed."""
        event = parse_event(self.event_json)
        if self.kind >= EventKind.RECALL_CLOSED:
            time, recalled = int(self.message["occurredAt"]), self.kind > EventKind.RECALL_CLOSED
            return self.ids[0], Notice(str(event["product"]), time, recalled)
        told = telling(build_event(event, (), ""), 0)
        return told.key, replace(told, place=None)


async def history(snapshot: Snapshot, new: Sequence[Telling]) -> list[Told]:
    """Every event and recall that bears on these events. Raises TraceTooLarge beyond 50,000."""
    met = _Met(new, waiting=await on_their_way(snapshot))
    named = {uri for one in new for uri in mentioned(one)}
    await _read(snapshot, met, named)
    await _read(snapshot, met, _around(met, named))
    around = {named.uri for one in new if one.leaves for named in one.named}
    seen = set(around)
    for _ in range(MOST_LEVELS):
        around = set(_inside(met, around)) - seen
        if not around:
            break
        seen |= around
        await _read(snapshot, met, around)
    if seen:
        await _read(snapshot, met, await _lots(snapshot, met, seen))
    told = await _tellings(snapshot, met.rows)
    return [*told, *met.captured.values(), *await _recalls(snapshot, met.uris)]


async def _read(snapshot: Snapshot, met: _Met, uris: Iterable[str]) -> None:
    """Read all about these things that was not read before."""
    added = {keccak256(uri.encode()): uri for uri in uris}
    added = {key: uri for key, uri in added.items() if key not in met.uris}
    if added:
        met.uris |= added
        await _read_documents(snapshot, met, added)
        _read_captures(met, {to_hex(key) for key in added})


def _read_captures(met: _Met, ids: set[str]) -> None:
    found = [one for one in met.waiting if not ids.isdisjoint(one.ids)]
    met.waiting = [one for one in met.waiting if ids.isdisjoint(one.ids)]
    for one in found:
        key, told = one.told()
        met.captured.setdefault(key, told)


async def _read_documents(snapshot: Snapshot, met: _Met, added: Mapping[bytes, str]) -> None:
    mine = await gathered(
        snapshot,
        added,
        lambda batch: (
            select(DocumentProduct.data_hash)
            .where(col(DocumentProduct.product_id).in_(batch))
            .distinct()
        ),
    )
    hashes = {data_hash for data_hash in mine if data_hash not in met.rows}
    rows = await gathered(
        snapshot,
        hashes,
        lambda batch: select(DocumentProduct).where(col(DocumentProduct.data_hash).in_(batch)),
    )
    found: dict[bytes, list[DocumentProduct]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.position):
        found[row.data_hash].append(row)
    met.rows |= found


def _inside(met: _Met, parents: set[str]) -> Iterator[str]:
    """What was ever packed into these containers."""
    for group in _groups(met):
        if any(uri in parents and role == ProductRole.PARENT for uri, role in group):
            yield from (uri for uri, role in group if role == ProductRole.CHILD)


def _around(met: _Met, children: set[str]) -> Iterator[str]:
    """The containers these things were ever packed into: emptying one names none of them."""
    for group in _groups(met):
        if any(uri in children and role == ProductRole.CHILD for uri, role in group):
            yield from (uri for uri, role in group if role == ProductRole.PARENT)


async def _lots(snapshot: Snapshot, met: _Met, serials: set[str]) -> set[str]:
    """The lots that these are of: a recall of one is a recall of its serials."""
    recorded = await lots.named(snapshot, [keccak256(uri.encode()) for uri in serials])
    told = [one for one in (*met.captured.values(), *met.new) if isinstance(one, Telling)]
    mine = ((one, thing) for one in told for thing in one.named if thing.uri in serials)
    return {lot for _, lot in recorded} | {lot for one, thing in mine for lot in one.lots_of(thing)}


def _groups(met: _Met) -> Iterator[list[tuple[str, str]]]:
    for rows in met.rows.values():
        yield [(row.uri, row.role) for row in rows]
    for one in (*met.captured.values(), *met.new):
        if isinstance(one, Notice):
            continue
        yield [(named.uri, named.role) for named in one.named]


async def _tellings(
    snapshot: Snapshot, rows: Mapping[bytes, Sequence[DocumentProduct]]
) -> list[Telling]:
    columns = (
        *(col(Document.data_hash), col(Document.event_json)),
        *(col(Document.event_hash), col(Document.event_time)),
    )
    found = await gathered(
        snapshot,
        rows,
        lambda batch: select(*columns).where(
            col(Document.data_hash).in_(batch), col(Document.event_time).is_not(None)
        ),
    )
    held = await recordings(snapshot, rows, Cut())
    return [
        _retold(event_json, event_hash or data_hash.hex(), event_time, rows[data_hash], own)
        for data_hash, event_json, event_hash, event_time in found
        if event_json is not None and (own := held.get(data_hash))
    ]


def _retold(
    event_json: str,
    key: str,
    event_time: int,
    rows: Sequence[DocumentProduct],
    own: Collection[bytes],
) -> Telling:
    """As far as it stands, uncorrected, in the history of the things it names: what somebody else
    says about a thing in the history of another binds nobody."""
    try:
        raw: dict[str, Any] = orjson.loads(event_json)
    except orjson.JSONDecodeError:  # a number that no double holds; anybody may record one
        raw = parse_event(event_json)
    name = raw.get("eventID")
    known = name if isinstance(name, str) else key
    return retold(raw, known, event_time, rows, lambda row: row.product_id in own)


async def on_their_way(snapshot: Snapshot) -> list[_Waiting]:
    """What was signed and relayed, as far as the mirror may not have read it."""
    newest = select(func.coalesce(func.max(Transaction.id), 0)).scalar_subquery()
    fresh = (col(Transaction.state) == "final") & (col(Transaction.id) > newest - MOST_ON_THEIR_WAY)
    wanted = (
        select(Capture.kind, Capture.typed_data, Capture.event_json)
        .join(Transaction, col(Transaction.key) == col(Capture.transaction_key))
        .where(col(Transaction.state).in_(NOT_FINAL) | fresh)
    )
    return [
        _Waiting(kind, orjson.loads(typed_data)["message"], event_json)
        for kind, typed_data, event_json in await snapshot.all(wanted)
    ]


async def _recalls(snapshot: Snapshot, uris: Mapping[bytes, str]) -> list[Notice]:
    rows: list[Recall] = await gathered(
        snapshot, uris, lambda batch: select(Recall).where(col(Recall.product_id).in_(batch))
    )
    in_order = sorted(rows, key=lambda row: (row.occurred_at, row.block_number, row.log_index))
    return [Notice(uris[row.product_id], row.occurred_at, row.level > 0) for row in in_order]
