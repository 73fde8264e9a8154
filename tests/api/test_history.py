"""What is read of the past of new events: all that bears on them, in a bounded number of reads.

On SQLite and PostgreSQL, over rows as the indexer writes them.
"""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import event as sql_event
from sqlmodel import select

from api.capture.history import history
from api.queries.snapshot import Snapshot
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.db import chain_tables as t
from core.epcis.choreography.judge import Told, judge
from core.epcis.choreography.rules import Finding
from core.epcis.choreography.telling import Named, Notice, Telling
from core.epcis.query.terms import TEXT, word
from core.types import EventKind
from tests.epcis.choreography.test_property import Story, mistakes, stories
from tests.epcis.choreography.told import (
    CLASS,
    T0,
    case,
    commission,
    destroy,
    in_order,
    lot,
    observe,
    pack,
    pallet,
)

few = examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = Settings(state_dir=tmp_path, db=DbSettings(url=url))
    opened = open_database(settings, Writes.CHAIN)
    yield opened
    opened.close()


LOT = word(f"ILMD_urn:epcglobal:cbv:mda#lotNumber{TEXT}", "")
LISTS = {
    "parent": ("parentID", ""),
    "object": ("epcList", "quantityList"),
    "child": ("childEPCs", "childQuantityList"),
    "input": ("inputEPCList", "inputQuantityList"),
    "output": ("outputEPCList", "outputQuantityList"),
}


def mirrored(database: Database, *told: Telling | Notice) -> None:
    """Rows of these events and recalls."""
    with database.write_session() as session:
        for number, one in enumerate(told):
            session.add_all(_recall(number, one) if isinstance(one, Notice) else _event(one))


def _recall(number: int, notice: Notice) -> list[t.Recall]:
    return [
        t.Recall(
            block_number=number, log_index=0, product_id=keccak256(notice.uri.encode()), seq=1,
            actor=bytes(20), notice_hash=bytes(32), level=int(notice.recalled),
            occurred_at=notice.time_ms,
        )
    ]  # fmt: skip


def _event(one: Telling, *, held: bool = True) -> list[Any]:
    """The document and its things; `held` in the histories of all of them."""
    raw: dict[str, Any] = {"type": one.type, "action": one.action, "bizStep": one.biz_step}
    raw["eventID"] = one.key
    if one.lots:
        raw["ilmd"] = {"cbvmda:lotNumber": list(one.lots)}
    things = sorted(one.named, key=lambda thing: (thing.role != "parent", not thing.single))
    for thing in things:
        singles, amounts = LISTS[thing.role]
        if thing.role == "parent":
            raw["parentID"] = thing.uri
        elif thing.single:
            raw.setdefault(singles, []).append(thing.uri)
        else:
            raw.setdefault(amounts, []).append({"epcClass": thing.uri})
    data_hash = keccak256(one.key.encode())
    if one.disposition:
        raw["disposition"] = one.disposition
    document = t.Document(
        data_hash=data_hash, status="ready", first_block=1, event_time=one.time_ms,
        event_type=one.type, event_json=orjson.dumps(raw).decode(), event_hash="ni:",
    )  # fmt: skip
    entries = [_entry(named.uri, data_hash, one.time_ms) for named in one.named if held]
    values = [t.EventValue(data_hash=data_hash, field=LOT, value=x.encode()) for x in one.lots]
    return [document, *entries, *values, *(
        t.DocumentProduct(
            data_hash=data_hash, position=place, product_id=keccak256(thing.uri.encode()),
            uri=thing.uri, role=thing.role, **_quantity(thing),
        )
        for place, thing in enumerate(things)
    )]  # fmt: skip


def _quantity(named: Named) -> dict[str, str]:
    number, _, unit = named.told.partition(" ")
    return {"quantity": number, "uom": unit} if number else {}


def _entry(uri: str, data_hash: bytes, at: int, kind: int = 1, corrected: int = 0) -> t.Event:
    place = next(_places)
    return t.Event(
        block_number=place, log_index=0, tx_hash=bytes(32), product_id=keccak256(uri.encode()),
        seq=place, kind=kind, actor=bytes(20), counterparty=corrected.to_bytes(20, "big"),
        data_hash=data_hash, occurred_at=at, head=bytes(32),
    )  # fmt: skip


_places = itertools.count(1)


async def asked(database: Database, *new: Telling) -> tuple[list[str], int]:
    """What the new events break, and how many statements it took to know."""
    statements: list[str] = []
    sql_event.listen(database.reader, "before_cursor_execute", lambda *a: statements.append(a[2]))
    tellings = in_order(*new)
    async with Snapshot(database) as snapshot:
        known = await history(snapshot, tellings)
    found = judge(tellings, known)
    return [one.rule.rpartition(".")[2] for one in found], len(statements)


def known_to(new: Telling, told: Sequence[Telling]) -> list[str]:
    return [one.rule.rpartition(".")[2] for one in judge(in_order(new), told)]


async def test_the_past_of_a_thing_is_known(database: Database) -> None:
    story = [commission(0, case(1)), pack(1, pallet(1), case(1)), destroy(9, case(2))]
    mirrored(database, *story)
    for new in (commission(5, case(1)), pack(5, pallet(2), case(1)), observe(10, case(2))):
        rules, _ = await asked(database, new)
        assert rules == known_to(new, story) != []


async def test_a_container_that_was_emptied_lets_go(database: Database) -> None:
    """The event that empties it names none of what was inside."""
    story = [
        commission(0, case(1)),
        pack(1, pallet(1), case(1)),
        pack(2, pallet(1), action="DELETE"),
    ]
    mirrored(database, *story)
    assert (await asked(database, pack(5, pallet(2), case(1))))[0] == []


