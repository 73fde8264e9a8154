"""What a stranger may put on chain without asking this API: every answer must survive it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from core import clock
from core.chain import keys
from core.chain.bindings import actor_registry, supply_chain
from core.crypto import address_of, checksum, keccak256, sha256
from core.document import build
from core.document.lexical import parse
from core.types import Role
from scripts.transact import transact
from tests.api.conftest import settled

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOT = "/01/10860009999920/10/HOSTILE"
STRANGER = 6
UNNAMED_KIND = 7
JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
EVENT = r"""{
    "type": "TransformationEvent", "eventTime": "not a time", "bizStep": "</li><script>alert(1)",
    "eventTimeZoneOffset": "+99:99:\"><script>alert(2)", "readPoint": {"id": "http://["},
    "disposition": "[/]", "sr360:carbonFootprint": {"co2eGrams": 1e400000, "standard": 7},
    "certificationInfo": [
        "http://[", "https://a℀b/", "javascript:alert(3)", " JAVASCRIPT:alert(4)",
        "data:text/html,<script>alert(5)</script>", "ipfs://\"><script>alert(6)", "https://ok.example/"
    ],
    "inputQuantityList": [{"epcClass": "javascript:alert(7)", "quantity": 1e999}],
    "outputQuantityList": [{"epcClass": "https://id.gs1.org/01/10860009999920/10/HOSTILE"}]
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile(running: Running) -> Running:
    """A product whose only entry is of a kind without a name, with a document full of traps."""
    contract = running.deployment.supply_chain
    event = parse(EVENT)
    assert isinstance(event, dict)
    made = build(event, chain_id=running.deployment.chain_id, contract=contract)
    for block in (made.payload, made.bundle):
        await running.ipfs.put_block(block)
    product = keccak256(f"https://id.gs1.org{LOT}".encode())
    data = supply_chain.encode_record(product, made.data_hash, clock.now_ms(), UNNAMED_KIND)
    await transact(running.rpc, keys.account(running.settings, STRANGER), contract, data)
    await settled(running)
    return running


async def test_passport_page(hostile: Running) -> None:
    answer = await hostile.http.get("/passport" + LOT, headers=HTML)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert 'href="javascript:' not in answer.text.lower()
    assert 'href="data:text' not in answer.text
    assert 'href="https://ok.example/"' in answer.text


async def test_passport_data(hostile: Running) -> None:
    answer = await hostile.http.get(LOT, headers=JSON)
    assert answer.status_code == 200
    [step] = answer.json()["journey"]
    assert step["kind"] == "OTHER"
    assert answer.json()["carbon"]["footprint"]["co2eGrams"] is None


async def test_whoever_is_not_registered_is_said_to_be_so(running: Running) -> None:
    path, key = "/01/10860009999920/10/STRANGER", keys.deployer(running.settings)
    nobody, registry = address_of(key), running.deployment.actor_registry
    product = keccak256(f"https://id.gs1.org{path}".encode())
    await running.ipfs.put_block(b"stranger")
    data = supply_chain.encode_record(product, sha256(b"stranger"), clock.now_ms(), 1)
    await transact(running.rpc, key, running.deployment.supply_chain, data)

    async def told() -> tuple[str, list[str]]:
        await settled(running)
        story = (await running.http.get(path, headers=JSON)).json()
        [step], held = story["journey"], story["product"]["custodian"]
        assert step["who"] == held
        assert (
            f"<dd>{held['label']}</dd>"
            in (await running.http.get("/passport" + path, headers=HTML)).text
        )
        codes = [n["text"] for n in story["notices"] if n["code"] == "origin_not_registered"]
        assert bool(codes) is not held["registered"]
        return held["label"], codes

    label, [notice] = await told()
    assert label == f"{checksum(nobody)}, not registered"
    assert notice == f"This history was begun by {label}. Nobody vouches for who that is."
    register = actor_registry.encode_register(nobody, Role.SUPPLIER, "urn:sr360:x", "Passer-by")
    await transact(running.rpc, key, registry, register)
    assert await told() == ("Passer-by", [])
    await transact(running.rpc, key, registry, actor_registry.encode_revoke(nobody))
    label, [_] = await told()
    assert label == "Passer-by, registration revoked"


async def test_proof(hostile: Running) -> None:
    assert (await hostile.http.get(f"/proof{LOT}")).status_code == 200


@pytest.mark.parametrize("wanted", ["", ",kind:OTHER"])
async def test_graphql(hostile: Running, wanted: str) -> None:
    query = f"""{{events(first:100{wanted}){{edges{{node{{
        kind words product{{uri}} document{{json products{{uri}}}}}}}}}}}}"""
    answer = (await hostile.http.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer
    kinds = {edge["node"]["kind"] for edge in answer["data"]["events"]["edges"]}
    assert "OTHER" in kinds
    assert kinds == {"OTHER"} or not wanted


async def test_epcis_query(hostile: Running) -> None:
    answer = await hostile.http.get(f"/events?MATCH_anyEPCClass=https://id.gs1.org{LOT}")
    assert answer.status_code == 200
    assert "javascript:alert(7)" in answer.text
