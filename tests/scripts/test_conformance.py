"""Every published vector holds, or the page says why it is left out."""

from collections.abc import Sequence

import pytest

from scripts.conformance.__main__ import PAGE, all_rows, render
from scripts.conformance.row import Row, judged


@pytest.fixture(scope="module")
def rows() -> Sequence[Row]:
    return all_rows()


def test_no_vector_fails(rows: Sequence[Row]) -> None:
    assert {row.file: row.failed for row in rows if row.failed} == {}


def test_the_page_is_current(rows: Sequence[Row]) -> None:
    assert PAGE.read_text() == render(rows), "run `python -m scripts.conformance`"


def test_it_counts_what_fails() -> None:
    verdicts = {1: True, 2: False, 3: "no reason"}
    row = judged("file", "what", [1, 2, 3, 4], lambda vector: verdicts[vector])
    assert (row.passed, row.failed, dict(row.excluded)) == (1, ["2", "4"], {"no reason": 1})
    assert "| file | what | 1 | 4 | 1: no reason |" in render([row])
