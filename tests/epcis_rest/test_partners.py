"""Who may keep queries, subscribe and record under the service's key.

given a token is set
├── what partners do needs it, and is refused with 401 without it or with another
└── what everyone reads does not
given none is set
├── on its own machine everyone is a partner
└── elsewhere nobody is
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from api.capture.jobs import Jobs
from api.deps import Services
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository

TOKEN = "what the operator gave out"
PARTNERS = [
    ("POST", "/queries"),
    ("DELETE", "/queries/a"),
    ("GET", "/queries/a/subscriptions"),
    ("POST", "/queries/a/subscriptions"),
    ("GET", "/queries/a/subscriptions/b"),
    ("DELETE", "/queries/a/subscriptions/b"),
    ("POST", "/queries/a/subscriptions/b/replay"),
    ("GET", "/capture"),
    ("POST", "/events"),
]
EVERYONE = ["/queries", "/events", "/eventTypes"]


@asynccontextmanager
async def _served(prepared: Prepared, **api: object) -> AsyncIterator[httpx.AsyncClient]:
    changed = prepared.settings.api.model_copy(update=api)
    settings = prepared.settings.model_copy(update={"api": changed})
    jobs = Jobs(prepared.database, None)
    services = Services(settings, prepared.database, *[None] * 5, jobs)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


@pytest.mark.parametrize(("method", "path"), PARTNERS)
@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
async def test_without_the_token_it_is_refused(
    repository: Repository, prepared: Prepared, method: str, path: str, sent: str | None
) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    async with _served(prepared, partner_token=SecretStr(TOKEN)) as http:
        answer = await http.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), PARTNERS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_with_the_token_it_is_looked_at(
    repository: Repository, prepared: Prepared, method: str, path: str, scheme: str
) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    async with _served(prepared, partner_token=SecretStr(TOKEN)) as http:
        answer = await http.request(method, path, headers=headers)
    assert answer.status_code in {200, 400, 404}


@pytest.mark.parametrize("path", EVERYONE)
async def test_reading_needs_none(repository: Repository, prepared: Prepared, path: str) -> None:
    async with _served(prepared, partner_token=SecretStr(TOKEN)) as http:
        assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "api.example.com"])
async def test_elsewhere_without_a_token_nobody_is_a_partner(
    repository: Repository, prepared: Prepared, host: str
) -> None:
    async with _served(prepared, host=host) as http:
        for method, path in PARTNERS:
            answer = await http.request(method, path, headers={"Authorization": "Bearer "})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), path


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_on_its_own_machine_everyone_is(
    repository: Repository, prepared: Prepared, host: str
) -> None:
    async with _served(prepared, host=host) as http:
        body = {"name": "mine", "query": {}}
        assert (await http.post("/queries", json=body)).status_code == 201
        assert (await http.delete("/queries/mine")).status_code == 204
