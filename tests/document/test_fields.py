"""The quick way to a public document, held against the careful one under the same salts."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core import document
from core.crypto import cid_v1_raw, cids_v1_raw
from core.document import LexicalObject, Number, disclosure
from core.document.build import build_all
from core.errors import Malformed
from tests.document.test_document import CONTRACT, EVENTS, VALUES

ODD: Any = st.dictionaries(
    st.sampled_from(["_sd", "...", "a", "\ud800", "type"]),
    VALUES | st.sampled_from(["\udc00", {"_sd": "x"}, [{"...": "x"}], ("a", 1), 5]),
    max_size=3,
)


def quick(events: list[LexicalObject]) -> list[document.SignedDocument]:
    return list(build_all(events, chain_id=31337, contract=CONTRACT))


def careful(event: LexicalObject, salts: dict[str, str]) -> document.SignedDocument:
    return document.build(event, chain_id=31337, contract=CONTRACT, salt=salts.__getitem__)


def assert_same(one: document.SignedDocument, event: LexicalObject) -> None:
    """Byte for byte, once the careful way is given the salts that the quick one drew."""
    opened = document.open_document(one.payload, one.texts)
    salts = {place: made.salt for place, made in opened.disclosed.items()}
    other = careful(event, salts)
    assert opened.event == event
    assert (one.payload, one.bundle) == (other.payload, other.bundle)
    assert (one.data_hash, one.cid, one.bundle_cid) == (
        *(other.data_hash, other.cid, other.bundle_cid),
    )
    assert sorted(one.texts) == sorted(other.texts)
    assert len(set(salts.values())) == len(salts)


@settings(max_examples=200)
@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_both_ways_write_the_same(events: list[LexicalObject]) -> None:
    for one, event in zip(quick(events), events, strict=True):
        assert_same(one, event)


@given(st.lists(ODD.map(lambda rest: {"type": "ObjectEvent"} | rest), min_size=1, max_size=3))
def test_both_ways_refuse_the_same(events: list[LexicalObject]) -> None:
    assert outcome(lambda: quick(events)) == outcome(
        lambda: [careful(event, Anything()) for event in events]
    )


class Anything(dict[str, str]):
    """One salt for all: here only counts what is refused."""

    def __missing__(self, _place: str) -> str:
        return "A" * 22


def outcome(work: Any) -> Any:
    try:
        return [len(made.texts) for made in work()]
    except (Malformed, UnicodeEncodeError, TypeError) as error:
        return type(error), getattr(error, "pointer", "")


def test_characters_whose_base64_has_plus_and_slash() -> None:
    """In each of three places, so that some stand where they become + or /."""
    events: list[LexicalObject] = [
        {
            "type": "ObjectEvent",
            "ex:a": f"{' ' * n}>>>???~~~\x7f\x7f\x7fäöü",
            "ex:b": Number("1.50"),
        }
        for n in range(3)
    ]
    for one, event in zip(quick(events), events, strict=True):
        assert_same(one, event)
    assert "-" in "".join(quick(events)[0].texts)


def test_more_events_than_are_taken_together() -> None:
    events: list[LexicalObject] = [
        {"type": "ObjectEvent", "ex:list": list(map(str, range(n)))} for n in range(50)
    ]
    for one, event in zip(quick(events), events, strict=True):
        assert_same(one, event)


def test_deep_nesting_needs_no_stack() -> None:
    value: Any = "deep"
    for _ in range(60):
        value = [{"ex:a": value}]
    event: LexicalObject = {"type": "ObjectEvent", "ex:a": value}
    [one] = quick([event])
    assert len(one.texts) == 121
    salts = {disclosure.decode(text).salt for text in one.texts}
    assert len(salts) == 121


def test_salts_are_128_bits() -> None:
    """Every bit of a salt is drawn: none is the same in all of many."""
    event: LexicalObject = {"type": "ObjectEvent", "ex:list": list(map(str, range(400)))}
    salts = [disclosure.decode(text).salt for text in quick([event])[0].texts]
    drawn = [int.from_bytes(disclosure.b64decode(salt)) for salt in salts]
    assert {len(disclosure.b64decode(salt)) for salt in salts} == {16}
    every = (1 << 128) - 1
    seen_one = seen_zero = 0
    for bits in drawn:
        seen_one |= bits
        seen_zero |= ~bits & every
    assert seen_one == seen_zero == every


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=9))
def test_cids_are_written_in_bulk_as_one_by_one(digests: list[bytes]) -> None:
    assert cids_v1_raw(digests) == [cid_v1_raw(digest) for digest in digests]
