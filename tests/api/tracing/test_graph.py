"""A trace over GraphQL: pages, quantities, mass balance, holders, and the scope of a recall.

given a harvest cooked into soup, packed on a pallet and shipped
├── traceForward tells products, links with quantities, and who holds what
├── traceBack from the pallet finds the harvest
├── pages join to the whole trace, each link once
├── as of an earlier time there is less, in other hands
├── the balance says how much was lost, or that more came out
└── recallScope is the same trace, and an error where a trace would be cut short
"""

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from api.graphql.context import Context
from api.graphql.schema import schema
from api.queries.tracing import balance, scope
from api.queries.tracing.facts import Amount
from core.config import Settings
from core.crypto import to_hex
from core.db import Database
from core.db import chain_tables as t
from core.types import EventKind
from tests.api.tracing.world import ACTOR, WORD, Told, fill, id_of, tables, uri

HARVEST, SALT, SOUP, PALLET = range(4)
SHOP = b"\x02" * 20


def told() -> list[Told]:
    cooked = frozenset({HARVEST, SALT, SOUP})
    on_it = frozenset({SOUP, PALLET})
    return [
        Told(EventKind.TRANSFORMATION, "", (HARVEST, SALT), (SOUP,), 2, cooked),
        Told(EventKind.AGGREGATION, "ADD", (SOUP,), (PALLET,), 4, on_it),
    ]


QUANTITIES = {(HARVEST, "input"): ("10", "KGM"), (SALT, "input"): ("2.5", "ONZ"),
              (SOUP, "output"): ("20.0", "LBR"), (SOUP, "child"): ("40", None)}  # fmt: skip


def rows() -> Iterator[Any]:
    for row in tables(told()):
        if isinstance(row, t.DocumentProduct):
            for (product, role), amount in QUANTITIES.items():
                if (row.product_id, row.role) == (id_of(product), role):
                    row.quantity, row.uom = amount
        yield row
    for product, holder in ((HARVEST, ACTOR), (SALT, ACTOR), (SOUP, SHOP), (PALLET, SHOP)):
        yield t.Product(
            product_id=id_of(product), uri=uri(product), seq=1, head=WORD, custodian=holder,
            first_block=1, last_block=1, parent_id=id_of(PALLET) if product == SOUP else None,
        )  # fmt: skip
    transfers = [(SOUP, 1, 2, ACTOR), (PALLET, 2, 4, ACTOR), (PALLET, 3, 6, SHOP)]
    for product, block, at, to in transfers:
        yield t.CustodyTransfer(
            block_number=block, log_index=9, product_id=id_of(product), seq=1, from_actor=WORD[:20],
            to_actor=to, data_hash=WORD, occurred_at=at,
        )  # fmt: skip
    yield t.Packing(
        block_number=2, log_index=8, product_id=id_of(SOUP), seq=2, parent_id=id_of(PALLET),
        packed=True, actor=ACTOR, data_hash=b"\x08" * 32, occurred_at=4,
    )  # fmt: skip
    yield t.Actor(address=SHOP, role=3, identifier="x", name="Corner Shop", registered_block=1)
    for number in (1, 2, 3):
        yield t.Block(
            number=number, hash=WORD, parent_hash=WORD, timestamp=10 * number, state_digest=WORD
        )


@pytest.fixture(scope="module", autouse=True)
def story(sqlite: Database) -> None:
    fill(sqlite, rows())


def ask(database: Database, query: str, **variables: Any) -> Any:
    settings = Settings()
    services: Any = SimpleNamespace(database=database, settings=settings)
    answer = asyncio.run(schema.execute(query, variables, context_value=Context(services)))
    if answer.errors:
        return answer.errors[0]
    assert answer.data is not None
    return answer.data


GRAPH = """query($uri:String,$asOf:AsOf,$first:Int!,$after:String){
  found:%s(uri:$uri,asOf:$asOf,first:$first,after:$after){
    totalNodes truncated hasNextPage endCursor
    nodes{uri part depth passport holder{address name} product{recallLevel}}
    links{sourceId targetId relation since until used{quantity uom} made{quantity uom}
      bySource byTarget}
    balances{inputGrams outputGrams lossGrams state}}}"""


def graph(database: Database, field: str, product: int, **variables: Any) -> Any:
    given = {"first": 50} | variables
    return ask(database, GRAPH % field, uri=uri(product), **given)["found"]


def lots(found: Any) -> dict[str, str]:
    return {node["uri"][-4:]: node["part"] for node in found["nodes"]}


def test_forward_tells_what_with_how_much_and_in_whose_hands(sqlite: Database) -> None:
    found = graph(sqlite, "traceForward", HARVEST)
    assert lots(found) == {"LOT0": "MATTER", "LOT2": "MATTER", "LOT3": "CARRIER"}
    assert [node["depth"] for node in found["nodes"]] == [0, 1, 2]
    holders = [node["holder"]["name"] for node in found["nodes"]]
    assert holders == [None, "Corner Shop", "Corner Shop"]
    assert found["nodes"][1]["passport"].endswith("/01/10860009999920/10/LOT2")
    assert found["nodes"][1]["product"] == {"recallLevel": 0}
    made, packed = found["links"]
    assert (made["used"], made["made"]) == (
        [{"quantity": "10", "uom": "KGM"}],
        [{"quantity": "20.0", "uom": "LBR"}],
    )
    assert (packed["relation"], packed["used"]) == ("PACKED", [{"quantity": "40", "uom": None}])
    assert (packed["until"], packed["bySource"], packed["byTarget"]) == (None, True, True)


