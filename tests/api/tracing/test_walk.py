"""Trace back and forward against a replay, moment by moment, on both databases.

given any small supply chain, with corrections, as of any time
├── the trace reaches what the replay reaches, in the same part
├── a link leads from a product of the trace to another
└── both databases give the same trace, in the same order
given a crate that is used again
└── what it held before and after is not in the trace
given part of a lot that is taken out
└── the stay lasts until all of it has left
given somebody else's claim
├── trace back ignores what the product's holder did not record
└── trace forward follows it and says whose word it is
given too much
├── beyond the depth the trace is truncated and says so
└── beyond the size it is refused with what to do
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.queries.snapshot import Snapshot
from api.queries.tracing import walk
from api.queries.tracing.facts import Amount, Cut, Relation, TraceTooLarge
from api.queries.tracing.walk import Direction, Traced, trace
from core.db import Database
from core.types import EventKind
from tests.api.tracing.world import MOMENTS, Reference, Told, fill, id_of, tables

PRODUCTS = range(6)
BACK, FORWARD = Direction.BACK, Direction.FORWARD
products = st.integers(0, max(PRODUCTS))
several = st.lists(products, min_size=1, max_size=3, unique=True).map(tuple)
moments = st.integers(0, max(MOMENTS))


@st.composite
def transformations(draw: st.DrawFn) -> Told:
    left, right = draw(several), draw(several)
    named = sorted({*left, *right})
    recorded = frozenset(draw(st.lists(st.sampled_from(named), unique=True)))
    wrong = draw(st.lists(st.sampled_from(sorted(recorded)), unique=True)) if recorded else []
    kind = EventKind.TRANSFORMATION
    return Told(kind, "", left, right, draw(moments), recorded, frozenset(wrong))


@st.composite
def packings(draw: st.DrawFn) -> Told:
    kind = draw(st.sampled_from([EventKind.AGGREGATION, EventKind.ASSOCIATION]))
    action = draw(st.sampled_from(["ADD", "ADD", "DELETE", "OBSERVE"]))
    parent = draw(products)
    emptied = action == "DELETE" and draw(st.booleans())
    left = () if emptied else draw(several)
    recorded = frozenset({*left, parent})
    wrong = recorded if draw(st.integers(0, 5)) == 0 else frozenset()
    return Told(kind, action, left, (parent,), draw(moments), recorded, wrong)


worlds = st.lists(st.one_of(transformations(), packings()), min_size=1, max_size=9)


def traced(database: Database, product: int, way: Direction, **options: Any) -> Traced:
    async def run() -> Traced:
        async with Snapshot(database) as snapshot:
            return await trace(snapshot, id_of(product), way, **options)

    return asyncio.run(run())


def reached(found: Traced) -> set[tuple[int, str]]:
    names = {id_of(product): product for product in PRODUCTS}
    return {(names[one.product_id], one.part.value) for one in found.products}


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=worlds, start=products, way=st.sampled_from(Direction), as_of=st.none() | moments)
def test_a_trace_is_what_the_replay_reaches(
    sqlite: Database, told: list[Told], start: int, way: Direction, as_of: int | None
) -> None:
    fill(sqlite, tables(told))
    found = traced(sqlite, start, way, cut=Cut(event_time=as_of))
    expected = Reference(told, back=way is BACK, as_of=as_of).reached(start)
    assert reached(found) == expected
    assert not found.truncated
    ends = {one.product_id for one in found.products}
    assert all({link.source, link.target} <= ends for link in found.links)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=worlds, start=products, way=st.sampled_from(Direction))
def test_postgresql_gives_the_same_in_the_same_order(
    sqlite: Database, postgres: Database, told: list[Told], start: int, way: Direction
) -> None:
    for database in (sqlite, postgres):
        fill(database, tables(told))
    assert traced(sqlite, start, way) == traced(postgres, start, way)


def made(sources: tuple[int, ...], targets: tuple[int, ...], at: int) -> Told:
    recorded = frozenset({*sources, *targets})
    return Told(EventKind.TRANSFORMATION, "", sources, targets, at, recorded)


def packed(action: str, children: tuple[int, ...], parent: int, at: int) -> Told:
    recorded = frozenset({*children, parent})
    return Told(EventKind.AGGREGATION, action, children, (parent,), at, recorded)


CRATE, TRUCK = 4, 5
USED_AGAIN = [
    packed("ADD", (0,), CRATE, 1),
    packed("DELETE", (0,), CRATE, 3),
    packed("ADD", (1,), CRATE, 5),
    packed("ADD", (CRATE,), TRUCK, 6),
]


def test_a_crate_used_again_does_not_mix_its_contents(sqlite: Database) -> None:
    fill(sqlite, tables(USED_AGAIN))
    assert reached(traced(sqlite, 0, FORWARD)) == {(0, "matter"), (CRATE, "carrier")}
    later = {(1, "matter"), (CRATE, "carrier"), (TRUCK, "carrier")}
    assert reached(traced(sqlite, 1, FORWARD)) == reached(traced(sqlite, 1, BACK)) == later
    (link,) = traced(sqlite, 0, FORWARD).links
    assert (link.relation, link.since, link.until) == (Relation.PACKED, 1, 3)


def test_an_input_that_is_a_pallet_brings_what_is_on_it(sqlite: Database) -> None:
    fill(sqlite, tables([packed("ADD", (0, 1), CRATE, 1), made((CRATE,), (2,), 3)]))
    assert (2, "matter") in reached(traced(sqlite, 0, FORWARD))
    assert reached(traced(sqlite, 2, BACK)) >= {(0, "matter"), (1, "matter")}
    fill(sqlite, tables([packed("ADD", (0,), CRATE, 4), made((CRATE,), (2,), 3)]))
    assert (2, "matter") not in reached(traced(sqlite, 0, FORWARD))


def test_part_of_a_lot_that_leaves_does_not_end_its_stay(sqlite: Database) -> None:
    told = [
        packed("ADD", (0,), CRATE, 1),
        packed("DELETE", (0,), CRATE, 3),
        packed("DELETE", (0,), CRATE, 5),
    ]
    rows = list(tables(told))
    things = [row for row in rows if getattr(row, "role", "") == "child"]
    for row, quantity in zip(things, ("12", "5.50", "6.5"), strict=True):
        row.quantity, row.uom = quantity, "KGM"
    fill(sqlite, rows)
    (link,) = traced(sqlite, 0, FORWARD).links
    assert (link.since, link.until, link.used) == (1, 5, (Amount("12", "KGM"),))


def test_whose_word_it_is(sqlite: Database) -> None:
    by_source = replace(made((0,), (1,), 1), recorded=frozenset({0}))
    fill(sqlite, tables([by_source]))
    assert reached(traced(sqlite, 1, BACK)) == {(1, "matter")}
    (link,) = traced(sqlite, 0, FORWARD).links
    assert (link.by_source, link.by_target) == (True, False)


def test_a_correction_withdraws_a_link_until_it_is_asked_for(sqlite: Database) -> None:
    told = [replace(made((0,), (1,), 1), corrected=frozenset({0, 1}))]
    fill(sqlite, tables(told))
    assert traced(sqlite, 0, FORWARD).links == ()
    assert len(traced(sqlite, 0, FORWARD, cut=Cut(with_corrected=True)).links) == 1
    assert len(traced(sqlite, 0, FORWARD, cut=Cut(block=1)).links) == 1  # before the correction
    assert traced(sqlite, 0, FORWARD, cut=Cut(block=0)).links == ()


def test_beyond_the_depth_it_is_truncated(sqlite: Database) -> None:
    fill(sqlite, tables([made((n,), (n + 1,), n) for n in range(5)]))
    found = traced(sqlite, 0, FORWARD, depth=2)
    assert ([one.depth for one in found.products], found.truncated) == ([0, 1, 2], True)
    assert not traced(sqlite, 0, FORWARD, depth=5).truncated


def test_beyond_the_size_it_is_refused(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(sqlite, tables([made((n,), (n + 1,), n) for n in range(5)]))
    monkeypatch.setattr(walk, "MAX_NODES", 3)
    with pytest.raises(TraceTooLarge, match="over 3 products") as refused:
        traced(sqlite, 0, FORWARD)
    assert "asOf" in refused.value.hint
