"""Vectors of GS1's own tests (tests/data/gs1/SOURCES.md)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[1] / "data" / "gs1"
Vectors = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    return lambda name: [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]
