"""Reading a proof bundle strictly: an extra member, a fraction or an uppercase hash is refused."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from core.chain.proof.head import Entry
from core.chain.proof.model import FORMAT, Block, Contracts, Document, Log, Product, ProofBundle
from core.document.lexical import LexicalObject, LexicalValue, Number, parse
from core.errors import Malformed
from core.types import Address, DataHash, Millis, TxHash

MAX_SAFE_INTEGER: Final = (1 << 53) - 1
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*")
T = TypeVar("T")


def decode(source: bytes) -> ProofBundle:
    """Read a bundle. Raises Malformed with the pointer of the first place that is wrong."""
    names = "accountProof block chainId contracts documents format logs products subject"
    members = _members(parse(source), "", names)
    if members["format"] != FORMAT:
        raise Malformed(f"the format is not {FORMAT}", pointer="/format")
    return ProofBundle(
        chain_id=_integer(members["chainId"], "/chainId"),
        contracts=_contracts(members["contracts"]),
        block=_block(members["block"]),
        account_proof=_list(members["accountProof"], "/accountProof", _hex),
        subject=_text(members["subject"], "/subject"),
        products=_list(members["products"], "/products", _product),
        documents=_documents(members["documents"]),
        logs=_list(members["logs"], "/logs", _log),
    )


def _contracts(value: LexicalValue) -> Contracts:
    members = _members(value, "/contracts", "actorRegistry carbonToken sensorOracle supplyChain")
    found = {name: _address(item, f"/contracts/{name}") for name, item in members.items()}
    return Contracts(
        supply_chain=found["supplyChain"],
        sensor_oracle=found["sensorOracle"],
        carbon_token=found["carbonToken"],
        actor_registry=found["actorRegistry"],
    )


def _block(value: LexicalValue) -> Block:
    members = _members(value, "/block", "hash header number")
    return Block(
        number=_integer(members["number"], "/block/number"),
        hash=_hex(members["hash"], "/block/hash", 32),
        header=_hex(members["header"], "/block/header"),
    )


def _product(value: LexicalValue, at: str) -> Product:
    members = _members(value, at, "custodian history recallLevel storageProof uri")
    custodian = members["custodian"]
    return Product(
        uri=_text(members["uri"], f"{at}/uri"),
        history=_list(members["history"], f"{at}/history", _entry),
        custodian=None if custodian is None else _address(custodian, f"{at}/custodian"),
        recall_level=_integer(members["recallLevel"], f"{at}/recallLevel"),
        storage_proof=_list(members["storageProof"], f"{at}/storageProof", _hex),
    )


def _entry(value: LexicalValue, at: str) -> Entry:
    names = "actor blockNumber counterparty dataHash kind logIndex occurredAt seq txHash"
    members = _members(value, at, names)
    return Entry(
        seq=_integer(members["seq"], f"{at}/seq"),
        kind=_integer(members["kind"], f"{at}/kind", 255),
        actor=_address(members["actor"], f"{at}/actor"),
        data_hash=DataHash(_hex(members["dataHash"], f"{at}/dataHash", 32)),
        occurred_at=Millis(_integer(members["occurredAt"], f"{at}/occurredAt")),
        counterparty=_address(members["counterparty"], f"{at}/counterparty"),
        block_number=_integer(members["blockNumber"], f"{at}/blockNumber"),
        log_index=_integer(members["logIndex"], f"{at}/logIndex"),
        tx_hash=TxHash(_hex(members["txHash"], f"{at}/txHash", 32)),
    )


def _documents(value: LexicalValue) -> dict[bytes, Document]:
    if not isinstance(value, dict):
        raise Malformed("expected an object", pointer="/documents")
    return {
        _hex(name, f"/documents/{name}", 32): _document(item, f"/documents/{name}")
        for name, item in value.items()
    }


def _document(value: LexicalValue, at: str) -> Document:
    members = _members(value, at, "disclosures payload")
    return Document(
        payload=_text(members["payload"], f"{at}/payload").encode(),
        disclosures=_list(members["disclosures"], f"{at}/disclosures", _text),
    )


def _log(value: LexicalValue, at: str) -> Log:
    members = _members(value, at, "address blockNumber data logIndex topics txHash")
    return Log(
        address=_address(members["address"], f"{at}/address"),
        topics=_list(members["topics"], f"{at}/topics", _word),
        data=_hex(members["data"], f"{at}/data"),
        block_number=_integer(members["blockNumber"], f"{at}/blockNumber"),
        log_index=_integer(members["logIndex"], f"{at}/logIndex"),
        tx_hash=TxHash(_hex(members["txHash"], f"{at}/txHash", 32)),
    )


def _members(value: LexicalValue, at: str, names: str) -> LexicalObject:
    if not isinstance(value, dict) or sorted(value) != names.split():
        raise Malformed(f"expected an object of {names}", pointer=at)
    return value


def _list(value: LexicalValue, at: str, read: Callable[[LexicalValue, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise Malformed("expected a list", pointer=at)
    return tuple(read(item, f"{at}/{index}") for index, item in enumerate(value))


def _text(value: LexicalValue, at: str) -> str:
    if not isinstance(value, str):
        raise Malformed("expected a string", pointer=at)
    return value


def _integer(value: LexicalValue, at: str, limit: int = MAX_SAFE_INTEGER) -> int:
    if not isinstance(value, Number) or not re.fullmatch(r"0|[1-9]\d{0,15}", value.lexeme):
        raise Malformed("expected a whole number", pointer=at)
    if int(value.lexeme) > limit:
        raise Malformed(f"expected a whole number up to {limit}", pointer=at)
    return int(value.lexeme)


def _hex(value: LexicalValue, at: str, length: int | None = None) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise Malformed("expected lowercase 0x-hex", pointer=at)
    data = bytes.fromhex(value[2:])
    if length is not None and len(data) != length:
        raise Malformed(f"expected {length} bytes", pointer=at)
    return data


def _word(value: LexicalValue, at: str) -> bytes:
    return _hex(value, at, 32)


def _address(value: LexicalValue, at: str) -> Address:
    return Address(_hex(value, at, 20))
