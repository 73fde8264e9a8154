"""Measurements on disk, one JSON line each, so that a benchmark goes on where it was stopped."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.indexer.measure import Measurement
from benchmarks.indexer.tools import OURS, PEERS, Tool
from scripts.tools import ROOT


class Results:
    """What was measured on one chain with these very sources."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, tool: Tool) -> list[Measurement]:
        """Measurements of a tool as it is now; those of an older state of it do not count."""
        wanted = _state(tool)
        return [
            Measurement(**line["measurement"])
            for line in self._lines()
            if line["state"] == wanted and line["measurement"]["tool"] == tool.name
        ]

    def add(self, tool: Tool, measurement: Measurement) -> None:
        line = {"state": _state(tool), "measurement": dataclasses.asdict(measurement)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def _lines(self) -> Sequence[dict[str, Any]]:
        if not self._file.exists():
            return []
        return [json.loads(line) for line in self._file.read_text().splitlines()]


def _state(tool: Tool) -> str:
    """A hash of the sources that a tool is run from."""
    folders = [ROOT / "core", ROOT / "indexer"] if tool is OURS else []
    if tool.environment:
        folders.append(PEERS / tool.environment)
    files = [path for folder in folders for path in folder.rglob("*") if _is_source(path)]
    files += [Path(__file__).parent / name for name in ("floor.py", "plain_web3.py", "tools.py")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts
