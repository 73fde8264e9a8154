"""A Report in SQL and the signatures gathered for it."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from core.chain.bindings.sensor_oracle import Report
from core.crypto import Domain, digest, from_hex, recover, sign, to_hex


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """A worker's signature; sorted by signer as the contract wants them."""

    signer: bytes
    signature: bytes


def to_json(report: Report) -> str:
    """Hashes as 0x-hex, numbers as numbers."""
    items = asdict(report).items()
    return orjson.dumps({k: to_hex(v) if isinstance(v, bytes) else v for k, v in items}).decode()


def from_json(text: str) -> Report:
    """The inverse of `to_json`."""
    data = orjson.loads(text)
    fields: dict[str, Any] = {k: from_hex(v) if isinstance(v, str) else v for k, v in data.items()}
    return Report(**fields)


def sign_report(report: Report, domain: Domain, private_key: bytes) -> bytes:
    """A worker's 65-byte signature."""
    return sign(private_key, digest(domain, report.struct_hash()))


def signatures_of(text: str, report: Report, domain: Domain) -> list[Signature]:
    """The stored signatures that fit this very report, sorted by signer, each signer once."""
    found = {}
    for item in orjson.loads(text):
        signature = from_hex(item["signature"], length=65)
        signer = from_hex(item["signer"], length=20)
        if recover(digest(domain, report.struct_hash()), signature) == signer:
            found[signer] = Signature(signer, signature)
    return sorted(found.values())


def signatures_json(signatures: list[Signature]) -> str:
    return orjson.dumps(
        [{"signer": to_hex(s.signer), "signature": to_hex(s.signature)} for s in signatures]
    ).decode()
