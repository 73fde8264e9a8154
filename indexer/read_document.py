"""From a document's bytes to its columns: pure, and shared with `verify`.

What is on chain may come from anybody, so nothing here assumes a validated event: a field that is
withheld or of the wrong shape is empty, a wrong identifier quarantines the document.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from core.crypto import keccak256, to_hex
from core.document import LexicalObject, LexicalValue, canonical, open_document
from core.document import bundle as bundles
from core.document import payload as payloads
from core.document.event_time import event_time_ms
from core.document.verify import OpenedDocument
from core.epcis import identifiers, vocab
from core.epcis.hash import event_hash
from core.epcis.model import build_event, located_products
from core.errors import BadInput, Malformed
from indexer import rows
from indexer.event_words import index_rows
from indexer.registry import Registry


@dataclass(frozen=True, slots=True)
class Read:
    """What a document says."""

    columns: dict[str, Any] = field(default_factory=dict)
    products: tuple[Any, ...] = ()
    index: tuple[Any, ...] = ()
    """What the event is found by: rows for `event_index.add`."""


def bundle_cid(media: str, payload: bytes) -> str | None:
    """Where the public disclosures are; None if the document has none.

    Raises:
        Malformed: it should be an event document and is not.
    """
    try:
        return payloads.decode(payload).bundles.get("public")
    except Malformed:
        if media == "event":
            raise
        return None


def read_document(
    media: str, data_hash: bytes, payload: bytes, bundle: bytes | None, registry: Registry
) -> Read:
    """Columns of `document` and rows of `document_product`.

    Anybody may record any hash as anything, so bytes are read as an event first, whatever they
    are recorded as; only where they stand for nothing but an event must they be one.

    Raises:
        BadInput: payload or bundle is not what it claims to be, is meant for other contracts, or
            names a thing by a wrong identifier.
    """
    try:
        return _read_event(data_hash, payload, bundle, registry)
    except BadInput:
        if media == "event":
            raise
    if media == "manifest":
        _refuse_no_json(payload)
    return Read()


def _read_event(data_hash: bytes, payload: bytes, bundle: bytes | None, registry: Registry) -> Read:
    disclosures = bundles.decode(bundle) if bundle else ()
    opened = open_document(payload, disclosures)
    _refuse_other_contract(opened, registry)
    columns = _columns(opened, disclosures)
    products = tuple(_products(data_hash, opened.event))
    return Read(columns, products, tuple(index_rows(data_hash, opened.event, columns)))


def _refuse_no_json(payload: bytes) -> None:
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the manifest is not JSON: {error}") from error


def _refuse_other_contract(opened: OpenedDocument, registry: Registry) -> None:
    if opened.chain_id != registry.chain_id or opened.contract not in registry.events:
        raise Malformed(
            f"the document is meant for contract {to_hex(opened.contract)} on chain "
            f"{opened.chain_id}",
            pointer="/contract",
        )


def _columns(opened: OpenedDocument, disclosures: tuple[str, ...]) -> dict[str, Any]:
    event = opened.event
    return {
        "disclosures": orjson.dumps(disclosures).decode(),
        "event_json": canonical(event),
        "withheld": len(opened.withheld),
        "event_hash": _event_hash(event) if opened.complete else None,
        "event_type": _text(event.get("type")),
        "biz_step": _word("bizStep", event),
        "disposition": _word("disposition", event),
        "event_time": event_time_ms(event.get("eventTime")),
        "read_point": _place(event.get("readPoint")),
    }


def _products(data_hash: bytes, event: LexicalObject) -> Iterator[Any]:
    for position, (_, ref) in enumerate(located_products(event)):
        if "\0" in ref.uri:
            raise Malformed("an identifier contains NUL")
        yield rows.DocumentProduct(
            data_hash=data_hash,
            position=position,
            product_id=keccak256(ref.uri.encode()),
            uri=ref.uri,
            role=str(ref.role),
            quantity=ref.quantity,
            uom=None if ref.uom is None else rows.clean(ref.uom),
        )


def _event_hash(event: LexicalObject) -> str | None:
    """The interoperable id, of an event with the members the standard asks for."""
    context = event.get("@context")
    given = tuple(context) if isinstance(context, list) else () if context is None else (context,)
    try:
        return event_hash(build_event(event, given, ""))
    except (BadInput, KeyError, TypeError, ValueError, AttributeError):
        return None  # an event that no EPCIS schema would accept has no CBV hash


def _word(vocabulary: str, event: LexicalObject) -> str | None:
    return _text(vocab.bare(vocabulary, _text(event.get(vocabulary))))


def _text(value: LexicalValue) -> str | None:
    return rows.clean(value) if isinstance(value, str) else None


def _place(value: LexicalValue) -> str | None:
    place = _text(value.get("id")) if isinstance(value, dict) else None
    return None if place is None else identifiers.normalize(place)
