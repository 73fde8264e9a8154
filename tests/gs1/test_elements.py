"""Element strings and what may stand beside what, against the tests of GS1's syntax engine."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidIdentifier
from core.gs1 import associations, elements
from core.gs1.charsets import CSET_82
from core.gs1.check_characters import with_check_digit
from core.gs1.elements import Element

Vectors = Callable[[str], list[dict[str, Any]]]

RULES = {
    "validateAImutex": associations.check_excluded,
    "validateAIrequisites": associations.check_required,
    "validateAIrepeats": associations.check_repeated,
    "validateDigSigRequiresSerialisedKey": associations.check_signature,
}


def outcome(work: Callable[[], object]) -> object:
    """What it gives, or None when it is refused."""
    try:
        return work() or True
    except InvalidIdentifier:
        return None


def test_bracketed_strings_read_alike(vectors: Vectors) -> None:
    for vector in vectors("parse_bracketed_ai.jsonl"):
        text = vector["bracketed_ai"]
        got = outcome(lambda text=text: elements.unbracketed(elements.parse_bracketed(text)))  # type: ignore[misc]
        assert (got or "") == vector["expect_unbracketed"], vector


def test_symbol_data_read_alike(vectors: Vectors) -> None:
    for vector in vectors("process_ai_data.jsonl"):
        data = vector["unbracketed_ai"]
        got = outcome(lambda data=data: elements.parse_unbracketed(data))  # type: ignore[misc]
        assert (got is not None) == vector["should_succeed"], vector


def test_associations_are_judged_alike(vectors: Vectors) -> None:
    for vector in vectors("validate_ai_rules.jsonl"):
        text, rule = vector["bracketed_ai"], RULES[vector["rule"]]
        got = outcome(lambda rule=rule, text=text: rule(elements.parse(text)))  # type: ignore[misc]
        assert (got is not None) == vector["should_succeed"], vector


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("(02)12345678901231(37)10(01)12345678901231", "gs1.excluded_pair"),
        ("(02)12345678901231", "gs1.missing_association"),
        ("(00)123456789012345675(00)006141411234567890", "gs1.contradiction"),
        ("(8030)AAAA(253)1234567890128", "gs1.signature_without_serial"),
    ],
)
def test_each_association_has_its_rule(text: str, rule: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        associations.check(elements.parse(text))
    assert caught.value.issues[0].rule == rule


gtins = st.text("0123456789", min_size=13, max_size=13).map(with_check_digit)
texts = st.text(CSET_82, min_size=1, max_size=20)
items = st.tuples(gtins, texts, texts).map(
    lambda t: (Element("01", t[0]), Element("10", t[1]), Element("21", t[2]))
)


@given(items)
def test_both_notations_give_back_what_was_written(item: tuple[Element, ...]) -> None:
    # a value that ends in a backslash cannot stand before an AI in brackets: GS1's notation has
    # an escape for the bracket and none for the backslash
    assert elements.parse(elements.unbracketed(item)) == item
    if not any("\\" in one.value for one in item):
        assert elements.parse(elements.bracketed(item)) == item


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused_with_a_rule(text: str) -> None:
    for candidate in (text, f"({text}", f"^{text}", f"(01){text}", f"^10{text}"):
        outcome(lambda candidate=candidate: elements.parse(candidate))  # type: ignore[misc]


def test_more_elements_than_any_barcode_holds_are_refused() -> None:
    assert outcome(lambda: elements.parse("(90)X" * 64)) is not None
    assert outcome(lambda: elements.parse("(90)X" * 65)) is None
