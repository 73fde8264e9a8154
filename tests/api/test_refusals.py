"""A contract's refusal reaches whoever asked as a sentence, never as a selector.

For every custom error in every ABI, for the compiler's own, and for one nobody knows
├── over HTTP: application/problem+json
└── over GraphQL: the message and its extensions
"""

import json
import re
from typing import Any

import httpx
import pytest
import strawberry
from eth_abi import encode
from fastapi import FastAPI
from strawberry.extensions import SchemaExtension

from api import errors
from core.chain.revert import reverted
from scripts.error_docs_web import SAMPLES

SELECTOR = re.compile(r"0x[0-9a-f]{8}(?![0-9a-f])")
DATA = [bytes.fromhex(sample["data"][2:]) for sample in json.loads(SAMPLES.read_text())]
COMPILER = [
    bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]),
    bytes.fromhex("4e487b71") + encode(["uint256"], [0x99]),
    bytes.fromhex("08c379a0") + encode(["string"], ["no"]),
    bytes.fromhex("08c379a0"),
    bytes.fromhex("deadbeef"),
    bytes.fromhex("deadbeef") + bytes(64),
    b"",
]
NODE = "execution reverted: custom error 0xdeadbeef"
"""What anvil says of an error it does not know."""


class Typed(SchemaExtension):
    """As api.graphql.schema does it."""

    def on_operation(self) -> Any:
        yield
        result: Any = self.execution_context.result
        result.errors = [errors.graphql_error(error) for error in result.errors]


@strawberry.type
class Query:
    @strawberry.field
    def refuse(self, data: str) -> str:
        raise reverted(bytes.fromhex(data), NODE)


SCHEMA = strawberry.Schema(Query, extensions=[Typed])


@pytest.fixture(scope="module")
def app() -> FastAPI:
    made = FastAPI()
    errors.install(made)

    @made.get("/refuse")
    def refuse(data: str) -> None:
        raise reverted(bytes.fromhex(data), NODE)

    return made


def is_a_sentence(text: str) -> bool:
    told = text.strip() and " " in text and "b'" not in text
    return bool(told) and not SELECTOR.search(text)


async def test_over_http(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        for data in (*DATA, *COMPILER[:-1]):
            answer = await http.get("/refuse", params={"data": data.hex()})
            told = answer.json()
            assert answer.headers["content-type"] == errors.PROBLEM_JSON
            assert answer.status_code == told["status"] != 500
            assert is_a_sentence(told["detail"]), told
            assert not SELECTOR.search(answer.text), told


def test_over_graphql() -> None:
    for data in (*DATA, *COMPILER[:-1]):
        query = f'{{ refuse(data: "{data.hex()}") }}'
        result = SCHEMA.execute_sync(query)
        [error] = result.errors or []
        assert is_a_sentence(error.message), error.message
        assert not SELECTOR.search(json.dumps(error.formatted | {"locations": []})), error.formatted
        assert error.extensions
        assert error.extensions["code"] != "internal"


def test_a_refusal_without_data_keeps_the_nodes_words() -> None:
    assert reverted(b"", "execution reverted").message == "execution reverted"
    assert is_a_sentence(reverted(b"", NODE).message)
    assert is_a_sentence(reverted(b"").message)
