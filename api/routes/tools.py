"""The pages for developers, GraphiQL and OpenAPI, from our own build: no other host is asked."""

from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, HTMLResponse, Response

from api.security import tools_policy

_ABSENT: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title} is not built</title>
<h1>{title} is not built</h1>
<p>This page comes with the web files, and they are not here. Build them: <code>./sr360 up</code>
does, or <code>npm install</code> and <code>npm run build</code> in <code>web</code>.</p>
<p>{without}</p>
</html>
"""
_POST: Final = (
    'Queries work without it: POST <code>{"query": "{ meta { block } }"}</code> '
    "as application/json to <code>/graphql</code>."
)
_DOCUMENT: Final = (
    'The description itself is there without it: <a href="/openapi.json">/openapi.json</a>.'
)


def graphiql(dist: Path) -> Response:
    """GraphiQL, which asks `/graphql`; 503 in words where the web is not built."""
    return _page(dist, "graphiql.html", title="GraphiQL", without=_POST)


def openapi(dist: Path) -> Response:
    """Swagger UI, which reads `/openapi.json`; 503 in words where the web is not built."""
    return _page(dist, "openapi.html", title="The OpenAPI page", without=_DOCUMENT)


def _page(dist: Path, name: str, **words: str) -> Response:
    file = dist / "tools" / name
    if not file.is_file():
        return HTMLResponse(_ABSENT.format(**words), 503)
    headers = {"cache-control": "no-cache", "content-security-policy": tools_policy()}
    return FileResponse(file, headers=headers, media_type="text/html")
