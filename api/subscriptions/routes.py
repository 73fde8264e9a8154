"""The paths of named queries and of who is told of their events."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import WithServices, WithSnapshot
from api.epcis import parameters
from api.epcis.answers import answer
from api.epcis.events import answer_events
from api.epcis.headers import check_versions, discovery, epc_format
from api.epcis.media import Media, negotiated
from api.epcis.openapi import NAMED_PARAMETERS, PAGE_PARAMETERS, body_of
from api.epcis.pages import next_headers, split, without
from api.epcis.serving import readable
from api.partners import PARTNERS_ONLY
from api.subscriptions import named
from api.subscriptions.request import initial, read_subscription
from api.subscriptions.store import Subscriptions
from core import clock
from core.db.app_tables import NamedQuery, Subscription
from core.document.lexical import LexicalObject, canonical, parse_event
from core.epcis.query.values import refused
from core.errors import BadInput

router = APIRouter(tags=["epcis queries"])

_LONGEST_NAME: Final = 200


@readable(router, "/queries", openapi_extra=PAGE_PARAMETERS)
async def queries(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """All named queries."""
    _check(request)
    page = split(parameters.given(request), "queries")
    after = page.after[0].decode("utf-8", "replace") if page.after else ""
    found = await named.listed(snapshot, after, page.size + 1)
    headers = {}
    if len(found) > page.size:
        url = services.settings.public_url + request.url.path
        last = (found[page.size - 1].name.encode(),)
        headers = next_headers(url, request.query_params, page, last)
    content = ",".join(map(_definition, found[: page.size]))
    return answer(f"[{content}]", headers)


@router.post("/queries", openapi_extra=body_of("name", "query"), dependencies=PARTNERS_ONLY)
async def create(request: Request, services: WithServices) -> Response:
    """Keeps a query under a name; its events are then at /queries/{name}/events."""
    body = parse_event(await request.body())
    name, query = body.get("name"), body.get("query")
    if not isinstance(name, str) or not _is_name(name):
        hint = f"1 to {_LONGEST_NAME} characters, none of them a slash or a control character."
        raise BadInput("the query has no usable name", pointer="/name", hint=hint)
    if not isinstance(query, dict) or set(body) != {"name", "query"}:
        hint = 'Send {"name": …, "query": {"EQ_bizStep": ["shipping"]}}.'
        raise BadInput("the body is no query definition", pointer="/query", hint=hint)
    await named.create(services.database, name, query)
    location = services.settings.public_url + _path(name)
    return answer(canonical(body), {"Location": location}, status=201)


@readable(router, "/queries/{name}")
async def query(request: Request, name: str, snapshot: WithSnapshot) -> Response:
    """One query's definition."""
    _check(request)
    return answer(_definition(await named.find(snapshot, name)))


@router.delete("/queries/{name}", status_code=204, dependencies=PARTNERS_ONLY)
async def delete(name: str, services: WithServices, snapshot: WithSnapshot) -> Response:
    """Forgets a query and its subscriptions."""
    await named.find(snapshot, name)
    await snapshot.close()
    await named.remove(services.database, name)
    return Response(status_code=204)


@readable(router, "/queries/{name}/events", openapi_extra=NAMED_PARAMETERS)
async def events(
    request: Request, name: str, services: WithServices, snapshot: WithSnapshot
) -> Response:
    """The events of a named query. With `Upgrade: websocket`, its events as they come."""
    row = await named.find(snapshot, name)
    asked = parameters.given(request)
    for unknown in without(asked):
        raise refused(unknown, "is not a parameter of a named query")
    found = named.query_of(row.query)
    return await answer_events(request, services, snapshot, found, asked, name)


@readable(
    router,
    "/queries/{name}/subscriptions",
    openapi_extra=PAGE_PARAMETERS,
    dependencies=PARTNERS_ONLY,
)
async def subscriptions(
    request: Request, name: str, services: WithServices, snapshot: WithSnapshot
) -> Response:
    """Who is told of a query's events; nobody's token is shown."""
    _check(request)
    await named.find(snapshot, name)
    page = split(parameters.given(request), f"subscriptions {name}")
    after = page.after[0].decode("utf-8", "replace") if page.after else ""
    found = await Subscriptions(services.database).of_query(name, after, page.size + 1)
    headers = {}
    if len(found) > page.size:
        url = services.settings.public_url + request.url.path
        last = (found[page.size - 1].subscription_id.encode(),)
        headers = next_headers(url, request.query_params, page, last)
    return answer(orjson.dumps([_told(row) for row in found[: page.size]]), headers)


