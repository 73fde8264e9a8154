"""The promise of the event document, as properties.

1. Withholding any set of fields leaves every other field verifiable.
2. Two different events never share a hash: not through number or text folding, Unicode forms or
   separators; the same event written in another key order is the same event.
3. No byte of payload or disclosure can change unnoticed.
"""

import base64
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core import document
from core.crypto import sha256
from core.document import LexicalObject, LexicalValue, Number, disclosure, payload
from core.errors import Malformed

CONTRACT = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = TEXT.filter(lambda name: name not in ("_sd", "...", "type"))
SCALARS = st.one_of(NUMBERS.map(Number), TEXT, st.booleans(), st.none())
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
EVENTS: Any = st.dictionaries(NAMES, VALUES, min_size=1, max_size=5).map(
    lambda rest: {"type": "ObjectEvent"} | rest
)


def fixed_salt(pointer: str) -> str:
    """A salt that depends on the place only, so nothing but content can change a hash."""
    return base64.urlsafe_b64encode(sha256(pointer.encode())[:16]).decode().rstrip("=")


def build(event: LexicalObject, policy: document.Policy = document.PUBLIC) -> Any:
    return document.build(event, chain_id=31337, contract=CONTRACT, policy=policy, salt=fixed_salt)


def texts(built: Any) -> list[str]:
    return [made.text for made in built.disclosures]


@given(EVENTS)
def test_a_fully_disclosed_document_gives_the_event_back(event: LexicalObject) -> None:
    built = build(event)
    opened = document.verify_document(built.data_hash, built.payload, texts(built))
    assert opened.event == event
    assert opened.complete


@given(EVENTS, st.data())
def test_any_subset_of_fields_can_be_withheld(event: LexicalObject, data: st.DataObject) -> None:
    built = build(event)
    opened = document.open_document(built.payload, texts(built))
    hidden = data.draw(st.sets(st.sampled_from(sorted(opened.disclosed))))
    kept = document.redact(built.payload, texts(built), hidden)
    redacted = document.verify_document(built.data_hash, built.payload, kept)
    assert set(redacted.disclosed) == {p for p in opened.disclosed if not below(p, hidden)}
    assert redacted.event == without(event, hidden)
    assert redacted.complete == (not hidden)


def below(pointer: str, hidden: set[str]) -> bool:
    return any(pointer == h or pointer.startswith(h + "/") for h in hidden)


def without(value: LexicalValue, hidden: set[str], pointer: str = "") -> Any:
    """An independent redaction, straight on the event."""
    if isinstance(value, dict):
        places = {n: f"{pointer}/{n.replace('~', '~0').replace('/', '~1')}" for n in value}
        return {n: without(value[n], hidden, p) for n, p in places.items() if p not in hidden}
    if isinstance(value, list):
        places = {i: f"{pointer}/{i}" for i in range(len(value))}
        return [without(value[i], hidden, p) for i, p in places.items() if p not in hidden]
    return value


@given(EVENTS, EVENTS)
def test_different_events_never_share_a_hash(a: LexicalObject, b: LexicalObject) -> None:
    assume(a != b)
    assert build(a).data_hash != build(b).data_hash


FOLDED = {
    "integer and decimal": ("25000", "25000.0"),
    "number and text": ("25000", '"25000"'),
    "exponent": ("1000", "1e3"),
    "exponent sign": ("1e3", "1e+3"),
    "exponent case": ("1e3", "1E3"),
    "minus zero": ("0", "-0"),
    "beyond a double": ("9007199254740993", "9007199254740992"),
    "a tenth": ("0.1", "0.1000000000000000055511151231257827"),
    "leading zeros": ('"00123"', '"123"'),
    "composed and decomposed": ('"\u00e9"', '"e\u0301"'),
    "compatibility form": ('"\ufb01"', '"fi"'),
    "letter case": ('"abc"', '"ABC"'),
    "trailing space": ('"abc"', '"abc "'),
    "null and absent": ("null", None),
    "null and text": ("null", '"null"'),
    "true and one": ("true", "1"),
    "empty object and array": ("{}", "[]"),
    "empty array and absent": ("[]", None),
    "a list of one": ('"a"', '["a"]'),
    "split elements": ('["ab","c"]', '["a","bc"]'),
    "element order": ('["a","b"]', '["b","a"]'),
    "separator in text": ('["a","b"]', '["a\\",\\"b"]'),
    "name against value": ('{"a":"b"}', '{"ab":""}'),
    "nested against dotted": ('{"a":{"b":1}}', '{"a.b":1}'),
    "pointer characters": ('{"a/b":1}', '{"a":{"b":1}}'),
}


