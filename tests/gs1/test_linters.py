"""Every linter against GS1's own tests of it."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gs1.dictionary import application_identifiers
from core.gs1.linters import LINTERS

NEEDS_GS1S_REGISTER = {"gcp_datasource_offline", "invalid_gcp_prefix"}
"""What only a live list of company prefixes can tell; their tests stub that list."""


def test_faults_are_those_of_gs1(vectors: Callable[[str], list[dict[str, Any]]]) -> None:
    wrong = defaultdict(list)
    judged = 0
    for vector in vectors("linters.jsonl"):
        expected = vector.get("error", "").removeprefix("GS1_LINTER_").lower() or None
        if vector["linter"] not in LINTERS or expected in NEEDS_GS1S_REGISTER:
            continue
        judged += 1
        if LINTERS[vector["linter"]](vector["input"]) != expected:
            wrong[vector["linter"]].append(vector)
    assert not wrong
    assert judged == 3_433


@pytest.mark.parametrize(
    ("linter", "text", "fault"),
    [
        ("gcppos1", "", "too_short_for_gcp"),
        ("gcppos1", "952", "too_short_for_gcp"),
        ("gcppos1", "9521", None),
        ("gcppos1", "9521A", None),
        ("gcppos1", "952A1", "invalid_gcp_prefix"),
        ("gcppos1", "A9521", "invalid_gcp_prefix"),
        ("gcppos1", "952\u0661", "invalid_gcp_prefix"),
        ("gcppos2", "", "too_short_for_gcp"),
        ("gcppos2", "0952", "too_short_for_gcp"),
        ("gcppos2", "X9521", None),
        ("gcppos2", "0952X", "invalid_gcp_prefix"),
    ],
)
def test_a_company_prefix_has_at_least_four_digits(
    linter: str, text: str, fault: str | None
) -> None:
    assert LINTERS[linter](text) == fault


def test_the_dictionary_names_no_other_linter() -> None:
    named = {
        linter
        for entry in application_identifiers().values()
        for part in entry.components
        for linter in part.linters
    }
    assert named <= LINTERS.keys()


@pytest.mark.parametrize("name", sorted(LINTERS))
@given(text=st.text(max_size=40) | st.text("0123456789", max_size=40))
def test_any_text_has_a_fault_or_none(name: str, text: str) -> None:
    fault = LINTERS[name](text)
    assert fault is None or fault.replace("_", "").isalnum()
