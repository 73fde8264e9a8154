"""GraphiQL and the OpenAPI page: ours alone, under a policy that lets nothing else in."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import Response

from api.routes import tools
from tests.api.conftest import Running

SESSION = pytest.mark.asyncio(loop_scope="session")
PAGES = pytest.mark.parametrize("path", ["/graphql", "/docs"])
_LOADED = re.compile(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"')


async def _page(running: Running, path: str) -> tuple[str, dict[str, str]]:
    answer = await running.http.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, "the web is not built; ./sr360 test does it"
    return answer.text, dict(answer.headers)


@PAGES
@SESSION
async def test_page_names_no_other_host(running: Running, path: str) -> None:
    html, headers = await _page(running, path)
    assert headers["content-type"].startswith("text/html")
    assert headers["cache-control"] == "no-cache"
    loaded = _LOADED.findall(html)
    assert [url for url in loaded if not url.startswith(("/tools/assets/", "data:"))] == []
    assert not re.search(r"<(?:script|style)(?![^>]* src=)[^>]*>", html), "nothing inline"
    assert "//" not in html.replace("xmlns='http://www.w3.org/2000/svg'", "")


@PAGES
@SESSION
async def test_what_the_page_loads_is_there_for_good(running: Running, path: str) -> None:
    html, _ = await _page(running, path)
    loaded = [url for url in _LOADED.findall(html) if not url.startswith("data:")]
    assert {url.rsplit(".", 1)[1] for url in loaded} >= {"js", "css"}
    for url in loaded:
        answer = await running.http.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["cache-control"], url


@PAGES
@SESSION
async def test_policy_is_strict(running: Running, path: str) -> None:
    _, headers = await _page(running, path)
    policy = headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert directives["worker-src"] == "'self'"
    assert "unsafe-eval" not in policy
    assert not re.search(r"https?:|wss?:|\*", policy)


@SESSION
async def test_answers_that_are_no_page_allow_nothing(running: Running) -> None:
    query = {"query": "{ meta { block } }"}
    for answer in (
        await running.http.post("/graphql", json=query),
        await running.http.get("/graphql", params=query),
        await running.http.get("/tools/assets/none.js"),
    ):
        assert "'self'" not in answer.headers["content-security-policy"]


@SESSION
async def test_pages_of_the_folder_have_the_same_policy(running: Running) -> None:
    _, headers = await _page(running, "/graphql")
    _, direct = await _page(running, "/tools/graphiql.html")
    assert direct["content-security-policy"] == headers["content-security-policy"]


@SESSION
async def test_no_page_of_the_framework_is_left(running: Running) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert (await running.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("page", "instead"), [(tools.graphiql, "/graphql"), (tools.openapi, "/openapi.json")]
)
def test_absent_build_is_told_in_words(
    page: Callable[[Path], Response], instead: str, tmp_path: Path
) -> None:
    answer = page(tmp_path)
    text = bytes(answer.body).decode()
    assert answer.status_code == 503
    assert "is not built" in text
    assert "./sr360 up" in text
    assert "npm run build" in text
    assert instead in text