@pytest.mark.parametrize("pair", FOLDED.values(), ids=FOLDED.keys())
def test_what_other_hashes_fold_stays_apart(pair: tuple[str, str | None]) -> None:
    hashes = {build(document.parse_event(one(value))).data_hash for value in pair}
    assert len(hashes) == 2


def one(value: str | None) -> str:
    return '{"type":"ObjectEvent"}' if value is None else f'{{"type":"ObjectEvent","x":{value}}}'


@given(EVENTS, st.randoms(use_true_random=False))
def test_key_order_is_no_content(event: LexicalObject, random: Any) -> None:
    shuffled = list(event.items())
    random.shuffle(shuffled)
    assert build(dict(shuffled)).data_hash == build(event).data_hash


@given(EVENTS)
def test_the_payload_reveals_only_the_type(event: LexicalObject) -> None:
    committed = json.loads(build(event).payload)
    assert set(committed["event"]) <= {"type", "_sd"}
    assert set(committed) == {"_sd_alg", "bundles", "chainId", "contract", "event", "format"}


def test_two_documents_of_one_event_can_not_be_linked() -> None:
    event: LexicalObject = {"type": "ObjectEvent", "bizStep": "shipping"}
    a, b = (document.build(event, chain_id=1, contract=CONTRACT) for _ in range(2))
    assert a.data_hash != b.data_hash
    assert not {d.digest for d in a.disclosures} & {d.digest for d in b.disclosures}


@given(EVENTS, st.data())
def test_no_byte_of_the_payload_can_change(event: LexicalObject, data: st.DataObject) -> None:
    built = build(event)
    changed = tampered(built.payload, data)
    with pytest.raises(Malformed, match="hash"):
        document.verify_document(built.data_hash, changed, texts(built))


@given(EVENTS, st.data())
def test_no_byte_of_a_disclosure_can_change(event: LexicalObject, data: st.DataObject) -> None:
    built = build(event)
    all_texts = texts(built)
    index = data.draw(st.integers(0, len(all_texts) - 1))
    raw = tampered(base64.urlsafe_b64decode(all_texts[index] + "=="), data)
    all_texts[index] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    with pytest.raises(Malformed):
        document.open_document(built.payload, all_texts)


def tampered(source: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(source) - 1))
    flipped = source[place] ^ data.draw(st.integers(1, 255))
    return source[:place] + bytes([flipped]) + source[place + 1 :]


def committed(event: LexicalObject) -> bytes:
    return payload.Payload(31337, document.verify.Address(CONTRACT), event, {}).encode()


SALT = "A" * 22
FIELD = disclosure.make(SALT, "a", "x")
ELEMENT = disclosure.make(SALT, None, "x")
OUTER = disclosure.make(SALT, "outer", {"_sd": [FIELD.digest]})


def test_rfc_9901_decoy_digests_count_as_withheld() -> None:
    source = committed({"type": "T", "_sd": [FIELD.digest, "decoy" * 8]})
    opened = document.open_document(source, [FIELD.text])
    assert opened.event == {"type": "T", "a": "x"}
    assert opened.withheld == ("",)


