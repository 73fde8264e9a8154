"""Events by query: the one function behind `/events` and every `/…/events`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request
from starlette.responses import Response

from api.deps import Services
from api.epcis import parameters
from api.epcis.answers import answer
from api.epcis.headers import check_versions
from api.epcis.media import negotiated
from api.epcis.pages import Page, next_headers, split, without
from api.epcis.rendering import Rendering
from api.queries.event_search import Hit, Key, search
from api.queries.master_data import resolved
from api.queries.snapshot import Snapshot
from core.epcis.query.model import Condition, EventQuery
from core.epcis.query.parameters import read_query
from core.epcis.query.values import Value, refused

SIMPLE: Final = "SimpleEventQuery"
_UNBOUNDED: Final = 2**62


async def simple_query(
    request: Request, services: Services, snapshot: Snapshot, *also: Condition
) -> Response:
    """The events that the query string asks for, for which all of `also` holds too.

    Raises QueryParameterInvalid, QueryTooLarge, QueryTooComplex, NotAcceptable.
    """
    asked = parameters.given(request)
    query = read_query(without(asked), parameters.prefixes(request))
    query = replace(query, conditions=(*query.conditions, *also))
    return await answer_events(request, services, snapshot, query, asked, SIMPLE)


async def answer_events(
    request: Request,
    services: Services,
    snapshot: Snapshot,
    query: EventQuery,
    asked: Mapping[str, Sequence[Value]],
    name: str,
) -> Response:
    """One page of a query's events, as JSON or XML."""
    check_versions(request)
    rendering = Rendering.of(request, negotiated(request), services.prefix_lengths)
    page = split(asked, f"{request.url.path} {query.fingerprint}")
    found = await _found(snapshot, await resolved(snapshot, query), page)
    headers = {}
    if found.more:
        url = services.settings.public_url + request.url.path
        last = (found.left, *found.hits[-1].key)
        headers = next_headers(url, request.query_params, page, last)
    content = rendering.query_document(found.hits, name)
    return answer(content, headers, await snapshot.meta(), media=rendering.media)


@dataclass(frozen=True, slots=True)
class _Found:
    hits: list[Hit]
    left: int
    """How many more eventCountLimit lets through."""
    more: bool


async def _found(snapshot: Snapshot, query: EventQuery, page: Page) -> _Found:
    left, after = query.limit or _UNBOUNDED, None
    if page.after:
        left, after = _place(page)
    size = min(page.size, left)
    hits = await search(snapshot, query, size + 1, after)
    left -= size
    return _Found(hits[:size], left, more=len(hits) > size and left > 0)


def _place(page: Page) -> tuple[int, Key]:
    match page.after:
        case (int(left), int(number), bytes(data_hash)) if left > 0:
            return left, (number, data_hash)
        case (int(left), int(kind), int(has), bytes(value), bytes(data_hash)) if left > 0:
            return left, (kind, has, value, data_hash)
    raise refused("nextPageToken", "is no token of ours", "Follow the Link header.")
