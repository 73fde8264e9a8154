"""GraphQL over real rows: connections, nodes, trace, proof, limits and typed errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from api.graphql.context import Context
from api.graphql.schema import schema
from core.chain.proof.verify import verify
from core.crypto import keccak256, sha256, to_hex
from scripts import seed, story

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(running: Running, query: str, **variables: Any) -> dict[str, Any]:
    answer = await running.http.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_every_answer_carries_meta(salad: Running) -> None:
    answer = await ask(salad, "{ meta { block finalized reorgEpoch } }")
    assert answer["data"]["meta"] == answer["extensions"]["meta"]
    assert answer["data"]["meta"]["block"] > 10


async def test_product_by_any_spelling(salad: Running) -> None:
    query = "query($uri:String,$id:Hash){product(uri:$uri,id:$id){uri gtin lot state}}"
    spelled = "https://example.org/shop/01/10860009998039/10/SALAD%2D20260420-A"
    by_uri = await ask(salad, query, uri=spelled)
    by_id = await ask(salad, query, id=to_hex(keccak256(story.SALAD_LOT.encode())))
    assert by_uri["data"]["product"] == by_id["data"]["product"]
    assert by_uri["data"]["product"] == {
        "uri": story.SALAD_LOT,
        "gtin": "10860009998039",
        "lot": "SALAD-20260420-A",
        "state": "FINAL",
    }


async def test_an_attestation_tells_what_the_registry_says_of_its_device(salad: Running) -> None:
    query = """query($id:Hash){product(id:$id){attestations{edges{node{device{address}
        registration{id address calibrationHash validFrom validUntil revokedSince subject}}}}}}"""
    answer = await ask(salad, query, id=to_hex(keccak256(story.PALLET.encode())))
    (edge,) = answer["data"]["product"]["attestations"]["edges"]
    device = edge["node"]["registration"]
    assert device["address"] == edge["node"]["device"]["address"]
    assert device["calibrationHash"] == to_hex(sha256(seed.CALIBRATION))
    assert (int(device["validFrom"]), int(device["validUntil"])) == seed.DEVICE_VALIDITY
    assert (device["revokedSince"], device["subject"]) == (None, None)
    again = "query($id:ID!){node(id:$id){... on Device{address}}}"
    found = await ask(salad, again, id=device["id"])
    assert found["data"]["node"] == {"address": device["address"]}


async def test_trace_walks_back_to_the_harvest(salad: Running) -> None:
    query = """query($uri:String!){product(uri:$uri){trace{truncated steps{sourceUri relation depth
        confirmed source{custodian{name}} document{bizStep}}}}}"""
    steps = (await ask(salad, query, uri=story.SALAD_LOT))["data"]["product"]["trace"]["steps"]
    found = {step["sourceUri"]: step for step in steps}
    assert found[story.CASE_LOT]["relation"] == "INGREDIENT"
    assert found[story.CASE_LOT]["depth"] == 1
    assert found[story.HARVEST_LOT]["depth"] == 2
    assert found[story.PALLET]["relation"] == "CONTAINER"
    assert found[story.HARVEST_LOT]["source"]["custodian"]["name"] == "Greenleaf Packing"


async def test_trace_ignores_what_others_claim(salad: Running) -> None:
    """Somebody else's document about the salad changes nothing: its holder did not record it."""
    from sqlmodel import select

    from api.queries.snapshot import Snapshot
    from api.queries.trace import trace
    from core.db.chain_tables import DocumentProduct
    from core.db.engine import Writes, connect

    salad_id, lie = keccak256(story.SALAD_LOT.encode()), b"\7" * 32
    rows = [(salad_id, story.SALAD_LOT, "output"), (b"\1" * 32, "urn:poison", "input")]
    writer = connect(salad.settings, Writes.CHAIN)
    try:
        with writer.write_session() as session:
            for position, (product_id, uri, role) in enumerate(rows):
                session.add(
                    DocumentProduct(
                        data_hash=lie,
                        position=position,
                        product_id=product_id,
                        uri=uri,
                        role=role,
                    )
                )
        async with Snapshot(salad.database) as snapshot:
            found = await trace(snapshot, salad_id)
        assert "urn:poison" not in {edge.source_uri for edge in found.edges}
    finally:
        with writer.write_session() as session:
            for row in session.exec(
                select(DocumentProduct).where(DocumentProduct.data_hash == lie)
            ).all():
                session.delete(row)
        writer.close()