async def test_what_is_deep_inside_is_recalled(database: Database) -> None:
    levels = [commission(0, case(1)), pack(1, pallet(1), case(1))]
    levels += [pack(n, pallet(n), pallet(n - 1)) for n in range(2, 6)]
    mirrored(database, *levels, Notice(case(1), T0 + 60_000 * 8, True))
    ship = observe(9, pallet(5), step="shipping")
    assert (await asked(database, ship))[0] == ["recalled"]
    assert (await asked(database, replace(ship, biz_step="storing")))[0] == []
    packed_now = pack(7, pallet(6), pallet(5)), observe(9, pallet(6), step="shipping")
    assert (await asked(database, *packed_now))[0] == ["recalled"]


async def test_a_recall_of_the_class_holds(database: Database) -> None:
    mirrored(database, commission(0, case(1)), Notice(CLASS, T0 + 60_000, True))
    assert (await asked(database, observe(9, case(1), step="shipping")))[0] == ["recalled"]


async def test_a_recall_of_the_lot_holds_for_its_serials(database: Database) -> None:
    born = commission(0, case(1), lots=("L1",))
    mirrored(database, born, commission(0, case(2), lots=("L2",)), Notice(lot(1), T0 + 1, True))
    assert (await asked(database, observe(9, case(1), step="shipping")))[0] == ["recalled"]
    assert (await asked(database, observe(9, case(2), step="shipping")))[0] == []
    packed = pack(8, pallet(1), case(1)), observe(9, pallet(1), step="retail_selling")
    assert (await asked(database, *packed))[0] == ["recalled"]
    assert (await asked(database, observe(9, case(1))))[0] == []


async def test_a_recall_of_the_lot_by_an_event_holds_for_its_serials(database: Database) -> None:
    recall = replace(observe(5, lot(1)), disposition="recalled", recalls=True)
    mirrored(database, commission(0, case(1), lots=("L1",)), recall)
    assert (await asked(database, observe(9, case(1), step="shipping")))[0] == ["recalled"]


async def test_a_new_serial_of_a_recalled_lot_is_held_back(database: Database) -> None:
    mirrored(database, Notice(lot(1), T0 + 1, True))
    new = commission(5, case(1), lots=("L1",)), observe(9, case(1), step="shipping")
    assert (await asked(database, *new))[0] == ["recalled"]


async def test_a_stranger_puts_nothing_into_a_lot(database: Database) -> None:
    claim = commission(1, case(1), lots=("L1",))
    mirrored(database, commission(0, case(1)), Notice(lot(1), T0 + 1, True))
    with database.write_session() as session:
        session.add_all(_event(claim, held=False))
    assert (await asked(database, observe(9, case(1), step="shipping")))[0] == []


async def test_many_things_take_as_many_statements_as_one(database: Database) -> None:
    many = [commission(n, case(n)) for n in range(300)]
    mirrored(database, *many)
    rules, one = await asked(database, observe(900, case(1)))
    assert (rules, await asked(database, observe(900, *map(case, range(300))))) == ([], ([], one))
    assert one <= 12


async def test_a_recorded_copy_counts_once(database: Database) -> None:
    """One event may be on chain twice, under other salts."""
    mirrored(database, commission(0, case(1)))
    copy = commission(0, case(1))
    with database.write_session() as session:
        rows = _event(copy)
        for row in rows:
            row.data_hash = keccak256(b"copy")
        session.add_all(rows)
    assert (await asked(database, observe(5, case(1))))[0] == []


async def test_what_a_stranger_says_binds_nobody(database: Database) -> None:
    """Anyone may record in the history of a pallet of theirs that my case is on it."""
    mirrored(database, commission(0, case(1)))
    claim = pack(1, pallet(9), case(1))
    with database.write_session() as session:
        rows = _event(claim, held=False)
        session.add_all([*rows, _entry(pallet(9), rows[0].data_hash, claim.time_ms)])
    assert (await asked(database, pack(5, pallet(1), case(1))))[0] == []


async def test_what_its_custodian_corrected_on_chain_is_gone(database: Database) -> None:
    mirrored(database, commission(0, case(1)))
    again = commission(5, case(1))
    assert (await asked(database, again))[0] == ["commissioned_twice"]
    with database.write_session() as session:
        [entry] = session.exec(select(t.Event)).all()
        session.add(_entry(case(1), entry.data_hash, 0, EventKind.CORRECTION, entry.seq))
    assert (await asked(database, again))[0] == []


async def test_numbers_that_no_double_holds(database: Database) -> None:
    mirrored(database, commission(0, case(1)))
    with database.write_session() as session:
        [document] = session.exec(select(t.Document)).all()
        document.event_json = document.event_json.replace("{", '{"x":1e999,', 1)
        session.add(document)
        for row in session.exec(select(t.DocumentProduct)).all():
            row.quantity = "1e999999999"
            session.add(row)
    assert (await asked(database, commission(5, case(1))))[0] == ["commissioned_twice"]


@few
@given(stories(), st.integers(0, 25), st.data())
def test_what_is_read_is_enough(story: Story, cut: int, data: st.DataObject) -> None:
    """The few events that are read tell as much as the whole past."""
    past = story.told[:cut]
    new = in_order(*story.told[cut:], *data.draw(st.permutations(list(mistakes(story).values()))))
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(Settings(state_dir=Path(folder)), Writes.CHAIN)
        mirrored(opened, *past)
        known = asyncio.run(_read(opened, new))
        opened.close()
    assert told(judge(new, known)) == told(judge(new, past))


async def _read(database: Database, new: Sequence[Telling]) -> list[Told]:
    async with Snapshot(database) as snapshot:
        return await history(snapshot, new)


def told(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    return [(one.told.place, one.rule, one.uri, one.warning) for one in findings]
