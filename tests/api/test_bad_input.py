"""Whatever is sent, the answer is typed and the service stays up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

FARM = {"actor": "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"}


def is_problem(answer: Any) -> bool:
    body = answer.json()
    named = all(body[member] for member in ("type", "title", "detail", "code"))
    return bool(
        named
        and body["status"] == answer.status_code
        and answer.headers["content-type"] == "application/problem+json"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"NaN",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\\ud800"}',
        b"[" * 5000,
        b'{"type": "EPCISDocument"}',
        b'{"type": 7, "@context": 3}',
        b'{"type": "EPCISDocument", "epcisBody": {"eventList": [1, null, "x"]}}',
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_capture_of_nonsense(running: Running, body: bytes) -> None:
    answer = await running.http.post("/capture", content=body, params=FARM)
    assert answer.status_code in (400, 422)
    assert is_problem(answer)


@pytest.mark.parametrize(
    "params",
    [{}, {"actor": "0x12"}, {"actor": "farm"}, FARM | {"counterparty": "0x"}],
    ids=["none", "short", "no hex", "counterparty"],
)
async def test_capture_by_nobody(running: Running, params: dict[str, str]) -> None:
    answer = await running.http.post("/capture", content=b"{}", params=params)
    assert answer.status_code == 400
    assert is_problem(answer)


async def test_bodies_over_the_limit(running: Running) -> None:
    answer = await running.http.post("/capture", content=b" " * 200_001, params=FARM)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    async def endless() -> Any:
        for _ in range(300):
            yield b" " * 1000

    answer = await running.http.post("/capture", content=endless(), params=FARM)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = await running.http.post(
        "/graphql", content=endless(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_length_too_long_to_be_a_number(running: Running) -> None:
    url = urlsplit(str(running.http.base_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(
        b"POST /capture HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"
    )
    status = await reader.readline()
    writer.close()
    assert status.split()[1] in (b"400", b"413")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/capture/unknown",
        "/capture/unknown/events",
        "/capture/%00",
        "/01/",
        "/01/x",
        "/00/1",
        "/01/00860009999923/10/",
        "/01/00860009999923/99/x",
        "/01/00860009999923/10/%ff",
        "/01/00860009999923/10/" + "x" * 3000,
        "/proof/01/00860009999923/10/NEVER",
        "/proof/01/00860009999924/10/X",
        "/proof/414/0860009999060",
        "/01/00860009999924/10/X/qr.svg",
        "/events?perPage=0",
        "/events?nextPageToken=x",
        "/events?MATCH_anyEPC=x",
        "/assets/none.js",
        "/assets/../../etc/passwd",
        "/app/none.js",
    ],
)
async def test_bad_paths(running: Running, path: str) -> None:
    answer = await running.http.get(path, headers={"accept": "application/json"})
    assert answer.status_code in (400, 404)
    assert is_problem(answer)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"query": 1}', b'{"query": NaN}'])
async def test_graphql_of_nonsense(running: Running, body: bytes) -> None:
    answer = await running.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (200, 400)
    assert answer.json()


async def test_wrong_method(running: Running) -> None:
    answer = await running.http.delete("/capture")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


async def test_every_answer_protects_the_browser(running: Running) -> None:
    for path in ("/health", "/nothing", "/app/", "/graphql", "/docs", "/openapi.json"):
        answer = await running.http.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path


async def test_app_is_served_with_its_own_routes(running: Running) -> None:
    for path in ("/app/", "/app/supplier", "/app/verify"):
        answer = await running.http.get(path)
        assert "<title>app</title>" in answer.text
        assert answer.headers["cache-control"] == "no-cache"
    hashed = await running.http.get("/app/assets/app-1a2b3c4d.js")
    assert "immutable" in hashed.headers["cache-control"]
    stable = await running.http.get("/assets/passport-check.js")
    assert stable.headers["cache-control"] == "no-cache"
    assert "immutable" not in stable.headers["cache-control"]


async def test_health_and_openapi(running: Running) -> None:
    assert (await running.http.get("/health")).json() == {"status": "ok"}
    ready = (await running.http.get("/ready")).json()
    assert ready["status"] == "ok"
    assert set(ready["checks"]) == {"database", "rpc", "ipfs"}
    paths = (await running.http.get("/openapi.json")).json()["paths"]
    assert "/capture" in paths


async def test_other_origins_may_read(running: Running) -> None:
    answer = await running.http.get("/health", headers={"origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
