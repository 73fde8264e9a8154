"""Serials whose ILMD names their lot are found through it, on SQLite and PostgreSQL.

given serials commissioned with ILMD `lotNumber`
├── a trace forward from the lot -> reaches them, and what they went into
├── a trace back from one -> reaches its lot and what the lot was made of, not other serials
├── a lot nobody recorded -> its recall reaches them all the same; an unknown one is not found
├── another class with the same lot number, or a lot whose name only begins so -> apart
└── a document that stands in no history of the serial -> binds nobody
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.queries.snapshot import Snapshot
from api.queries.tracing.facts import Cut, Relation
from api.queries.tracing.scope import scope
from api.queries.tracing.walk import Direction, trace
from core.config import DbSettings, Settings
from core.crypto import keccak256
from core.db import Database, Writes, open_database
from core.db import chain_tables as t
from core.document.lexical import parse_event
from core.epcis.model import located_products
from core.errors import UnknownEntity
from core.types import EventKind
from indexer.event_words import index_rows

CLASS, OTHER = "https://id.gs1.org/01/09506000134352", "https://id.gs1.org/01/09506000134369"
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    opened = open_database(Settings(state_dir=tmp_path, db=DbSettings(url=url)), Writes.CHAIN)
    yield opened
    opened.close()


def told(database: Database, event: str, *, held: bool = True) -> None:
    """The rows of an event, in the history of all that it names."""
    raw, number = parse_event(event), next(_numbers)
    data_hash = keccak256(f"{number}".encode())
    things = [ref for _, ref in located_products(raw)]
    columns = dict.fromkeys(("event_hash", "event_type", "biz_step", "disposition", "read_point"))
    index = index_rows(data_hash, raw, {**columns, "event_time": number})
    with database.write_session() as session:
        document = {"status": "ready", "first_block": number, "event_json": event}
        session.add(t.Document(data_hash=data_hash, event_type=str(raw["type"]), **document))
        session.add_all(
            t.EventValue(data_hash=row.data_hash, field=row.field, value=row.value)
            for row in index[1:]
        )
        for place, ref in enumerate(things):
            key = keccak256(ref.uri.encode())
            session.add(
                t.DocumentProduct(
                    data_hash=data_hash, position=place, product_id=key, uri=ref.uri, role=ref.role
                )
            )
            if held:
                session.add(
                    t.Event(
                        block_number=number,
                        log_index=place,
                        tx_hash=bytes(32),
                        product_id=key,
                        seq=number,
                        kind=EventKind.OBJECT,
                        actor=bytes(20),
                        counterparty=bytes(20),
                        data_hash=data_hash,
                        occurred_at=number,
                        head=bytes(32),
                    )
                )


def born(lot: str, *serials: str, of: str = CLASS, name: str = "cbvmda:lotNumber") -> str:
    epcs = ", ".join(f'"{of}/21/{serial}"' for serial in serials)
    return (
        f'{{"@context": ["{CONTEXT}"], "type": "ObjectEvent", "action": "ADD", '
        f'"epcList": [{epcs}], "ilmd": {{"{name}": "{lot}"}}}}'
    )


def made(output: str, *inputs: str) -> str:
    sides = {"inputEPCList": [], "inputQuantityList": [], "outputEPCList": [],
             "outputQuantityList": []}  # fmt: skip
    for side, uris in (("input", inputs), ("output", (output,))):
        for uri in uris:
            if "/21/" in uri:
                sides[f"{side}EPCList"].append(f'"{uri}"')
            else:
                sides[f"{side}QuantityList"].append(f'{{"epcClass": "{uri}", "quantity": 1}}')
    members = ", ".join(f'"{name}": [{", ".join(found)}]' for name, found in sides.items() if found)
    return f'{{"@context": ["{CONTEXT}"], "type": "TransformationEvent", {members}}}'


async def reached(
    database: Database, uri: str, direction: Direction, cut: Cut | None = None
) -> set[str]:
    async with Snapshot(database) as snapshot:
        found = await trace(snapshot, keccak256(uri.encode()), direction, cut=cut, uri=uri)
    return {found.uris[one.product_id] for one in found.products} - {uri}


LOT, FLOUR, CAKE = f"{CLASS}/10/L%2F1", f"{OTHER}/10/FLOUR", f"{OTHER}/21/CAKE"


def story(database: Database) -> None:
    told(database, made(LOT, FLOUR))
    told(database, born("L/1", "S1", "S2"))
    told(database, born("L/1", "S3", name="urn:epcglobal:cbv:mda:lotNumber"))
    told(database, born("L/1", "X1", of=OTHER))
    told(database, born("L/11", "X2"))
    told(database, born("L/1", "X3"), held=False)
    told(database, made(CAKE, f"{CLASS}/21/S1"))


async def test_forward_from_the_lot(database: Database) -> None:
    story(database)
    serials = {f"{CLASS}/21/S{n}" for n in (1, 2, 3)}
    assert await reached(database, LOT, Direction.FORWARD) == serials | {CAKE}
    assert await reached(database, FLOUR, Direction.FORWARD) == serials | {CAKE, LOT}
    assert await reached(database, f"{CLASS}/21/S1", Direction.FORWARD) == {CAKE}


async def test_back_from_a_serial(database: Database) -> None:
    story(database)
    assert await reached(database, f"{CLASS}/21/S2", Direction.BACK) == {LOT, FLOUR}
    assert await reached(database, CAKE, Direction.BACK) == {f"{CLASS}/21/S1", LOT, FLOUR}
    assert await reached(database, LOT, Direction.BACK) == {FLOUR}


async def test_as_of_a_moment_before(database: Database) -> None:
    story(database)
    cut = Cut(event_time=0)
    assert await reached(database, LOT, Direction.FORWARD, cut) == set()


async def test_a_recall_of_a_lot_that_only_serials_name(database: Database) -> None:
    told(database, born("ONLY", "S1", "S2"))
    lot = f"{CLASS}/10/ONLY"
    async with Snapshot(database) as snapshot:
        found = await scope(snapshot, keccak256(lot.encode()), None, lot)
        assert {one.uri for one in found.affected} == {*(lot, f"{CLASS}/21/S1", f"{CLASS}/21/S2")}
        assert {link.relation for one in found.affected for link in one.via} == {Relation.MEMBER}
        nobody = f"{CLASS}/10/NOBODY"
        with pytest.raises(UnknownEntity):
            await scope(snapshot, keccak256(nobody.encode()), None, nobody)
