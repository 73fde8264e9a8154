"""JSON answers: `meta` in every one of them, written by orjson."""

from typing import Any

import orjson
from starlette.responses import Response

from api.deps import Services
from api.queries.snapshot import Meta, Snapshot


def json_response(
    body: Any, meta: Meta, *, status: int = 200, media: str = "application/json", **headers: str
) -> Response:
    """`body` with the state of the mirror it was made from."""
    content = orjson.dumps(body | {"meta": meta.json()})
    plain = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, status, plain, media)


async def answer(services: Services, body: dict[str, Any], *, status: int = 200) -> Response:
    """The same for answers that do not come from the mirror."""
    async with Snapshot(services.database) as snapshot:
        return json_response(body, await snapshot.meta(), status=status, cache_control="no-store")
