"""Scoring counts only for a forecast that was fixed first, and is exact."""

from datetime import date
from fractions import Fraction

import pytest

from core.errors import Conflict, Malformed
from ml.data import Observed
from ml.document import Document, Forecast, commitment
from ml.score import open_commitment, require_foresight, score

SALT = bytes(range(32))
JANUARY, FEBRUARY, MARCH = (date(2021, month, 1) for month in (1, 2, 3))


@pytest.fixture
def document(forecast: Forecast) -> Document:
    return Document(**forecast.model_dump(), cutoff=1_900_000_000)


def test_a_score_by_hand(document: Document) -> None:
    found = score(document, [Observed(JANUARY, 10), Observed(FEBRUARY, 20)])
    # the same numbers as in test_evaluate: 0.95 and 5.425 over five quantiles each
    assert found.loss == 6_375
    assert found.mean_pinball == Fraction("6.375") / 10
    assert found.mean_absolute_error == Fraction(1 + 4, 2)
    assert (found.steps, found.inside_80, found.inside_95) == (2, 1, 1)


def test_only_the_disclosed_periods_count(document: Document) -> None:
    found = score(document, [Observed(FEBRUARY, 24), Observed(MARCH, 10**6)])
    assert (found.steps, found.mean_absolute_error) == (1, 0)


def test_an_outcome_of_other_periods_or_twice_is_refused(document: Document) -> None:
    for outcome in ([], [Observed(MARCH, 1)], [Observed(JANUARY, 1), Observed(JANUARY, 1)]):
        with pytest.raises(Malformed):
            score(document, outcome)


def test_a_commitment_opens_only_with_its_own_document_and_salt(document: Document) -> None:
    data = document.canonical()
    committed = commitment(data, SALT)
    assert open_commitment(data, SALT, committed) == document
    changed = data.replace(b"[6,8,9,11,12]", b"[6,8,9,11,13]")
    for other, salt in ((changed, SALT), (data, bytes(32))):
        with pytest.raises(Malformed, match="not what was committed"):
            open_commitment(other, salt, committed)


def test_hindsight_is_refused() -> None:
    require_foresight(block_timestamp=1_000, disclosed_at=1_000_001)
    with pytest.raises(Conflict):
        require_foresight(block_timestamp=1_000, disclosed_at=1_000_000)
