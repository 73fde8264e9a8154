"""Databases for rows made here, emptied between examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("traced")), Writes.CHAIN)
    yield opened
    opened.close()


@pytest.fixture
def postgres(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=postgres_url))
    opened = open_database(settings, Writes.CHAIN)
    yield opened
    opened.close()
