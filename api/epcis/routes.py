"""The paths of EPCIS 2.0's query interface; documents are captured in api.capture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import WithServices, WithSnapshot
from api.epcis import parameters
from api.epcis.answers import collection
from api.epcis.events import answer_events, simple_query
from api.epcis.headers import check_versions, discovery
from api.epcis.media import Media, negotiated
from api.epcis.openapi import EVENT_PARAMETERS, PAGE_PARAMETERS
from api.epcis.pages import next_headers, split
from api.epcis.serving import readable
from api.queries import event_listing
from api.queries.event_search import search
from api.queries.snapshot import Snapshot
from core.epcis import vocab
from core.epcis.model import EVENT_KINDS
from core.epcis.query.errors import NoSuchName
from core.epcis.query.model import Condition, EventQuery, Identifiers, Words
from core.epcis.query.terms import normal
from core.epcis.query.values import refused

router = APIRouter(tags=["epcis"])

READABLE: Final = "OPTIONS, GET, HEAD"
TOP: Final = (
    *("queries", "capture", "events", "eventTypes", "epcs", "readPoints", "bizLocations"),
    *("dispositions", "bizSteps"),
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A top-level resource: what its members are called, and which events belong to one."""

    path: str
    column: str
    """Of the event index; empty for EPCs."""
    condition: Callable[[str], Condition]


def _words(field: str, read: Callable[[str], str]) -> Callable[[str], Condition]:
    return lambda name: Words(field, (read(name),))


def _word_of(kind: str) -> Callable[[str], str]:
    return lambda name: str(vocab.bare(kind, name))


def _any_role(name: str) -> Condition:
    """A single thing or a class: a lot has a history as a serial number has."""
    uri = normal(name)
    return Identifiers((), (), (("anyEPC", uri), ("anyEPCClass", uri)))


RESOURCES: Final = (
    Resource("eventTypes", "event_type", _words("eventType", str)),
    Resource("epcs", "", _any_role),
    Resource("bizSteps", "biz_step", _words("bizStep", _word_of("bizStep"))),
    Resource("bizLocations", "biz_location", _words("bizLocation", normal)),
    Resource("readPoints", "read_point", _words("readPoint", normal)),
    Resource("dispositions", "disposition", _words("disposition", _word_of("disposition"))),
)


@readable(router, "/events", openapi_extra=EVENT_PARAMETERS)
async def events(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """Recorded events as far as they are disclosed, by any EPCIS query, in an EPCISQueryDocument.

    In the order of their recording unless orderBy says otherwise.
    """
    return await simple_query(request, services, snapshot)


@readable(router, "/events/{event_id:path}")
async def event(
    request: Request, event_id: str, services: WithServices, snapshot: WithSnapshot
) -> Response:
    """One event by its eventID, or by its CBV event hash where its author gave it none."""
    query = EventQuery(conditions=(Words("eventID", (event_id,)),), fingerprint=event_id)
    await _require(snapshot, query, event_id)
    return await answer_events(request, services, snapshot, query, {}, "SimpleEventQuery")


def top_level() -> Response:
    """Where everything begins."""
    return collection(TOP, {}, None)


@router.options("/", include_in_schema=False)
async def discover_top_level() -> Response:
    return discovery(READABLE)


@router.options("/events", include_in_schema=False)
async def discover_events() -> Response:
    return discovery(f"{READABLE}, POST")


@router.options("/events/{event_id:path}", include_in_schema=False)
async def discover_event(event_id: str) -> Response:
    return discovery(READABLE)


def _serve(resource: Resource) -> None:
    """The three paths of a resource, each with its discovery."""
    base, one = f"/{resource.path}", f"/{resource.path}/{{name:path}}"

    async def members(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
        return await _members(request, services.settings.public_url, snapshot, resource)

    async def sub_resources(request: Request, name: str, snapshot: WithSnapshot) -> Response:
        _check(request)
        await _require_member(snapshot, resource, name)
        return collection(["events"], {}, await snapshot.meta())

    async def events_of(
        request: Request, name: str, services: WithServices, snapshot: WithSnapshot
    ) -> Response:
        await _require_member(snapshot, resource, name)
        return await simple_query(request, services, snapshot, resource.condition(name))

    async def discover() -> Response:
        return discovery(READABLE)

    what = resource.path
    readable(router, base, summary=f"List {what}", openapi_extra=PAGE_PARAMETERS)(members)
    told = {"summary": f"Events of one of {what}", "openapi_extra": EVENT_PARAMETERS}
    readable(router, f"{one}/events", **told)(events_of)
    readable(router, one, summary=f"What one of {what} has")(sub_resources)
    for path in (base, f"{one}/events", one):
        router.add_api_route(path, discover, methods=["OPTIONS"], include_in_schema=False)


def _check(request: Request) -> None:
    check_versions(request)
    negotiated(request, Media.JSON)
    unknown = sorted(set(request.query_params) - {"perPage", "nextPageToken"})
    if unknown:
        raise refused(unknown[0], "is not a parameter of this path")


async def _members(
    request: Request, public_url: str, snapshot: Snapshot, resource: Resource
) -> Response:
    _check(request)
    page = split(parameters.given(request), resource.path)
    after = page.after[0].decode("utf-8", "replace") if page.after else None
    found = await _values(snapshot, resource, after, page.size + 1)
    headers = {}
    if len(found) > page.size:
        last = (found[page.size - 1].encode(),)
        headers = next_headers(public_url + request.url.path, request.query_params, page, last)
    return collection(found[: page.size], headers, await snapshot.meta())


async def _values(
    snapshot: Snapshot, resource: Resource, after: str | None, size: int
) -> list[str]:
    if resource.path == "eventTypes":
        return [name for name in sorted(EVENT_KINDS) if after is None or name > after][:size]
    if resource.column:
        return await event_listing.distinct(snapshot, resource.column, after, size)
    return await event_listing.epcs(snapshot, after, size)


async def _require_member(snapshot: Snapshot, resource: Resource, name: str) -> None:
    if resource.path == "eventTypes" and name in EVENT_KINDS:
        return
    await _require(snapshot, EventQuery(conditions=(resource.condition(name),)), name)


async def _require(snapshot: Snapshot, query: EventQuery, name: str) -> None:
    """Raises NoSuchName when no event answers the query."""
    if not await search(snapshot, query, 1, None):
        raise NoSuchName(f"there is nothing of the name {name[:200]!r}", pointer="path")


for _resource in RESOURCES:
    _serve(_resource)
