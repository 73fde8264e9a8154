"""From an event to its document: every field becomes a disclosure, only digests are committed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final

import orjson

from core.crypto import cid_v1_raw, cids_v1_raw, sha256, to_hex
from core.document import bundle, disclosure, fields
from core.document.disclosure import RESERVED_NAMES, Disclosure, SaltSource, random_salts
from core.document.lexical import LexicalObject, LexicalValue, segment
from core.document.payload import FORMAT, MAX_SAFE_INTEGER, Payload
from core.document.policy import PUBLIC, Policy
from core.errors import Malformed
from core.types import Address, Cid, DataHash

_AT_ONCE: Final = 20
"""Events whose fields are digested together; more gain nothing."""


@dataclass(frozen=True)
class SignedDocument:
    """An event ready to be signed: 32 bytes for the chain, blocks for IPFS, a key to keep."""

    payload: bytes
    data_hash: DataHash
    cid: Cid
    bundle: bytes
    bundle_cid: Cid
    sealed: bytes | None = None
    sealed_cid: Cid | None = None
    data_key: bytes | None = field(default=None, repr=False)
    """Opens `sealed`. Whoever keeps it can read the private fields; destroying it erases them."""

    private_texts: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Of every disclosure, public and private, in no meaningful order."""
        return *bundle.decode(self.bundle), *self.private_texts

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
    if salt is None and not policy.private:
        [made] = build_all([event], chain_id=chain_id, contract=contract)
        return made
    return _carefully(event, _Place(chain_id, Address(contract)), policy, salt or random_salts())


def build_all(
    events: Iterable[LexicalObject], *, chain_id: int, contract: bytes
) -> Iterator[SignedDocument]:
    """The public documents of many events, as `build` makes them, in a third of the time.

    Raises Malformed at the first event that has no document.
    """
    waiting, place = iter(events), _Place(chain_id, Address(contract))
    while some := list(islice(waiting, _AT_ONCE)):
        yield from _public(some, place)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where documents are meant for."""

    chain_id: int
    contract: Address

    def __post_init__(self) -> None:
        if not 0 < self.chain_id <= MAX_SAFE_INTEGER:
            raise Malformed("chainId is out of range", pointer="/chainId")

    def public(self) -> bytes:
        """What `Payload.encode` writes if nothing is private; a CID and an event are to fill in."""
        return (
            b'{"_sd_alg":"sha-256","bundles":{"public":"%%b"},"chainId":%d,"contract":"%b",'
            b'"event":%%b,"format":"%b"}'
            % (self.chain_id, to_hex(self.contract).encode(), FORMAT.encode())
        )


def _public(events: Sequence[LexicalObject], place: _Place) -> Iterator[SignedDocument]:
    try:
        clear, bundles = _clear_and_bundled(events)
    except (fields.Unsure, Malformed, orjson.JSONEncodeError):
        for event in events:  # each for itself, those before the first that is refused
            yield _carefully(event, place, PUBLIC, random_salts())
        return
    cids, form = cids_v1_raw(list(map(sha256, bundles))), place.public()
    payloads = [form % (cid.encode(), one) for cid, one in zip(cids, clear, strict=True)]
    digests = list(map(sha256, payloads))
    made = zip(payloads, digests, cids_v1_raw(digests), bundles, cids, strict=True)
    for payload, digest, cid, public, public_cid in made:
        yield SignedDocument(payload, DataHash(digest), cid, public, public_cid)


def _clear_and_bundled(events: Sequence[LexicalObject]) -> tuple[list[bytes], list[bytes]]:
    """What each event says in clear, and the bundle of all its disclosures."""
    kinds = [_kind(event) for event in events]
    committed = fields.commit([_but_type(event) for event in events])
    clear = [
        orjson.dumps({"_sd": one.digests, "type": kind} if one.digests else {"type": kind})
        for one, kind in zip(committed, kinds, strict=True)
    ]
    return clear, [bundle.of_texts(sorted(one.texts)) for one in committed]


def _carefully(
    event: LexicalObject, place: _Place, policy: Policy, salt: SaltSource
) -> SignedDocument:
    kind, writer = _kind(event), _Writer(policy, salt)
    committed = {"type": kind} | writer.members(_but_type(event), "", private=False)
    public = bundle.encode(writer.public)
    cids = {"public": cid_v1_raw(sha256(public))}
    sealed = data_key = sealed_cid = None
    if writer.private:
        data_key = bundle.new_data_key()
        sealed = bundle.seal(writer.private, data_key)
        sealed_cid = cids["private"] = cid_v1_raw(sha256(sealed))
    payload = Payload(place.chain_id, place.contract, committed, dict(cids)).encode()
    digest = sha256(payload)
    return SignedDocument(
        payload=payload,
        data_hash=DataHash(digest),
        cid=cid_v1_raw(digest),
        bundle=public,
        bundle_cid=cids["public"],
        sealed=sealed,
        sealed_cid=sealed_cid,
        data_key=data_key,
        private_texts=tuple(writer.private),
    )


def _kind(event: LexicalObject) -> str:
    kind = event.get("type")
    if not isinstance(kind, str):
        raise Malformed("an event needs a type", pointer="/type")
    return kind


def _but_type(event: LexicalObject) -> LexicalObject:
    return {name: value for name, value in event.items() if name != "type"}


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