@router.post(
    "/queries/{name}/subscriptions",
    openapi_extra=body_of("dest", "signatureToken"),
    dependencies=PARTNERS_ONLY,
)
async def subscribe(
    request: Request, name: str, services: WithServices, snapshot: WithSnapshot
) -> Response:
    """Sends a query's new events to `dest`, as they come (`stream`) or by `schedule`.

    Each message is signed with `signatureToken` (Standard Webhooks) and repeated until it is taken.
    """
    await named.find(snapshot, name)
    await snapshot.close()
    row = read_subscription(
        name,
        _plain(parse_event(await request.body())),
        epc_format(request),
        allow_private=services.settings.webhook.allow_private,
    )
    await Subscriptions(services.database).add(row)
    location = f"{services.settings.public_url}{_path(name)}/subscriptions/{row.subscription_id}"
    return answer(orjson.dumps(_told(row)), {"Location": location}, status=201)


@readable(router, "/queries/{name}/subscriptions/{subscription_id}", dependencies=PARTNERS_ONLY)
async def subscription(
    request: Request, name: str, subscription_id: str, services: WithServices
) -> Response:
    """One subscription."""
    _check(request)
    row = await Subscriptions(services.database).get(name, subscription_id)
    return answer(orjson.dumps(_told(row)))


@router.delete(
    "/queries/{name}/subscriptions/{subscription_id}", status_code=204, dependencies=PARTNERS_ONLY
)
async def unsubscribe(name: str, subscription_id: str, services: WithServices) -> Response:
    """Ends a subscription; what it is still owed is forgotten."""
    store = Subscriptions(services.database)
    await store.remove((await store.get(name, subscription_id)).subscription_id)
    return Response(status_code=204)


@router.post(
    "/queries/{name}/subscriptions/{subscription_id}/replay",
    status_code=202,
    dependencies=PARTNERS_ONLY,
)
async def replay(
    request: Request, name: str, subscription_id: str, services: WithServices
) -> Response:
    """Sends messages again, delivered or not, from `?since=` on; their ids stay the same.

    Not in the standard: for a subscriber who lost what it was told.
    """
    store = Subscriptions(services.database)
    row = await store.get(name, subscription_id)
    since = request.query_params.get("since")
    count = await store.replay(row.subscription_id, 0 if since is None else initial(since))
    return answer(orjson.dumps({"messages": count}), status=202)


for _path_text, _allow in (
    ("/queries", "OPTIONS, GET, HEAD, POST"),
    ("/queries/{name}", "OPTIONS, GET, HEAD, DELETE"),
    ("/queries/{name}/events", "OPTIONS, GET, HEAD"),
    ("/queries/{name}/subscriptions", "OPTIONS, GET, HEAD, POST"),
    ("/queries/{name}/subscriptions/{subscription_id}", "OPTIONS, GET, HEAD, DELETE"),
):

    def _discover(allow: str = _allow) -> Any:
        async def told() -> Response:
            return discovery(allow)

        return told

    router.add_api_route(_path_text, _discover(), methods=["OPTIONS"], include_in_schema=False)


def _check(request: Request) -> None:
    check_versions(request)
    negotiated(request, Media.JSON)
    for name in without(parameters.given(request)):
        raise refused(name, "is not a parameter of this path")


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and "/" not in name


def _definition(row: NamedQuery) -> str:
    return f'{{"name":{orjson.dumps(row.name).decode()},"query":{row.query}}}'


def _path(name: str) -> str:
    return f"/queries/{quote(name, safe='')}"


def _plain(body: LexicalObject) -> Mapping[str, Any]:
    """The body with its numbers as text, which no member of a subscription is but a schedule's."""
    found: Mapping[str, Any] = orjson.loads(canonical(body))
    return found


def _told(row: Subscription) -> dict[str, Any]:
    when = (
        {"stream": True}
        if row.schedule is None
        else {"schedule": orjson.loads(row.schedule), "reportIfEmpty": row.report_if_empty}
    )
    at = row.last_notified_at
    notified = {} if at is None else {"lastNotifiedAt": clock.iso(at)}
    return {
        "subscriptionID": row.subscription_id,
        "queryName": row.query_name,
        "dest": row.target,
        "createdAt": clock.iso(row.created_at),
        "initialRecordTime": clock.iso(row.initial_record_time),
        "minRecordTime": clock.iso(row.last_run_at or row.initial_record_time),
        "epcFormat": row.epc_format,
        **notified,
        **when,
    }
