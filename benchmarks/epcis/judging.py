"""A large document judged as a whole: `python -m benchmarks.epcis.judging`.

A document is stored as `POST /capture` stores it, in PostgreSQL or (`--sqlite`) SQLite, and then
judged as a capture job judges it before its first event is recorded: profiles, which events belong
together, story after story. Reported are seconds and CPU seconds of this process, and its peak of
resident memory (VmHWM) before and after. `--one` makes all events be about one lot: one story.
"""

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from api.capture import bulk
from api.capture.judging import Judge
from api.capture.refused import Refused
from api.capture.rulebook import USUAL, Rulebook
from benchmarks.epcis import made
from benchmarks.indexer.postgres import cluster
from core.config import DbSettings, Settings
from core.db import Database, open_database

_MOST = 10**9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--one", action="store_true")
    given = parser.parse_args()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if not given.sqlite:
            url = opened.enter_context(opened.enter_context(cluster()).database("judged"))
        database = open_database(Settings(state_dir=folder, db=DbSettings(url=url)))
        opened.callback(database.close)
        document = opened.enter_context(tempfile.TemporaryFile())
        document.writelines(_lots(given.events) if given.one else made.pieces(given.events))
        asyncio.run(_measure(database, document, given.events))


async def _measure(database: Database, document: BinaryIO, events: int) -> None:
    document.seek(0)
    job = bulk.store(database, document, "proceed", USUAL, _MOST, None, all_or_none=False)
    before, began, spent = _peak_mb(), time.perf_counter(), time.process_time()
    with Refused() as refused:
        judge = Judge(database, Rulebook(database), job, USUAL)
        found = await judge.judge(refused)
    took, cpu = time.perf_counter() - began, time.process_time() - spent
    print(
        f"{events:,} events: {took:.1f} s, {cpu:.1f} CPU s, {events / cpu:,.0f} events a CPU s; "
        f"{refused.count} refused, {len(found.warnings)} warnings; "
        f"peak {_peak_mb():.0f} MB, before {before:.0f} MB"
    )


def _lots(count: int) -> Iterator[bytes]:
    """All about one lot, of which ever more is made."""
    whole = orjson.loads(made.document(0))
    event: dict[str, Any] = {
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTimeZoneOffset": "+00:00",
        "bizStep": "commissioning",
        "quantityList": [
            {"epcClass": "https://id.gs1.org/01/09506000134352/10/L", "quantity": 5, "uom": "KGM"}
        ],
    }
    head, tail = orjson.dumps(whole).split(b'"eventList":[')
    yield head + b'"eventList":['
    for number in range(count):
        day, second = divmod(number, 86_400)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        one = event | {"eventTime": f"2026-05-{1 + day:02}T{clock}Z", "eventID": f"urn:e:{number}"}
        yield (b"," if number else b"") + orjson.dumps(one)
    yield tail


def _peak_mb() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1_000


if __name__ == "__main__":
    main()
