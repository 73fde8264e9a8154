"""A capture as the API answers it."""

from typing import Any

import orjson

from api.capture.store import intent_of
from api.capture.words import sentence
from api.words import Names
from core.chain.sender import TxStatus
from core.crypto import cid_v1_raw, keccak256, to_hex
from core.db.app_tables import Capture
from core.document.lexical import parse_event
from core.epcis.model import located_products
from core.types import EventKind

_STATES = {"queued": "signed", "sent": "signed"}


def state(row: Capture, status: TxStatus | None) -> str:
    """`captured`, `signed`, `recorded`, `final` or `failed`; recorded means mined, not less."""
    if row.transaction_key is None:
        return "captured"
    return "signed" if status is None else _STATES.get(status.state, status.state)


def view(row: Capture, status: TxStatus | None, names: Names) -> dict[str, Any]:
    """Everything about one capture."""
    intent, kind, products = intent_of(row), EventKind(row.kind), _products(row)
    uris = [product["uri"] for product in products]
    return {
        "id": row.capture_id,
        "state": state(row, status),
        "kind": kind.name,
        "sentence": sentence(row.event_json, kind, row.actor, row.counterparty, uris, names),
        "products": products,
        "actor": _signer(row.actor, names, row.signature),
        "counterparty": row.counterparty
        and _signer(row.counterparty, names, row.counter_signature),
        "dataHash": to_hex(row.data_hash),
        "cid": cid_v1_raw(row.data_hash),
        "deadline": intent.deadline,
        "typedData": orjson.loads(row.typed_data),
        "transactionHash": status and status.tx_hash and to_hex(status.tx_hash),
        "blockNumber": status and status.block_number,
        "error": status and status.error,
        "errorCode": status and status.error_code,
    }


def _signer(address: bytes, names: Names, signature: bytes | None) -> dict[str, Any]:
    return {
        "address": to_hex(address),
        "name": names.by_address.get(address),
        "registered": names.registered(address),
        "signed": signature is not None,
    }


def _products(row: Capture) -> list[dict[str, str]]:
    """The products this capture is recorded for, by id and, where the event says, by URI."""
    event = parse_event(row.event_json)
    named = [str(ref.uri) for _, ref in located_products(event)]
    if isinstance(recalled := event.get("product"), str):
        named.append(recalled)
    uris = {keccak256(uri.encode()): uri for uri in named}
    return [
        {"productId": to_hex(product), "uri": uris[product]}
        for product in intent_of(row).prev_heads
    ]
