"""REST for column mappings, and how a table is captured by one."""

from dataclasses import replace
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.capture.mappings import Mappings, view
from api.capture.rulebook import Asked
from api.deps import Services, WithServices
from api.epcis import parameters
from api.epcis.answers import answer
from api.epcis.openapi import PAGE_PARAMETERS, body_of
from api.epcis.pages import next_headers, split, without
from api.partners import PARTNERS_ONLY
from core.document.lexical import parse
from core.epcis.query.errors import UnsupportedMedia
from core.epcis.query.values import refused

CSV: Final = "text/csv"
router = APIRouter(tags=["capture"], dependencies=PARTNERS_ONLY)


async def of_table(request: Request, services: Services, asked: Asked) -> Asked:
    """With the mapping that a request for a table names. Raises UnsupportedMedia, NoSuchName."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != CSV:
        return asked
    name = request.query_params.get("mapping")
    if name is None:
        hint = "Save one with PUT /mappings/{name}, then POST /capture?mapping={name}."
        raise UnsupportedMedia("a table needs a column mapping", pointer="mapping", hint=hint)
    return replace(asked, mapping=(await Mappings(services.database).get(name)).mapping)


@router.get("/mappings", openapi_extra=PAGE_PARAMETERS)
async def mappings(request: Request, services: WithServices) -> Response:
    """All saved column mappings, by name."""
    given = parameters.given(request)
    for name in without(given):
        raise refused(name, "is not a parameter of this path")
    page = split(given, "mappings")
    after = page.after[0].decode() if page.after else ""
    found = await Mappings(services.database).listed(after, page.size + 1)
    headers = {}
    if len(found) > page.size:
        url = services.settings.public_url + request.url.path
        last = (found[page.size - 1].name.encode(),)
        headers = next_headers(url, request.query_params, page, last)
    return answer(orjson.dumps([view(row) for row in found[: page.size]]), headers)


@router.get("/mappings/{name}")
async def mapping(name: str, services: WithServices) -> Response:
    """One column mapping."""
    return answer(orjson.dumps(view(await Mappings(services.database).get(name))))


@router.put("/mappings/{name}", openapi_extra=body_of("event", "fields"))
async def save(request: Request, name: str, services: WithServices) -> Response:
    """Saves a column mapping, or replaces it; jobs that were taken keep the old one."""
    body = await request.body()
    parse(body)  # duplicate names and NaN are refused here, in our words
    is_new = await Mappings(services.database).put(name, orjson.loads(body))
    return answer(b"", status=201 if is_new else 204)


@router.delete("/mappings/{name}")
async def forget(name: str, services: WithServices) -> Response:
    """Forgets a column mapping."""
    await Mappings(services.database).forget(name)
    return answer(b"", status=204)
