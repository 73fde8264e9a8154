"""From a document back to its event: RFC 9901 section 7.1, without the JWS around it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.crypto import sha256
from core.document import disclosure, payload
from core.document.disclosure import Disclosure
from core.document.lexical import MAX_DEPTH, LexicalObject, LexicalValue, segment
from core.errors import Malformed
from core.types import Address, DataHash


@dataclass(frozen=True)
class OpenedDocument:
    """An event as far as it was disclosed."""

    data_hash: DataHash
    chain_id: int
    contract: Address
    bundles: dict[str, str]
    event: LexicalObject
    """Withheld members are absent; withheld array elements too, so later ones move up."""
    disclosed: dict[str, Disclosure] = field(repr=False)
    """By JSON pointer into the complete event."""
    withheld: tuple[str, ...] = ()
    """JSON pointer of every object or array element digest that was not disclosed; a withheld
    member shows only its object, since its name is hidden too."""

    @property
    def complete(self) -> bool:
        return not self.withheld


def open_document(source: bytes, disclosures: Iterable[str]) -> OpenedDocument:
    """Verify disclosures against a payload and rebuild the event.

    Raises:
        Malformed: the payload is not this format, or a disclosure is malformed, stands twice, is
            not referenced, or would overwrite a member (RFC 9901, 7.1).
    """
    head = payload.decode(source)
    reader = _Reader(_by_digest(disclosures))
    event = reader.members(head.event, "")
    reader.refuse_leftovers()
    return OpenedDocument(
        data_hash=DataHash(sha256(source)),
        chain_id=head.chain_id,
        contract=head.contract,
        bundles=head.bundles,
        event=event,
        disclosed=reader.disclosed,
        withheld=tuple(reader.withheld),
    )


def verify_document(
    data_hash: bytes, source: bytes, disclosures: Iterable[str] = ()
) -> OpenedDocument:
    """`open_document`, after checking that the chain's 32 bytes are this payload's.

    Raises:
        Malformed: the hash differs, or anything `open_document` refuses.
    """
    if sha256(source) != data_hash:
        raise Malformed("the document does not hash to the dataHash on chain")
    return open_document(source, disclosures)


def redact(source: bytes, disclosures: Iterable[str], pointers: Iterable[str]) -> tuple[str, ...]:
    """The disclosures that remain when the fields at `pointers`, and all below, are withheld.

    Raises:
        Malformed: a pointer names no disclosed field; `/type` is always in clear.
    """
    opened = open_document(source, disclosures)
    hidden = tuple(pointers)
    for pointer in hidden:
        if pointer not in opened.disclosed:
            raise Malformed("no disclosed field stands here", pointer=pointer)
    return tuple(
        made.text
        for pointer, made in opened.disclosed.items()
        if not any(pointer == h or pointer.startswith(f"{h}/") for h in hidden)
    )


def _by_digest(disclosures: Iterable[str]) -> dict[str, Disclosure]:
    texts = list(disclosures)
    if twice := [text for text, count in Counter(texts).items() if count > 1]:
        raise Malformed(
            "a disclosure stands twice", pointer=f"/disclosures/{texts.index(twice[0])}"
        )
    decoded = [disclosure.decode(text, f"/disclosures/{i}") for i, text in enumerate(texts)]
    return {made.digest: made for made in decoded}


class _Reader:
    """Puts disclosures where their digests stand; each digest may stand in one place only."""

    def __init__(self, available: dict[str, Disclosure]) -> None:
        self.disclosed: dict[str, Disclosure] = {}
        self.withheld: list[str] = []
        self._available = available
        self._seen: set[str] = set()

    def members(self, committed: LexicalObject, pointer: str) -> LexicalObject:
        result: LexicalObject = {}
        for name, value in committed.items():
            if name == "...":
                raise Malformed("a digest element outside an array", pointer=pointer)
            if name != "_sd":
                result[name] = self._value(value, f"{pointer}/{segment(name)}")
        for digest in _digests(committed, pointer):
            self._member(digest, result, pointer)
        return dict(sorted(result.items()))

    def refuse_leftovers(self) -> None:
        """RFC 9901, 7.1 step 5: a disclosure nobody refers to is an error."""
        if unused := self._available.keys() - self._seen:
            raise Malformed(f"{len(unused)} disclosures belong to no digest of the document")

    def _member(self, digest: str, result: LexicalObject, pointer: str) -> None:
        made = self._take(digest, pointer)
        if made is None:
            return
        if made.name is None:
            raise Malformed("an array element disclosed as a member", pointer=pointer)
        place = f"{pointer}/{segment(made.name)}"
        if made.name in result:
            raise Malformed("a disclosure would overwrite a member", pointer=place)
        self.disclosed[place] = made
        result[made.name] = self._value(made.value, place)

    def _value(self, value: LexicalValue, pointer: str) -> LexicalValue:
        if pointer.count("/") > MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH} levels", pointer=pointer)
        if isinstance(value, dict):
            return self.members(value, pointer)
        if isinstance(value, list):
            return self._elements(value, pointer)
        return value

    def _elements(self, items: list[LexicalValue], pointer: str) -> list[LexicalValue]:
        result: list[LexicalValue] = []
        for index, item in enumerate(items):
            place = f"{pointer}/{index}"
            if not isinstance(item, dict) or "..." not in item:
                result.append(self._value(item, place))
            elif (made := self._take(_element_digest(item, place), place)) is not None:
                if made.name is not None:
                    raise Malformed("a member disclosed as an array element", pointer=place)
                self.disclosed[place] = made
                result.append(self._value(made.value, place))
        return result

    def _take(self, digest: str, pointer: str) -> Disclosure | None:
        if digest in self._seen:
            raise Malformed("the same digest stands twice", pointer=pointer)
        self._seen.add(digest)
        made = self._available.get(digest)
        if made is None:
            self.withheld.append(pointer)
        return made


def _digests(committed: LexicalObject, pointer: str) -> list[str]:
    digests = committed.get("_sd", [])
    if not isinstance(digests, list):
        raise Malformed("_sd is not an array", pointer=pointer)
    if not all(isinstance(digest, str) for digest in digests):
        raise Malformed("_sd holds something that is no digest", pointer=pointer)
    return [str(digest) for digest in digests]


def _element_digest(item: LexicalObject, pointer: str) -> str:
    digest = item["..."]
    if len(item) != 1 or not isinstance(digest, str):
        raise Malformed("a digest element holds one digest and nothing else", pointer=pointer)
    return digest
