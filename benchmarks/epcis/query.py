"""How long EPCIS queries take over many events: `python -m benchmarks.epcis.query`.

Fills an empty PostgreSQL, one of its own unless `--postgres` names another, with made-up events
(products of 2,000 GTINs, 500 places, 30 business steps, five years), then asks each kind of query
many times through the same code as `GET /events`, and prints median and 95th percentile in
milliseconds. Client and server share the machine. A database that was filled before is asked again.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from api.queries.event_listing import distinct
from api.queries.event_search import search
from api.queries.master_data import resolved
from api.queries.snapshot import Snapshot
from benchmarks.indexer.postgres import cluster
from core.clock import iso
from core.config import DbSettings, Settings
from core.crypto import sha256
from core.db import Database, Writes, open_database
from core.db.chain_tables.event_index import VERSION
from core.db.schema import metadata
from core.epcis import vocab
from core.epcis.query import ordered
from core.epcis.query.parameters import read_query
from core.epcis.query.terms import word
from core.gs1.check_characters import with_check_digit
from indexer import rows
from indexer.statements import copy_in
from indexer.wire import encode

BATCH: Final = 5_000
ROUNDS: Final = 60
START_MS: Final = 1_600_000_000_000
SPAN_MS: Final = 5 * 365 * 24 * 3_600 * 1_000
STEPS: Final = sorted(vocab.words("bizStep"))[:30]
DISPOSITIONS: Final = sorted(vocab.words("disposition"))[:20]
GTINS: Final = [with_check_digit(f"{n:013}") for n in range(2_000)]
PLACES: Final = [f"https://id.gs1.org/414/{with_check_digit(f'{n:012}')}" for n in range(500)]
_random: Final = random.Random(7)
_cached: dict[tuple[str, str], str] = {}


def known(name: str, value: str) -> str:
    """The word of a value that many events share."""
    if (name, value) not in _cached:
        _cached[name, value] = word(name, value)
    return _cached[name, value]


def gtin_of(number: int) -> str:
    """The GTIN of an event's product: neighbours differ."""
    return GTINS[number * 7_919 % len(GTINS)]


def epc_of(number: int) -> str:
    """The serial number that an event alone is about."""
    return f"https://id.gs1.org/01/{gtin_of(number)}/21/{number}"


