"""From an event to its document: every field becomes a disclosure, only digests are committed."""

from dataclasses import dataclass, field
from functools import cached_property

from core.crypto import cid_v1_raw, sha256
from core.document import bundle, disclosure
from core.document.disclosure import RESERVED_NAMES, Disclosure, SaltSource, random_salts
from core.document.lexical import LexicalObject, LexicalValue, segment
from core.document.payload import MAX_SAFE_INTEGER, Payload
from core.document.policy import PUBLIC, Policy
from core.errors import Malformed
from core.types import Address, Cid, DataHash


@dataclass(frozen=True)
class SignedDocument:
    """An event ready to be signed: 32 bytes for the chain, blocks for IPFS, a key to keep."""

    payload: bytes
    data_hash: DataHash
    cid: Cid
    texts: tuple[str, ...]
    """Of every disclosure, public and private, in no meaningful order."""
    bundle: bytes
    bundle_cid: Cid
    sealed: bytes | None = None
    sealed_cid: Cid | None = None
    data_key: bytes | None = field(default=None, repr=False)
    """Opens `sealed`. Whoever keeps it can read the private fields; destroying it erases them."""

    @cached_property
    def disclosures(self) -> tuple[Disclosure, ...]:
        """Every field, read from the texts."""
        return tuple(map(disclosure.decode, self.texts))


def build(
    event: LexicalObject,
    *,
    chain_id: int,
    contract: bytes,
    policy: Policy = PUBLIC,
    salt: SaltSource | None = None,
) -> SignedDocument:
    """The document of an event (docs/reference/event-document.md, 4).

    Raises:
        Malformed: no `type`, a member named `_sd` or `...`, or too large for one block.
    """
    kind = event.get("type")
    if not isinstance(kind, str):
        raise Malformed("an event needs a type", pointer="/type")
    if not 0 < chain_id <= MAX_SAFE_INTEGER:
        raise Malformed("chainId is out of range", pointer="/chainId")
    writer = _Writer(policy, salt or random_salts())
    rest = {name: value for name, value in event.items() if name != "type"}
    committed = {"type": kind} | writer.members(rest, "", private=False)
    return _assemble(writer, committed, chain_id, Address(contract))


def _assemble(
    writer: "_Writer", event: LexicalObject, chain_id: int, contract: Address
) -> SignedDocument:
    public = bundle.encode(writer.public)
    cids = {"public": cid_v1_raw(sha256(public))}
    sealed = data_key = sealed_cid = None
    if writer.private:
        data_key = bundle.new_data_key()
        sealed = bundle.seal(writer.private, data_key)
        sealed_cid = cids["private"] = cid_v1_raw(sha256(sealed))
    payload = Payload(chain_id, contract, event, dict(cids)).encode()
    digest = sha256(payload)
    return SignedDocument(
        payload=payload,
        data_hash=DataHash(digest),
        cid=cid_v1_raw(digest),
        texts=(*writer.public, *writer.private),
        bundle=public,
        bundle_cid=cids["public"],
        sealed=sealed,
        sealed_cid=sealed_cid,
        data_key=data_key,
    )


class _Writer:
    """Replaces members and elements by digests, children first, and collects the disclosures."""

    def __init__(self, policy: Policy, salt: SaltSource) -> None:
        self.public: list[str] = []
        self.private: list[str] = []
        self._policy = policy
        self._may_hide = bool(policy.private)
        self._salt = salt

    def members(self, members: LexicalObject, pointer: str, *, private: bool) -> LexicalObject:
        digests = [
            self._field(name, value, f"{pointer}/{segment(name)}", private=private)
            for name, value in members.items()
        ]
        digests.sort()
        return {"_sd": list(digests)} if digests else {}

    def _field(self, name: str | None, value: LexicalValue, pointer: str, *, private: bool) -> str:
        if name in RESERVED_NAMES:
            raise Malformed(f"{name!r} is reserved by RFC 9901", pointer=pointer)
        private = private or (self._may_hide and self._policy.is_private(pointer))
        if isinstance(value, (dict, list)):
            value = self._hide(value, pointer, private)
        text, digest = disclosure.write(self._salt(pointer), name, value)
        (self.private if private else self.public).append(text)
        return digest

    def _hide(
        self, value: LexicalObject | list[LexicalValue], pointer: str, private: bool
    ) -> LexicalValue:
        if isinstance(value, dict):
            return self.members(value, pointer, private=private)
        return [
            {"...": self._field(None, item, f"{pointer}/{index}", private=private)}
            for index, item in enumerate(value)
        ]
