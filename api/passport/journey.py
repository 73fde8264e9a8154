"""The journey as steps: one for each thing that happened, whatever it was recorded for."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from api import words
from api.passport.gather import Gathered
from api.passport.told import Told, told
from core.crypto import cid_v1_raw, to_hex
from core.db.chain_tables import DocumentProduct, Event
from core.types import EventKind


def journey(gathered: Gathered) -> list[dict[str, Any]]:
    """Steps in the order of the chain, which no author can choose."""
    corrections = _corrections(gathered)
    return [
        _step(gathered, list(entries), corrections)
        for _, entries in groupby(gathered.events, key=_same)
    ]


def _corrections(gathered: Gathered) -> dict[tuple[bytes, int], int]:
    """The latest correction of each entry that has one."""
    return {
        (event.product_id, seq): event.seq
        for event in gathered.events
        if (seq := words.corrected(event.kind, event.counterparty)) is not None
    }


def _same(event: Event) -> tuple[Any, ...]:
    """What makes entries one step: one document, one kind, the same people."""
    return event.data_hash, event.kind, event.actor, event.counterparty


def _step(
    gathered: Gathered,
    entries: Sequence[Event],
    corrections: Mapping[tuple[bytes, int], int],
) -> dict[str, Any]:
    first, last = entries[0], entries[-1]
    document = gathered.documents.get(first.data_hash)
    said = told(document)
    to = words.receiver(first.kind, first.counterparty)
    own = {gathered.product.product_id} & {entry.product_id for entry in entries}
    return {
        "kind": EventKind(first.kind).name,
        "words": _words(gathered, first, said),
        "what": _what(gathered, first.data_hash, entries),
        "who": gathered.names.party(first.actor),
        "to": gathered.names.party(to) if to else None,
        "where": gathered.names.place(said.place),
        "occurredAt": first.occurred_at,
        "when": words.local_time(first.occurred_at, said.text("eventTimeZoneOffset")),
        "ofThisProduct": bool(own),
        "disposition": (said.text("disposition") or "").replace("_", " "),
        "blockNumber": last.block_number,
        "transactionHash": to_hex(last.tx_hash),
        "state": "final" if gathered.meta.is_final(last.block_number) else "recorded",
        "dataHash": to_hex(first.data_hash),
        "cid": cid_v1_raw(first.data_hash),
        "document": document.status if document else "pending",
        "documentReason": document.reason if document else None,
        "withheld": document.withheld if document else 0,
        "corrected": [
            f"entry {entry.seq} was corrected by entry {by}"
            for entry in entries
            if (by := corrections.get((entry.product_id, entry.seq))) is not None
        ],
        "entries": [
            {
                "product": gathered.uris.get(entry.product_id),
                "productId": to_hex(entry.product_id),
                "seq": entry.seq,
                "correctedBy": corrections.get((entry.product_id, entry.seq)),
            }
            for entry in entries
        ],
    }


def _words(gathered: Gathered, event: Event, said: Told) -> str:
    step = said.text("bizStep")
    did = words.what(
        event.kind,
        step.rsplit("-", 1)[-1] if step else None,
        corrected=words.corrected(event.kind, event.counterparty),
        container=_container(gathered, event),
    )
    if event.kind != EventKind.HANDOVER:
        return did
    during = words.step(step.rsplit("-", 1)[-1]) if step else None
    return f"{did}{f' ({during})' if during else ''}"


def _container(gathered: Gathered, event: Event) -> str | None:
    packing = gathered.packings.get((event.block_number, event.log_index))
    if packing is None:
        return None
    uri = gathered.uris.get(packing.parent_id)
    return words.thing(uri) if uri else to_hex(packing.parent_id)


def _what(gathered: Gathered, data_hash: bytes, entries: Sequence[Event]) -> str:
    """The products in words; a transformation reads as what went in and what came out."""
    things = gathered.things.get(data_hash, ())
    roles = {thing.role for thing in things}
    if {"input", "output"} <= roles:
        return f"{_named(things, 'input')} → {_named(things, 'output')}"
    if {"parent", "child"} <= roles and entries[0].kind < EventKind.HANDOVER:
        return f"{_named(things, 'child')} on {_named(things, 'parent')}"
    held = {entry.product_id for entry in entries}
    named = [_amount(thing) for thing in things if thing.product_id in held]
    others = [words.thing(gathered.uris[p]) for p in held if p in gathered.uris]
    return ", ".join(dict.fromkeys(named or others))


def _named(things: Sequence[DocumentProduct], role: str) -> str:
    return " + ".join(_amount(thing) for thing in things if thing.role == role)


def _amount(thing: DocumentProduct) -> str:
    amount = words.amount(thing.quantity, thing.uom)
    return f"{amount} of {words.thing(thing.uri)}" if amount else words.thing(thing.uri)
