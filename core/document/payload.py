"""The committed part of an event document: a small JCS object whose SHA-256 is on chain."""

import re
from dataclasses import dataclass
from typing import Final

from core.crypto import to_address, to_hex
from core.document.lexical import LexicalObject, LexicalValue, Number, canonical_bytes, parse
from core.errors import Malformed
from core.types import Address

FORMAT: Final = "sr360-event/1"
MAX_SAFE_INTEGER: Final = (1 << 53) - 1
_MEMBERS: Final = frozenset({"_sd_alg", "bundles", "chainId", "contract", "event", "format"})
_BUNDLES: Final = frozenset({"public", "private"})
_CID: Final = re.compile(r"bafkrei[a-z2-7]{52}")


@dataclass(frozen=True)
class Payload:
    """What an event document says in clear."""

    chain_id: int
    contract: Address
    event: LexicalObject
    """`type` and `_sd`, the digests of everything else."""
    bundles: dict[str, str]
    """CID of the `public` and, if there is one, of the sealed `private` disclosure bundle."""

    def encode(self) -> bytes:
        """The RFC 8785 bytes whose SHA-256 is the event's `dataHash`."""
        bundles: LexicalObject = dict(self.bundles)
        members: LexicalObject = {
            "_sd_alg": "sha-256",
            "bundles": bundles,
            "chainId": Number(str(self.chain_id)),
            "contract": to_hex(self.contract),
            "event": self.event,
            "format": FORMAT,
        }
        return canonical_bytes(members)


def decode(source: bytes) -> Payload:
    """Read a payload. Raises Malformed unless it is exactly this format, in JCS bytes."""
    members = parse(source)
    if not isinstance(members, dict) or frozenset(members) != _MEMBERS:
        raise Malformed(f"a document has the members {', '.join(sorted(_MEMBERS))}")
    if members["format"] != FORMAT:
        raise Malformed(f"the format is not {FORMAT}", pointer="/format")
    if members["_sd_alg"] != "sha-256":
        raise Malformed("the hash algorithm is not sha-256", pointer="/_sd_alg")
    if canonical_bytes(members) != source:
        raise Malformed("not in RFC 8785 form")
    return Payload(
        chain_id=_chain_id(members["chainId"]),
        contract=_contract(members["contract"]),
        event=_event(members["event"]),
        bundles=_bundles(members["bundles"]),
    )


def _chain_id(value: LexicalValue) -> int:
    if not isinstance(value, Number):
        raise Malformed("chainId is not a number", pointer="/chainId")
    chain_id = value.integer()
    if not 0 < chain_id <= MAX_SAFE_INTEGER:
        raise Malformed("chainId is out of range", pointer="/chainId")
    return chain_id


def _contract(value: LexicalValue) -> Address:
    address = to_address(value, pointer="/contract")
    if to_hex(address) != value:
        raise Malformed("the contract address is not in lowercase", pointer="/contract")
    return address


def _event(value: LexicalValue) -> LexicalObject:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise Malformed("the event has no type in clear", pointer="/event/type")
    if not frozenset(value) <= {"_sd", "type"}:
        raise Malformed("only the type of an event stands in clear", pointer="/event")
    digests = value.get("_sd", [])
    if not isinstance(digests, list) or not all(isinstance(d, str) for d in digests):
        raise Malformed("_sd is a list of digests", pointer="/event/_sd")
    return value


def _bundles(value: LexicalValue) -> dict[str, str]:
    if not isinstance(value, dict) or not frozenset(value) <= _BUNDLES:
        raise Malformed("bundles are named public and private", pointer="/bundles")
    cids = {}
    for name, cid in value.items():
        if not isinstance(cid, str) or not _CID.fullmatch(cid):
            raise Malformed("expected a CIDv1 raw sha2-256 in base32", pointer=f"/bundles/{name}")
        cids[name] = cid
    return cids
