"""docs/reference/forecast.md names every member of the document and every rule's number."""

import re
from pathlib import Path

from ml.budget import DEMO_BUDGET, FULL_BUDGET
from ml.document import FORMAT, PER_MILLE, Document
from ml.forecast.candidate import QUANTILES
from ml.forecast.choose import CANDIDATES
from ml.publish import REPLAY_LEAD_S

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reference/forecast.md").read_text(encoding="utf-8")


def test_every_member_is_described_and_no_other() -> None:
    table = TEXT.split("| member |")[1].split("\n\n")[0]
    described = {
        name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    members = {field.alias for field in Document.model_fields.values()}
    assert described == members


def test_every_candidate_stands_in_every_table() -> None:
    tables = TEXT.split("| method |")[1:]
    assert len(tables) == 3
    for table in tables:
        assert all(candidate.name in table for candidate in CANDIDATES)


def test_the_numbers_of_the_rules_are_those_of_the_code() -> None:
    assert FORMAT in TEXT
    assert ", ".join(map(str, PER_MILLE)) in TEXT
    assert f"{DEMO_BUDGET.origins} origins, {DEMO_BUDGET.stride} months apart" in TEXT
    assert f"{FULL_BUDGET.origins} origins, one month apart" in TEXT
    assert REPLAY_LEAD_S == 30
    assert "30 seconds after" in TEXT


def test_the_committed_levels_are_those_the_methods_forecast() -> None:
    assert [level / 1000 for level in PER_MILLE] == list(QUANTILES)