def test_back_from_the_pallet_finds_all_ingredients(sqlite: Database) -> None:
    found = graph(sqlite, "traceBack", PALLET)
    assert lots(found) == dict.fromkeys(("LOT3", "LOT2", "LOT0", "LOT1"), "MATTER")


def test_the_balance_is_exact(sqlite: Database) -> None:
    (found,) = graph(sqlite, "traceForward", HARVEST)["balances"]
    went_in = Fraction(10_000) + Fraction("2.5") * Fraction("28.349523125")
    came_out = Fraction("20.0") * Fraction("453.59237")
    assert Fraction(found["inputGrams"]) == went_in
    assert Fraction(found["lossGrams"]) == went_in - came_out
    assert found["state"] == "BALANCED"


@pytest.mark.parametrize(
    ("inputs", "outputs", "state"),
    [("1", "1.000001", "gain"), ("1", "1", "balanced"), (None, "1", "unknown")],
)
def test_more_than_went_in_is_a_gain(inputs: str | None, outputs: str, state: str) -> None:
    sides = [balance.grams([Amount(side, "KGM")]) if side else None for side in (inputs, outputs)]
    found = balance.Balance(WORD, *sides)
    assert (found.state, found.loss is None) == (state, inputs is None)


def test_pieces_are_no_weight_and_absurd_numbers_are_none() -> None:
    for amount in (Amount("3", None), Amount("1e999999", "KGM"), Amount("NaN", "KGM")):
        assert balance.grams([amount, Amount("1", "KGM")]) is None
    assert balance.decimal(Fraction("-0.0625")) == "-0.0625"


def test_pages_join_without_gap_or_overlap(sqlite: Database) -> None:
    whole = graph(sqlite, "traceBack", PALLET)
    nodes, found_links, after = [], [], None
    while True:
        page = graph(sqlite, "traceBack", PALLET, first=1, after=after)
        nodes += page["nodes"]
        found_links += page["links"]
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]
    assert nodes == whole["nodes"]
    assert sorted(map(str, found_links)) == sorted(map(str, whole["links"]))


def test_as_of_an_earlier_time(sqlite: Database) -> None:
    before = graph(sqlite, "traceForward", HARVEST, asOf={"eventTime": 3})
    assert lots(before) == {"LOT0": "MATTER", "LOT2": "MATTER"}
    assert before["nodes"][1]["holder"]["address"] == to_hex(ACTOR)
    packed = graph(sqlite, "traceForward", HARVEST, asOf={"eventTime": 5})
    assert packed["nodes"][1]["holder"]["address"] == to_hex(ACTOR)
    recorded = graph(sqlite, "traceForward", HARVEST, asOf={"recordTime": 10_999})
    assert lots(recorded) == lots(before)
    sold = graph(sqlite, "traceForward", HARVEST, asOf={"eventTime": 6})
    assert sold["nodes"][1]["holder"]["name"] == "Corner Shop"


def test_the_scope_of_a_recall_is_whole_or_refused(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graph(sqlite, "recallScope", HARVEST) == graph(sqlite, "traceForward", HARVEST)
    refused = ask(sqlite, 'query{recallScope(uri:"urn:x:y"){totalNodes}}')
    assert refused.extensions["code"] == "invalid_identifier"
    unknown = ask(sqlite, f'query{{recallScope(uri:"{uri(5)}"){{totalNodes}}}}')
    assert unknown.extensions["code"] == "not_found"
    monkeypatch.setattr(scope, "MAX_DEPTH", 1)
    refused = ask(sqlite, f'query{{recallScope(uri:"{uri(HARVEST)}"){{totalNodes}}}}')
    assert refused.extensions["code"] == "trace_too_large"


@pytest.mark.parametrize(
    ("arguments", "pointer"),
    [("", "uri"), (f'uri:"{uri(0)}",depth:0', "depth"), (f'uri:"{uri(0)}",first:101', "first"),
     (f'uri:"{uri(0)}",after:"dHJhY2U6LTE="', "after")],
)  # fmt: skip
def test_arguments_out_of_range(sqlite: Database, arguments: str, pointer: str) -> None:
    call = f"traceBack({arguments})" if arguments else "traceBack"
    refused = ask(sqlite, f"query{{{call}{{totalNodes}}}}")
    assert (refused.extensions["code"], refused.extensions["pointer"]) == ("bad_input", pointer)


def test_many_traces_at_once_cost_too_much(sqlite: Database) -> None:
    one = 'traceBack(uri:"x"){totalNodes}'
    refused = ask(sqlite, "query{" + "".join(f"a{n}:{one}" for n in range(10)) + "}")
    assert refused.extensions["code"] == "query_too_costly"
