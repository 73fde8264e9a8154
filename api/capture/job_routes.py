"""EPCIS 2.0's capture interface for partners without a wallet: jobs, and single events."""

from typing import Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.capture.intake import bounded, size_of, spooled
from api.capture.jobs import PROCEED, ROLLBACK, view
from api.capture.keys import KEY, hashed, wanted_key
from api.capture.mapping_routes import CSV, of_table
from api.capture.recorder import Recorder
from api.capture.rulebook import asked_by
from api.deps import Services, WithServices
from api.epcis import parameters
from api.epcis.answers import answer
from api.epcis.headers import check_versions, discovery
from api.epcis.media import Media, negotiated
from api.epcis.openapi import PAGE_PARAMETERS, body_of
from api.epcis.pages import next_headers, split, without
from api.epcis.serving import readable
from api.partners import PARTNERS_ONLY, check_partner
from core.db.app_tables import CaptureJob
from core.document.lexical import canonical
from core.epcis.query.errors import EventRefused, UnsupportedMedia
from core.epcis.query.values import refused
from core.epcis.validate import validate_document
from core.errors import BadInput, InvalidDocument

router = APIRouter(tags=["capture"])

BEHAVIOUR: Final = "GS1-Capture-Error-Behaviour"
_MEDIA: Final = (
    *("application/json", "application/ld+json", "application/xml", "text/xml"),
    *("application/octet-stream", "application/x-www-form-urlencoded"),
)
"""The last two are what clients say who were not told what to say."""


async def take_job(request: Request, services: Services) -> Response:
    """`POST /capture` by nobody in particular: taken, to be recorded under our own key."""
    _recorder(services)
    check_partner(request, services)
    _check_media(request, CSV)
    owner = wanted_key(request)
    behaviour = request.headers.get(BEHAVIOUR, PROCEED if owner else ROLLBACK)
    if behaviour not in (ROLLBACK, PROCEED):
        hint = f"Use {ROLLBACK} or {PROCEED}."
        raise BadInput(f"{BEHAVIOUR} {behaviour[:40]!r} is unknown", pointer=BEHAVIOUR, hint=hint)
    if owner and behaviour == ROLLBACK:
        hint = f"Leave {BEHAVIOUR} out, or use {PROCEED}."
        message = f"{ROLLBACK} refuses whole documents: nothing of one can be kept apart"
        raise BadInput(message, pointer=BEHAVIOUR, hint=hint)
    asked = asked_by(request, services.settings.api)
    asked = await of_table(request, services, asked)
    limits = services.settings.api
    with await spooled(request, limits.max_capture_bytes) as body:
        held_by = hashed(owner) if owner else None
        if size_of(body) <= limits.max_body_bytes:
            job_id = await services.jobs.take(body.read(), behaviour, asked, held_by)
        else:
            job_id = await services.jobs.take_large(
                body, behaviour, asked, limits.max_capture_events, held_by
            )
    location = f"{services.settings.public_url}/capture/{job_id}"
    headers = {"Location": location, BEHAVIOUR: behaviour} | ({KEY: owner} if owner else {})
    return answer(b"", headers, status=202)


async def job_answer(request: Request, services: Services, job: CaptureJob) -> Response:
    """How a job stands, with a page of its errors."""
    check_versions(request)
    negotiated(request, Media.JSON)
    page = split(parameters.given(request), job.job_id)
    after = page.after[0] if page.after else 0
    errors = await services.jobs.errors(job.job_id, after, page.size + 1)
    headers = {}
    if len(errors) > page.size:
        url = services.settings.public_url + request.url.path
        last = (errors[page.size - 1].position,)
        headers = next_headers(url, request.query_params, page, last)
    warnings = await services.jobs.warnings(job.job_id)
    return answer(orjson.dumps(view(job, errors[: page.size], warnings)), headers)


@readable(router, "/capture", openapi_extra=PAGE_PARAMETERS, dependencies=PARTNERS_ONLY)
async def jobs(request: Request, services: WithServices) -> Response:
    """All capture jobs, the oldest first, each with its first errors."""
    check_versions(request)
    negotiated(request, Media.JSON)
    given = parameters.given(request)
    for name in without(given):
        raise refused(name, "is not a parameter of this path")
    page = split(given, "capture")
    found = await services.jobs.listed(page.after, page.size + 1)
    headers = {}
    if len(found) > page.size:
        url = services.settings.public_url + request.url.path
        last = (found[page.size - 1].created_at, found[page.size - 1].job_id.encode())
        headers = next_headers(url, request.query_params, page, last)
    told = [view(job, await services.jobs.errors(job.job_id, 0, 10)) for job in found[: page.size]]
    return answer(orjson.dumps(told), headers)


@router.post(
    "/events",
    openapi_extra=body_of("@context", "type", "eventTime"),
    dependencies=PARTNERS_ONLY,
)
async def record_event(request: Request, services: WithServices) -> Response:
    """One event of a partner without a wallet, recorded under this service's key before the answer.

    Sending it again changes nothing; another event under the same eventID is refused.
    """
    recorder = _recorder(services)
    _check_media(request)
    check_versions(request)
    try:
        events = validate_document(await bounded(request, services.settings.api.max_body_bytes))
    except InvalidDocument as error:
        raise EventRefused(
            error.message, hint=error.hint, pointer=error.pointer, issues=error.issues
        ) from error
    if len(events) != 1:
        raise EventRefused(f"{len(events)} events; one is taken here", hint="Use POST /capture.")
    asked = asked_by(request, services.settings.api)
    (await services.jobs.rulebook.look(events, asked)).check()
    name = await recorder.record(events[0])
    location = f"{services.settings.public_url}/events/{quote(name, safe='')}"
    return answer(canonical(events[0].raw), {"Location": location}, status=201)


@router.options("/capture", include_in_schema=False)
async def discover(services: WithServices) -> Response:
    """What a document may be."""
    limits = {
        "GS1-EPCIS-Capture-Limit": str(services.settings.api.max_capture_events),
        "GS1-EPCIS-Capture-File-Size-Limit": str(services.settings.api.max_capture_bytes),
        BEHAVIOUR: "all",
    }
    return discovery("OPTIONS, GET, HEAD, POST", limits)


@router.options("/capture/{capture_id}", include_in_schema=False)
async def discover_job(capture_id: str) -> Response:
    return discovery("OPTIONS, GET, HEAD")


def _recorder(services: Services) -> Recorder:
    if services.jobs.recorder is None:
        raise BadInput(
            "nobody is named as the author",
            pointer="actor",
            hint="Add ?actor=0x… or the header X-Actor; this service records nothing as itself.",
        )
    return services.jobs.recorder


def _check_media(request: Request, *more: str) -> None:
    media = request.headers.get("content-type", _MEDIA[0]).partition(";")[0].strip().lower()
    if media not in (*_MEDIA, *more):
        raise UnsupportedMedia(f"{media[:80]!r} is neither JSON nor XML", pointer="Content-Type")
