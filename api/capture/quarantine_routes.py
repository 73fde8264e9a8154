"""REST for what was refused and kept apart: read, correct, release, discard."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.capture.quarantine import Quarantine, opened, view
from api.deps import Services, WithServices
from api.epcis import parameters
from api.epcis.answers import answer
from api.epcis.openapi import PAGE_PARAMETERS, body_of
from api.epcis.pages import next_headers, split, without
from api.partners import PARTNERS_ONLY
from core.epcis.query.values import refused

router = APIRouter(tags=["capture"], dependencies=PARTNERS_ONLY)

Position = Annotated[int, Path(ge=1, le=10**9, description="In the document, from 1.")]


@router.get("/capture/{capture_id}/quarantine", openapi_extra=PAGE_PARAMETERS)
async def held(request: Request, capture_id: str, services: WithServices) -> Response:
    """What a job refused and keeps apart, each event with its reasons as a problem (RFC 9457)."""
    quarantine = await _opened(request, services, capture_id)
    given = parameters.given(request)
    for name in without(given):
        raise refused(name, "is not a parameter of this path")
    page = split(given, f"quarantine {capture_id}")
    found = await quarantine.listed(page.after[0] if page.after else 0, page.size + 1)
    headers = {}
    if len(found) > page.size:
        url = services.settings.public_url + request.url.path
        headers = next_headers(url, request.query_params, page, (found[page.size - 1].position,))
    return answer(orjson.dumps([view(row) for row in found[: page.size]]), headers)


@router.get("/capture/{capture_id}/quarantine/{position}")
async def held_event(
    request: Request, capture_id: str, position: Position, services: WithServices
) -> Response:
    """One refused event with its reasons."""
    quarantine = await _opened(request, services, capture_id)
    return answer(orjson.dumps(view(await quarantine.get(position))))


@router.put(
    "/capture/{capture_id}/quarantine/{position}",
    openapi_extra=body_of("@context", "type", "eventTime"),
)
async def correct(
    request: Request, capture_id: str, position: Position, services: WithServices
) -> Response:
    """Puts a corrected event in its place; `problem` in the answer says what is still wrong."""
    quarantine = await _opened(request, services, capture_id)
    row = await quarantine.correct(position, await request.body())
    return answer(orjson.dumps(view(row)))


@router.post("/capture/{capture_id}/quarantine/{position}/release")
async def release(
    request: Request, capture_id: str, position: Position, services: WithServices
) -> Response:
    """Has the event recorded by a capture job of its own, once nothing is wrong with it."""
    job_id = await (await _opened(request, services, capture_id)).release(position)
    location = f"{services.settings.public_url}/capture/{job_id}"
    return answer(b"", {"Location": location}, status=202)


@router.delete("/capture/{capture_id}/quarantine/{position}")
async def discard(
    request: Request, capture_id: str, position: Position, services: WithServices
) -> Response:
    """Forgets the event's content for good."""
    await (await _opened(request, services, capture_id)).discard(position)
    return answer(b"", status=204)


async def _opened(request: Request, services: Services, job_id: str) -> Quarantine:
    return await opened(request, services.database, services.jobs, job_id)