def made(number: int) -> list[Any]:
    """The rows of one event."""
    key = sha256(number.to_bytes(8, "big"))
    step, disposition = _random.choice(STEPS), _random.choice(DISPOSITIONS)
    place, gtin = _random.choice(PLACES), gtin_of(number)
    epc, event_id = epc_of(number), f"urn:uuid:{number:032x}"
    moment = START_MS + number * SPAN_MS // 1_000_000 + _random.randrange(10**9)
    quantity = ordered.encode(Decimal(_random.randrange(1, 100_000)))
    words = [
        *(known("eventType", "ObjectEvent"), known("action", "OBSERVE")),
        *(known("bizStep", step), known("disposition", disposition)),
        *(known("readPoint", place), known("bizLocation", place)),
        *(word("epc", epc), word("anyEPC", epc), word("eventID", event_id)),
        *(known("epcClass", gtin), known("anyEPCClass", gtin)),
        *(known(f"ex:field{n}", str(_random.randrange(1_000))) for n in range(8)),
    ]
    block = number // 10 + 1
    event = f'{{"type":"ObjectEvent","eventID":"{event_id}","epcList":["{epc}"],"x":"{"y" * 600}"}}'
    document = rows.document(key, "event", block)[0]._replace(
        status="ready", event_json=event, event_type="ObjectEvent", event_time=moment
    )
    entry = rows.Event(
        *(block, number % 10, bytes(32), bytes(32), 1, 1, bytes(20), bytes(20), key, moment),
        bytes(32),
    )
    return [
        *(document, entry),
        rows.EventIndex(
            *(key, block, moment, " ".join(sorted(words)), "ObjectEvent", step, disposition),
            *(place, place, VERSION),
        ),
        rows.EventValue(key, known("quantity", ""), quantity),
        rows.EventValue(key, known("epc", ""), epc.encode()),
        *([rows.Block(block, key, bytes(32), moment // 1_000, bytes(32))] * (number % 10 == 0)),
    ]


def fill(database: Database, total: int) -> None:
    """All events, then their indexes, and the statistics the planner goes by."""
    filled = ("document", "event", "event_index", "event_value")
    indexes = [index for table in filled for index in metadata().tables[f"chain.{table}"].indexes]
    with database.writer.begin() as connection:
        for index in indexes:
            index.drop(connection)
    _copy(database, total)
    with database.writer.begin() as connection:
        for index in indexes:
            index.create(connection)
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def filled(database: Database, total: int) -> bool:
    """Whether an earlier run got to the end of it."""
    with database.read_session() as session:
        found = session.connection().execute(text("SELECT count(*) FROM chain.event_index"))
        return bool(found.scalar_one() == total)


def _copy(database: Database, total: int) -> None:
    for start in range(0, total, BATCH):
        by_table: dict[Any, list[bytes]] = {}
        for number in range(start, min(start + BATCH, total)):
            for row in made(number):
                by_table.setdefault(row.table, []).append(encode(row))
        with database.write_session() as session:
            for table, tuples in by_table.items():
                copy_in(session.connection(), table, tuples)


def queries(total: int) -> Iterator[tuple[str, Any]]:
    """Each kind of query, and how to make one of it."""
    pick = _random.choice
    yield "all, newest first", lambda: {"orderBy": "eventTime"}
    yield "one serial number", lambda: {"MATCH_epc": epc_of(_random.randrange(total))}
    yield "one eventID", lambda: {"EQ_eventID": f"urn:uuid:{_random.randrange(total):032x}"}
    yield "a business step (1 in 30)", lambda: {"EQ_bizStep": pick(STEPS)}
    yield "the same, newest first", lambda: {"EQ_bizStep": pick(STEPS), "orderBy": "eventTime"}
    yield (
        "step and place (1 in 15,000)",
        lambda: {
            "EQ_bizStep": pick(STEPS),
            "EQ_readPoint": pick(PLACES),
        },
    )
    yield (
        "step, disposition, place, newest",
        lambda: {
            "EQ_bizStep": pick(STEPS),
            "EQ_disposition": pick(DISPOSITIONS),
            "EQ_bizLocation": pick(PLACES),
            "orderBy": "eventTime",
        },
    )
    yield "a step on one day", lambda: {"EQ_bizStep": pick(STEPS)} | _day(total)
    yield "an extension (1 in 1,000)", lambda: {"EQ_ex:field3": str(_random.randrange(1_000))}
    yield (
        "two extensions",
        lambda: {
            "EQ_ex:field3": str(_random.randrange(1_000)),
            "EQ_ex:field4": str(_random.randrange(1_000)),
        },
    )
    yield "more than 99,900 pieces", lambda: {"GT_quantity": "99900"}
    yield "a pattern of one GTIN", lambda: {"MATCH_epc": f"urn:epc:idpat:sgtin:{_prefix()}.*"}
    yield "nothing", lambda: {"EQ_bizStep": "shipping", "EQ_ex:none": "x"}


def _prefix() -> str:
    return f"000000.{_random.randrange(200):07}"


def _day(total: int) -> dict[str, str]:
    start = START_MS + _random.randrange(SPAN_MS * total // 1_000_000)
    return {"GE_eventTime": iso(start), "LT_eventTime": iso(start + 86_400_000)}


async def measure(database: Database, total: int) -> None:
    for name, ask in queries(total):
        times = []
        for _ in range(ROUNDS):
            query = read_query({key: value.split("|") for key, value in ask().items()})
            async with Snapshot(database) as snapshot:
                began = time.perf_counter()
                found = await search(snapshot, await resolved(snapshot, query), 31, None)
                times.append(1_000 * (time.perf_counter() - began))
        _tell(name, times, len(found))
    times = []
    for _ in range(ROUNDS):
        async with Snapshot(database) as snapshot:
            began = time.perf_counter()
            await distinct(snapshot, "read_point", None, 31)
            times.append(1_000 * (time.perf_counter() - began))
    _tell("list of read points", times, 31)


def _tell(name: str, times: list[float], found: int) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{name:36} {statistics.median(times):8.1f} {p95:8.1f}   ({found})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1, help="of 60 queries a kind")
    parser.add_argument("--postgres", metavar="URL", help="a database that is there already")
    given = parser.parse_args()
    with ExitStack() as opened:
        url = given.postgres
        if url is None:
            url = opened.enter_context(opened.enter_context(cluster()).database("queried"))
        settings = Settings(db=DbSettings(url=url))
        open_database(settings).close()
        database = open_database(settings, Writes.BOTH)
        opened.callback(database.close)
        began = time.perf_counter()
        if not filled(database, given.events):
            fill(database, given.events)
            print(f"{given.events:,} events in {time.perf_counter() - began:.0f} s", flush=True)
        for _ in range(given.rounds):
            print("median and p95 in ms")
            asyncio.run(measure(database, given.events))


if __name__ == "__main__":
    main()
