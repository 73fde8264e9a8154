"""Reading JSON without losing a digit, and refusing what two readers could read differently."""

import json
from collections.abc import Callable
from random import Random

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from core.document import Number, canonical, from_plain, lexical, parse, parse_event, strings
from core.document.lexical import parse_with_plain
from core.errors import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), TEXT, st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)
LEXEMES = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)


@given(PLAIN)
def test_canonical_form_equals_an_independent_rfc_8785(value: object) -> None:
    assert canonical(from_plain(value)).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(PLAIN)
def test_whitespace_and_escapes_do_not_matter(value: object) -> None:
    spread = json.dumps(value, indent=3, ensure_ascii=True)
    assert canonical(parse(spread)) == canonical(from_plain(value))


@given(LEXEMES)
def test_a_number_keeps_its_text(lexeme: str) -> None:
    assert canonical(parse(f"[ {lexeme} ]")) == f"[{lexeme}]"


@pytest.mark.parametrize("pair", [("1", "1.0"), ("1", '"1"'), ("1e3", "1000"), ("-0", "0")])
def test_equal_values_with_different_text_stay_different(pair: tuple[str, str]) -> None:
    assert parse(pair[0]) != parse(pair[1])


NAME = st.text("ab", min_size=1, max_size=2).map(json.dumps)
DENSE = st.recursive(
    st.one_of(LEXEMES, TEXT.map(lambda one: json.dumps(one, ensure_ascii=False)), st.just("null")),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda all: f"[{','.join(all)}]")
        | st.lists(st.tuples(NAME, inner), max_size=4).map(
            lambda all: "{" + ",".join(f"{name}:{value}" for name, value in all) + "}"
        )
    ),
    max_leaves=12,
)
"""JSON without white space, names that may stand twice, numbers in every spelling."""


@given(DENSE)
def test_the_quick_way_says_what_the_careful_way_says(text: str) -> None:
    assert _outcome(lambda: parse(text)) == _outcome(lambda: lexical._explained(text))


@given(DENSE, st.integers(0, 5))
def test_both_ways_count_levels_alike(text: str, levels: int) -> None:
    quick = _outcome(lambda: parse_with_plain(text, levels)[0])
    assert quick == _outcome(lambda: lexical._explained(text, levels))


@given(DENSE, st.randoms(use_true_random=False))
def test_white_space_changes_nothing(text: str, random: Random) -> None:
    """Between any two characters, so between tokens, inside strings and inside numbers."""
    cuts = sorted(random.randrange(len(text) + 1) for _ in range(random.randrange(6)))
    for cut in reversed(cuts):
        text = text[:cut] + random.choice((" ", "\n", "\t ", "\r\n  ")) + text[cut:]
    assert _outcome(lambda: parse(text)) == _outcome(lambda: lexical._explained(text))


@given(PLAIN)
def test_indented_text_goes_the_quick_way(value: object) -> None:
    """If it has no escape that orjson writes in another way."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    assert lexical.parse_quickly(text) is not None or "\\u" in text or "\x7f" in text


def _outcome(work: Callable[[], object]) -> object:
    try:
        return work()
    except Malformed as error:
        return error.message


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=9))
def test_names_sort_by_utf_16(value: object) -> None:
    """Surrogates and all that is beyond the Basic Multilingual Plane among them."""
    assert canonical(value) == lexical._canonical(value)  # type: ignore[arg-type]


BROKEN = {
    "duplicate name": '{"a":1,"b":{"c":1,"c":2}}',
    "duplicate by escape": '{"a":1,"\\u0061":2}',
    "leading zero": '{"lot":00123}',
    "NaN": "[NaN]",
    "infinity": "[-Infinity]",
    "half a surrogate pair": '["\\ud800"]',
    "half a pair in a name": '{"\\udc00":1}',
    "control character": '["\x01"]',
    "byte order mark": "\ufeff{}",
    "trailing comma": "[1,]",
    "two values": "{}{}",
    "empty": "",
    "65 levels": "[" * 65 + "]" * 65,
    "unterminated escapes": '"' + '\\"' * 200_000,
    "100,000 levels": "[" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_two_readers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@pytest.mark.parametrize("data", [b"\xff{}", b"\xed\xa0\x80", b'["\xc0\xaf"]'])
def test_bytes_that_are_no_utf_8_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        parse(data)


def test_64_levels_are_read() -> None:
    assert canonical(parse("[" * 64 + "]" * 64)) == "[" * 64 + "]" * 64


def test_an_event_is_an_object() -> None:
    with pytest.raises(Malformed, match="object"):
        parse_event("[]")


def test_a_float_has_no_lossless_form() -> None:
    with pytest.raises(Malformed, match="float"):
        from_plain({"quantity": 0.1})


@pytest.mark.parametrize("lexeme", ["1.0", "1e3", "9" * 101])
def test_only_an_integer_lexeme_is_an_integer(lexeme: str) -> None:
    with pytest.raises(Malformed):
        Number(lexeme).integer()


def test_strings_are_values_not_names() -> None:
    assert list(strings(parse('{"a":"x","b":["y",{"c":"z"},1]}'))) == ["x", "y", "z"]