async def test_pages_join_without_gap_or_overlap_in_both_directions(salad: Running) -> None:
    query = """query($first:Int,$after:String,$last:Int,$before:String){events(first:$first,
        after:$after,last:$last,before:$before){edges{cursor node{id}}
        pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}"""
    whole = [
        e["node"]["id"] for e in (await ask(salad, query, first=100))["data"]["events"]["edges"]
    ]
    assert len(whole) > 15
    forward: list[str] = []
    after = None
    while True:
        found = (await ask(salad, query, first=4, after=after))["data"]["events"]
        forward += [edge["node"]["id"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    backward: list[str] = []
    before = None
    while True:
        found = (await ask(salad, query, last=4, before=before))["data"]["events"]
        backward = [edge["node"]["id"] for edge in found["edges"]] + backward
        if not found["pageInfo"]["hasPreviousPage"]:
            break
        before = found["pageInfo"]["startCursor"]
    assert forward == whole == backward


async def test_nested_pages_are_each_parents_own(salad: Running) -> None:
    query = """{products(first:10){edges{node{uri seq events(first:2){edges{node{seq productId}}
        pageInfo{hasNextPage}} productId}}}}"""
    for edge in (await ask(salad, query))["data"]["products"]["edges"]:
        product = edge["node"]
        seqs = [inner["node"]["seq"] for inner in product["events"]["edges"]]
        assert seqs == list(range(1, product["seq"] + 1))[:2]
        owners = {inner["node"]["productId"] for inner in product["events"]["edges"]}
        assert owners == {product["productId"]}
        assert product["events"]["pageInfo"]["hasNextPage"] == (product["seq"] > 2)


async def test_lists_cost_a_fixed_number_of_statements(salad: Running) -> None:
    query = """query($n:Int!){products(first:$n){edges{node{custodian{name} events(first:3){edges{
        node{actor{name} document{bizStep products{uri}} blockTimestamp}}} recalls(first:1){edges{
        node{level}}}}}}}"""
    counts = []
    for size in (1, 5):
        statements: list[str] = []

        def count(*arguments: Any, seen: list[str] = statements) -> None:
            seen.append(arguments[2])

        event.listen(salad.database.reader, "before_cursor_execute", count)
        try:
            services: Any = _Services(salad)
            context = Context(services)
            result = await schema.execute(query, {"n": size}, context_value=context)
        finally:
            event.remove(salad.database.reader, "before_cursor_execute", count)
        assert result.errors is None
        counts.append(len([s for s in statements if s.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 10


class _Services:
    def __init__(self, running: Running) -> None:
        self.database = running.database
        self.settings = running.settings


async def test_node_fetches_everything_again(salad: Running) -> None:
    query = """{products(first:1){edges{node{id __typename}}} events(first:1){edges{node{id
        __typename}}} actors(first:1){edges{node{id __typename}}} documents(first:1){edges{node{id
        __typename}}} custodyTransfers(first:1){edges{node{id __typename}}} recalls(first:1){edges{
        node{id __typename}}} creditBatches(first:1){edges{node{id __typename}}}
        creditRetirements(first:1){edges{node{id __typename}}}}"""
    data = (await ask(salad, query))["data"]
    for name, found in data.items():
        assert found["edges"], name
        node = found["edges"][0]["node"]
        again = await ask(salad, "query($id:ID!){node(id:$id){id __typename}}", id=node["id"])
        assert again["data"]["node"] == node


async def test_carbon_balance(salad: Running) -> None:
    query = """{creditBatches{edges{node{issuedKg retiredKg serialStart serialEnd issuedTo{name}
        retirements{edges{node{amountKg product{uri}}}}}}}}"""
    [edge] = (await ask(salad, query))["data"]["creditBatches"]["edges"]
    batch = edge["node"]
    assert (batch["issuedKg"], batch["retiredKg"]) == ("5000", "1240")
    assert batch["retirements"]["edges"][0]["node"]["product"]["uri"] == story.SALAD_LOT


async def test_proof_in_the_answer(salad: Running) -> None:
    query = "query($uri:String!){product(uri:$uri){head proof{head url bundle}}}"
    product = (await ask(salad, query, uri=story.SALAD_LOT))["data"]["product"]
    assert product["proof"]["head"] == product["head"]
    verdict = await verify(product["proof"]["bundle"].encode(), salad.rpc)
    assert not [f for f in verdict.findings if f.status == "bad"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "invalid_query"),
        ("{ meta { block ", "invalid_query"),
        ("{ events(first: 101) { edges { cursor } } }", "bad_input"),
        ("{ events(first: -1) { edges { cursor } } }", "bad_input"),
        ("{ events(first: 1, last: 1) { edges { cursor } } }", "bad_input"),
        ('{ events(after: "x") { edges { cursor } } }', "bad_input"),
        ('{ events(after: "WyIweDAxIl0") { edges { cursor } } }', "bad_input"),
        ('{ node(id: "x") { id } }', "bad_input"),
        ("{ product { uri } }", "bad_input"),
        ('{ product(uri: "https://id.gs1.org/01/10860009998038") { uri } }', "invalid_identifier"),
        ('{ product(id: "0x12") { uri } }', "malformed"),
    ],
)
async def test_bad_queries_are_typed(salad: Running, query: str, code: str) -> None:
    [error] = (await ask(salad, query))["errors"]
    assert error["extensions"]["code"] == code, error


async def test_short_query_with_large_answer_is_too_costly(salad: Running) -> None:
    query = """{products(first:100){edges{node{events(first:100){edges{node{product{events(
        first:100){edges{cursor}}}}}}}}}}"""
    [error] = (await ask(salad, query))["errors"]
    assert error["extensions"]["code"] == "query_too_costly"


@pytest.mark.parametrize(
    "variables", [{"n": 100}, {"n": "100"}, {}], ids=["given", "wrong type", "default"]
)
async def test_cost_counts_variables(salad: Running, variables: dict[str, Any]) -> None:
    query = """query($n:Int=100){products(first:$n){edges{node{events(first:$n){edges{node{id
        actor{name}}}}}}}}"""
    assert (await ask(salad, query, **variables))["errors"]


async def test_fragments_cannot_hide_cost(salad: Running) -> None:
    query = """fragment A on Product{events(first:100){edges{node{product{...B}}}}}
        fragment B on Product{events(first:100){edges{cursor}}}
        {products(first:100){edges{node{...A}}}}"""
    [error] = (await ask(salad, query))["errors"]
    assert error["extensions"]["code"] == "query_too_costly"


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f"a{n}:meta{{block}}" for n in range(31)) + "}",
        "{" + "meta{block} " * 700 + "}",
        "{products{edges{node" + "{events{edges{node{product" * 3 + "{uri}" + "}}}}" * 3 + "}}}",
    ],
    ids=["aliases", "tokens", "depth"],
)
async def test_text_limits(salad: Running, query: str) -> None:
    assert (await ask(salad, query))["errors"]


async def test_graphiql_and_introspection(salad: Running) -> None:
    page = await salad.http.get("/graphql", headers={"accept": "text/html"})
    assert "graphiql" in page.text.lower()
    from graphql import get_introspection_query

    answer = await ask(salad, get_introspection_query())
    assert "errors" not in answer
