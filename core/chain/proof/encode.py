"""Writing a proof bundle."""

from typing import Any

from core.chain.proof.head import Entry
from core.chain.proof.model import FORMAT, Document, Log, Product, ProofBundle
from core.crypto import to_hex
from core.document.lexical import canonical, from_plain


def encode(bundle: ProofBundle) -> bytes:
    """The bundle as JSON."""
    contracts = {name: to_hex(address) for name, address in bundle.contracts.by_name().items()}
    block = bundle.block
    members: dict[str, Any] = {
        "accountProof": [to_hex(node) for node in bundle.account_proof],
        "block": {
            "hash": to_hex(block.hash),
            "header": to_hex(block.header),
            "number": block.number,
        },
        "chainId": bundle.chain_id,
        "contracts": contracts,
        "documents": {to_hex(h): _document_json(d) for h, d in bundle.documents.items()},
        "format": FORMAT,
        "logs": [log_json(log) for log in bundle.logs],
        "products": [_product_json(product) for product in bundle.products],
        "subject": bundle.subject,
    }
    return canonical(from_plain(members)).encode()


def log_json(log: Log) -> dict[str, Any]:
    """A log as it stands in a bundle."""
    return {
        "address": to_hex(log.address),
        "blockNumber": log.block_number,
        "data": to_hex(log.data),
        "logIndex": log.log_index,
        "topics": [to_hex(topic) for topic in log.topics],
        "txHash": to_hex(log.tx_hash),
    }


def _document_json(document: Document) -> dict[str, Any]:
    return {
        "disclosures": list(document.disclosures),
        "payload": document.payload.decode(),
    }


def _product_json(product: Product) -> dict[str, Any]:
    return {
        "custodian": None if product.custodian is None else to_hex(product.custodian),
        "history": [entry_json(entry) for entry in product.history],
        "recallLevel": product.recall_level,
        "storageProof": [to_hex(node) for node in product.storage_proof],
        "uri": product.uri,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry as it stands in a bundle."""
    return {
        "actor": to_hex(entry.actor),
        "blockNumber": entry.block_number,
        "counterparty": to_hex(entry.counterparty),
        "dataHash": to_hex(entry.data_hash),
        "kind": entry.kind,
        "logIndex": entry.log_index,
        "occurredAt": entry.occurred_at,
        "seq": entry.seq,
        "txHash": to_hex(entry.tx_hash),
    }
