"""Checks of the event documents: do they hash to the chain's words, and fit their entries?"""

from core.chain.proof import lineage
from core.chain.proof.head import Entry
from core.chain.proof.model import Product, ProofBundle
from core.chain.proof.verdict import Findings
from core.crypto import sha256, to_hex
from core.document import OpenedDocument, open_document
from core.document.event_time import event_time_ms
from core.errors import Malformed
from core.types import RECALL_BASE, EventKind

Opened = dict[bytes, OpenedDocument | None]
"""By dataHash; None for a document that is in the bundle but bad."""

_KINDS = {
    EventKind.OBJECT: "ObjectEvent",
    EventKind.AGGREGATION: "AggregationEvent",
    EventKind.TRANSFORMATION: "TransformationEvent",
    EventKind.TRANSACTION: "TransactionEvent",
    EventKind.ASSOCIATION: "AssociationEvent",
    EventKind.HANDOVER: "Handover",
    EventKind.CORRECTION: "Correction",
    EventKind.PACKED: "Packing",
    EventKind.UNPACKED: "Unpacking",
}


def open_documents(bundle: ProofBundle, found: Findings) -> Opened:
    """Every document, verified against the hash it stands under."""
    used = {entry.data_hash for product in bundle.products for entry in product.history}
    opened: Opened = {}
    for data_hash in bundle.documents:
        at = f"/documents/{to_hex(data_hash)}"
        opened[data_hash] = _open(bundle, data_hash, at, found)
        if data_hash not in used:
            found.bad("document.unused", at, "no entry of the bundle names this document")
    return opened


def _open(bundle: ProofBundle, data_hash: bytes, at: str, found: Findings) -> OpenedDocument | None:
    document = bundle.documents[data_hash]
    actual = sha256(document.payload)
    if actual != data_hash:
        found.bad("document.hash", f"{at}/payload", f"the document hashes to {to_hex(actual)}")
        return None
    try:
        opened = open_document(document.payload, document.disclosures)
    except Malformed as error:
        found.bad("document.content", at, f"the document can not be opened: {error}")
        return None
    if (opened.chain_id, opened.contract) != (bundle.chain_id, bundle.contracts.supply_chain):
        found.bad(
            "document.target",
            f"{at}/payload",
            f"written for {to_hex(opened.contract)} on chain {opened.chain_id}",
        )
        return None
    count = len(opened.disclosed)
    found.ok("document.content", at, f"hashes to the word on chain; fields disclosed: {count}")
    if not opened.complete:
        count = len(opened.withheld)
        found.note("document.withheld", at, f"fields withheld: {count}")
    return opened


def check_entry_documents(product: Product, at: str, opened: Opened, found: Findings) -> None:
    """Each entry's document says the same as the entry."""
    known = {product.uri} | _containers(product, opened)
    for index, entry in enumerate(product.history):
        place = f"{at}/history/{index}"
        name = f"{product.uri}, entry {entry.seq}"
        if entry.data_hash not in opened:
            _missing(entry, place, name, found)
            continue
        document = opened[entry.data_hash]
        if document is None:
            continue
        before = len(found)
        _check_entry(entry, document, known, (place, name), found)
        if len(found) == before:
            found.ok("entry.document", place, f"{name}: {_kind(entry)} says what happened")


def _missing(entry: Entry, place: str, name: str, found: Findings) -> None:
    """What a recall says (who, when, which level) is in the entry; its notice may be any file."""
    if entry.kind >= RECALL_BASE:
        found.note("entry.notice", place, f"{name}: the notice of the recall is not in the bundle")
    else:
        found.unchecked("entry.document", place, f"{name}: its document is not in the bundle")


def _check_entry(
    entry: Entry,
    document: OpenedDocument,
    known: set[str],
    where: tuple[str, str],
    found: Findings,
) -> None:
    place, name = where
    event = document.event
    if entry.kind < EventKind.HANDOVER and event["type"] != _kind(entry):
        message = f"{name}: recorded as {_kind(entry)}, its document is {event['type']}"
        found.bad("entry.kind", f"{place}/kind", message)
    time = event.get("eventTime")
    if time is not None and event_time_ms(time) != entry.occurred_at:
        message = f"{name}: recorded at {entry.occurred_at}, its document says {time}"
        found.bad("entry.time", f"{place}/occurredAt", message)
    mentioned = {uri for _, uri in lineage.parts(event)}
    if document.complete and not mentioned & known:
        message = f"{name}: its document names neither the product nor a container of it"
        found.unchecked("entry.product", place, message)


def _containers(product: Product, opened: Opened) -> set[str]:
    """Products whose events are about this one too, as its own history discloses."""
    documents = (opened.get(entry.data_hash) for entry in product.history)
    return {
        link.other
        for document in documents
        if document is not None
        for link in lineage.links(document.event, product.uri)
        if link.relation is lineage.Relation.CONTAINER
    }


def _kind(entry: Entry) -> str:
    if entry.kind >= RECALL_BASE:
        return "Recall"
    return next((name for kind, name in _KINDS.items() if kind == entry.kind), f"kind {entry.kind}")
