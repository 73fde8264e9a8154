"""The built web files. Hashed names never change; index.html is asked for every time."""

import re
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.errors import response
from api.security import app_policy, tools_policy
from core.errors import UnknownEntity

_HASHED: Final = re.compile(r"assets/.+-[\w-]{8}\.\w+$")
"""Vite's names hold eight characters of the content's hash."""


class _Files(StaticFiles):
    """Static files whose absence is a typed answer, not a traceback."""

    def __init__(self, folder: Path, policy: str, fallback: Path | None = None) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._policy = policy
        self._fallback = fallback

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; for an app's own routes its index.html."""
        try:
            found = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404:
                raise
            found = self._missing(path)
        hashed = _HASHED.search(path) is not None and found.status_code < 400
        cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
        found.headers.setdefault("cache-control", cache)
        if found.headers.get("content-type", "").startswith("text/html"):
            found.headers["content-security-policy"] = self._policy
        return found

    def _missing(self, path: str) -> Response:
        if self._fallback is not None and "." not in Path(path).name and self._fallback.exists():
            return FileResponse(self._fallback)
        hint = "Build the web files: ./sr360 up does, or npm run build in web."
        return response(UnknownEntity(f"there is no file {path}", hint=hint))


def folder(dist: Path, name: str) -> StaticFiles:
    """Files of one folder of the build."""
    return _Files(dist / name, app_policy())


def tools(dist: Path) -> StaticFiles:
    """What GraphiQL and the OpenAPI page load: their part of the build."""
    return _Files(dist / "tools", tools_policy())


def single_page_app(dist: Path) -> StaticFiles:
    """The React app: unknown paths without an extension are its own routes."""
    return _Files(dist, app_policy(), dist / "index.html")
