"""Every statement the API sends finds its rows by an index, and the documentation says by which.

given a mirror of 20,000 rows a table on PostgreSQL, analysed
├── no statement reads a growing table from end to end
├── docs/reference/database.md has the table of what serves what
└── each index of schema chain serves a statement, or the indexer itself
"""

import re
from pathlib import Path
from typing import Any

import pytest

from core.config import DbSettings, Settings
from core.db.engine import Database, Writes, open_database
from tests.api.grown import grow, tables
from tests.api.recorded import Scan, plans

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/database.md"
MOST_NAMED = 4
"""EPCIS queries beyond these are not told apart."""
BEGIN, END = "<!-- measured: tests/api/test_indices.py -->", "<!-- /measured -->"


@pytest.fixture
def grown(postgres_url: str, tmp_path: Path) -> Any:
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url))
    database = open_database(settings, Writes.BOTH)
    grow(database)
    yield database
    database.close()


@pytest.mark.timeout(400)
async def test_each_statement_has_its_index(grown: Database) -> None:
    scans = await plans(grown)
    assert len(scans) > 60
    unserved = [f"{scan.asked}: {scan.unserved}: {scan.sql}" for scan in scans if scan.unserved]
    assert not unserved, "\n".join(unserved)
    found = table(scans)
    assert said(BEGIN, END) == {index for index, _ in found}, render(found)


def test_each_index_has_its_statement() -> None:
    """One that serves nothing only makes writing slower."""
    text = PAGE.read_text()
    indices = [index for made in tables() for index in made.indexes]
    assert [index.name for index in indices if f"| `{index.name}` |" not in text] == []


def said(begin: str, end: str) -> set[str]:
    """The indices of the page's first table."""
    text = PAGE.read_text()
    return set(re.findall(r"^\| `(\w+)`", text[text.index(begin) : text.index(end)], re.M))


def table(scans: list[Scan]) -> list[tuple[str, str]]:
    """Index -> what is asked through it."""
    found: dict[str, list[str]] = {}
    for scan in scans:
        for index in scan.indices:
            name = scan.asked.split(":")[0]
            shown = name if name.endswith(")") else name.replace("(", " by ")
            found.setdefault(index, []).append(shown)
    return [(index, ", ".join(_shortened(names))) for index, names in sorted(found.items())]


def _shortened(names: list[str]) -> list[str]:
    once = list(dict.fromkeys(names))
    epcis = [name for name in once if name.startswith("EPCIS ")]
    if len(epcis) <= MOST_NAMED:
        return once
    return [*(name for name in once if name not in epcis), "EPCIS queries"]


def render(rows: list[tuple[str, str]]) -> str:
    return "\n".join(["| index | serves |", "|---|---|", *(f"| `{a}` | {b} |" for a, b in rows)])