REFUSED: dict[str, tuple[LexicalObject, list[disclosure.Disclosure]]] = {
    "an unused disclosure": ({"type": "T"}, [FIELD]),
    "a disclosure given twice": ({"type": "T", "_sd": [FIELD.digest]}, [FIELD, FIELD]),
    "a digest that stands twice": ({"type": "T", "_sd": [FIELD.digest, FIELD.digest]}, [FIELD]),
    "a digest that stands on two levels": (
        {"type": "T", "_sd": [FIELD.digest, OUTER.digest]},
        [FIELD, OUTER],
    ),
    "a child without its parent": ({"type": "T", "_sd": [OUTER.digest]}, [FIELD]),
    "an element disclosed as a member": ({"type": "T", "_sd": [ELEMENT.digest]}, [ELEMENT]),
    "a member disclosed as an element": (
        {"type": "T", "_sd": [(w := disclosure.make(SALT, "l", [{"...": FIELD.digest}])).digest]},
        [w, FIELD],
    ),
    "a disclosure that overwrites the type": (
        {"type": "T", "_sd": [(t := disclosure.make(SALT, "type", "U")).digest]},
        [t],
    ),
    "a digest element with company": (
        {
            "type": "T",
            "_sd": [(c := disclosure.make(SALT, "l", [{"...": ELEMENT.digest, "b": ""}])).digest],
        },
        [c, ELEMENT],
    ),
    "a digest element outside an array": (
        {"type": "T", "_sd": [(o := disclosure.make(SALT, "l", {"...": ELEMENT.digest})).digest]},
        [o],
    ),
    "a list of digests that is none": (
        {"type": "T", "_sd": [(n := disclosure.make(SALT, "l", {"_sd": "x"})).digest]},
        [n],
    ),
    "a reserved name": (
        {"type": "T", "_sd": [(r := disclosure.make(SALT, "_sd", "x")).digest]},
        [r],
    ),
    "a short salt": (
        {"type": "T", "_sd": [(s := disclosure.make("short", "a", "x")).digest]},
        [s],
    ),
    "a field in clear beside the type": ({"type": "T", "bizStep": "shipping"}, []),
    "no type": ({"_sd": [FIELD.digest]}, [FIELD]),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_rfc_9901_refuses(case: tuple[LexicalObject, list[disclosure.Disclosure]]) -> None:
    event, disclosures = case
    with pytest.raises(Malformed):
        document.open_document(committed(event), [made.text for made in disclosures])


def test_a_chain_of_disclosures_can_not_nest_without_end() -> None:
    chain = [disclosure.make(SALT, "a", "x")]
    for _ in range(2_000):
        chain.append(disclosure.make(SALT, "a", {"_sd": [chain[-1].digest]}))
    source = committed({"type": "T", "_sd": [chain[-1].digest]})
    with pytest.raises(Malformed, match="levels"):
        document.open_document(source, [made.text for made in chain])


GOOD = build({"type": "ObjectEvent", "a": "x"}).payload
BROKEN_PAYLOADS = {
    "spaces": GOOD.replace(b",", b", "),
    "another key order": json.dumps(dict(reversed(json.loads(GOOD).items()))).encode(),
    "another format": GOOD.replace(b"sr360-event/1", b"sr360-event/2"),
    "another hash": GOOD.replace(b'"sha-256"', b'"sha-512"'),
    "an unknown member": GOOD.replace(b'{"_sd_alg"', b'{"_extra":1,"_sd_alg"'),
    "a chain id with a fraction": GOOD.replace(b"31337", b"31337.0"),
    "a chain id beyond 2^53": GOOD.replace(b"31337", b"9007199254740993"),
    "chain id 0": GOOD.replace(b"31337", b"0"),
    "a mixed-case address": GOOD.replace(b"0x5fb", b"0x5FB"),
    "a CID that is none": GOOD.replace(b'"bafkrei', b'"QmYwAP1'),
    "a list": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("source", BROKEN_PAYLOADS.values(), ids=BROKEN_PAYLOADS.keys())
def test_another_payload_is_refused(source: bytes) -> None:
    assert source != GOOD
    with pytest.raises(Malformed):
        document.open_document(source, [])


@pytest.mark.parametrize("name", ["_sd", "..."])
def test_an_event_can_not_use_a_reserved_name(name: str) -> None:
    with pytest.raises(Malformed, match="reserved"):
        build({"type": "ObjectEvent", "ilmd": {name: "x"}})


def test_redacting_a_field_that_is_not_there_is_an_error() -> None:
    built = build({"type": "ObjectEvent", "a": "x"})
    with pytest.raises(Malformed):
        document.redact(built.payload, texts(built), ["/b"])
