"""Each test of this room runs on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest

from core.config import DbSettings, Settings


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Settings(state_dir=tmp_path, db=DbSettings(url=url))
