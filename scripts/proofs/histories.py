"""Plays random histories of chain and indexer: `python -m scripts.proofs.histories --count 100000`.

Each seed is one history; docs/reference/proofs.md says what happens in it. Seeds are played in
batches, as many processes as there are cores. Finished batches are remembered for as long as the
code they played on stays the same, so a run that was stopped goes on; a failing seed is printed
with the command that plays it again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from core.config import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
PLAYER: Final = "tests.indexer.simulated"
CODE: Final = ("core/**/*.py", "indexer/**/*.py", "tests/indexer/**/*.py")
BATCH: Final = 1_000

Lines = list[dict[str, Any]]


class Record:
    """Which batches were played on this code, in a file that is only appended to."""

    def __init__(self, path: Path, code: str) -> None:
        self._path, self._code = path, code
        path.parent.mkdir(parents=True, exist_ok=True)

    def known(self) -> dict[int, Lines]:
        """By first seed, what the whole batches of an earlier run said."""
        if not self._path.exists():
            return {}
        entries = [json.loads(line) for line in self._path.read_text().splitlines()]
        return {one["first"]: one["lines"] for one in entries if one["code"] == self._code}

    def keep(self, first: int, lines: Lines) -> None:
        entry = {"code": self._code, "first": first, "lines": lines}
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def play(first: int, count: int) -> Lines:
    """What the histories of these seeds were made of, and which of them failed."""
    command = [sys.executable, "-m", PLAYER, str(first), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines: Lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1):
        lines.append({"failed": first, "error": f"exit {done.returncode}", "trace": done.stderr})
    return lines


def batches(first: int, count: int) -> Iterator[tuple[int, int]]:
    """First seed and size of each batch."""
    for start in range(first, first + count, BATCH):
        yield start, min(BATCH, first + count - start)


def fingerprint() -> str:
    """Hash of the code a history plays on."""
    files = sorted(path for pattern in CODE for path in ROOT.glob(pattern))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def campaign(first: int, count: int, workers: int, record: Record) -> Iterator[Lines]:
    """The batches as they end, those of an earlier run first."""
    known = record.known()
    with ThreadPoolExecutor(workers) as pool:
        running = {}
        for start, size in batches(first, count):
            if start in known and _played(known[start]) == size:
                yield known[start]
            else:
                running[pool.submit(play, start, size)] = start
        for done in as_completed(running):
            lines = done.result()
            if not _failures(lines):
                record.keep(running[done], lines)
            yield lines


def _played(lines: Lines) -> int:
    return sum(line["told"]["histories"] for line in lines if "told" in line)


def _failures(lines: Lines) -> Lines:
    return [line for line in lines if "failed" in line]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    record = Record(Settings().state_dir / "proofs" / "histories.jsonl", fingerprint())
    told, failures, began = Counter[str](), 0, time.monotonic()
    for lines in campaign(given.first, given.count, given.workers, record):
        for failure in _failures(lines):
            failures += 1
            print(f"{failure['trace']}\nseed {failure['failed']}: {failure['error']}")
            print(f"again: python -m {PLAYER} {failure['failed']} 1", flush=True)
        for line in lines:
            told.update(line.get("told", {}))
        took = time.monotonic() - began
        print(f"{told['histories']:,} of {given.count:,}, {failures} failed, {took:.0f} s")
        sys.stdout.flush()
    print("".join(f"\n{kind:12} {number:>10,}" for kind, number in told.most_common()))
    print(f"\nseeds {given.first} to {given.first + given.count - 1}: {failures} failed")
    return 1 if failures or told["histories"] < given.count else 0


if __name__ == "__main__":
    sys.exit(main())
