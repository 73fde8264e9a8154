"""From an event to its document: every field becomes a disclosure, only digests are committed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final

from core.crypto import cid_v1_raw, sha256
from core.document import bundle, disclosure, fields
from core.document.disclosure import RESERVED_NAMES, Disclosure, SaltSource, random_salts
from core.document.lexical import LexicalObject, LexicalValue, segment
from core.document.payload import MAX_SAFE_INTEGER, Payload
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


def _public(events: Sequence[LexicalObject], place: _Place) -> Iterator[SignedDocument]:
    try:
        kinds = [_kind(event) for event in events]
        committed = fields.commit([_but_type(event) for event in events])
    except (fields.Unsure, Malformed):  # each for itself, those before the first that is refused
        for event in events:
            yield _carefully(event, place, PUBLIC, random_salts())
        return
    for kind, (members, texts) in zip(kinds, committed, strict=True):
        texts.sort()
        public = bundle.of_texts(texts)
        yield _signed(
            place, {"type": kind, **members}, public, tuple(b"\n".join(texts).decode().split())
        )


def _carefully(
    event: LexicalObject, place: _Place, policy: Policy, salt: SaltSource
) -> SignedDocument:
    kind, writer = _kind(event), _Writer(policy, salt)
    committed = {"type": kind} | writer.members(_but_type(event), "", private=False)
    sealed = data_key = None
    if writer.private:
        data_key = bundle.new_data_key()
        sealed = bundle.seal(writer.private, data_key)
    public = bundle.encode(writer.public)
    texts = (*writer.public, *writer.private)
    return _signed(place, committed, public, texts, sealed, data_key)


def _kind(event: LexicalObject) -> str:
    kind = event.get("type")
    if not isinstance(kind, str):
        raise Malformed("an event needs a type", pointer="/type")
    return kind


def _but_type(event: LexicalObject) -> LexicalObject:
    return {name: value for name, value in event.items() if name != "type"}


def _signed(
    place: _Place,
    event: LexicalObject,
    public: bytes,
    texts: tuple[str, ...],
    sealed: bytes | None = None,
    data_key: bytes | None = None,
) -> SignedDocument:
    public_cid = cid_v1_raw(sha256(public))
    sealed_cid = None if sealed is None else cid_v1_raw(sha256(sealed))
    cids = {"public": public_cid} | ({"private": sealed_cid} if sealed_cid else {})
    payload = Payload(place.chain_id, place.contract, event, dict(cids)).encode()
    digest = sha256(payload)
    return SignedDocument(
        payload=payload,
        data_hash=DataHash(digest),
        cid=cid_v1_raw(digest),
        texts=texts,
        bundle=public,
        bundle_cid=public_cid,
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
