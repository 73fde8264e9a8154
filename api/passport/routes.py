"""Digital Link paths: passport, data, links, symbols and proof of one product."""

import hashlib
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api import links
from api.answers import json_response
from api.deps import Services, WithServices, WithSnapshot
from api.errors import problem, status_of
from api.passport import linkset, page, symbols
from api.passport.address import Scanned, scanned
from api.passport.gather import gather
from api.passport.negotiate import Form, negotiate
from api.passport.story import story
from api.queries import lists
from api.queries.page import Page, slice_of
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.resolver.choose import Wish, choose
from api.resolver.links import Target
from api.security import passport_policy
from api.words import thing
from core.chain.deployments import to_json
from core.crypto import keccak256
from core.errors import SmartRetailError, UnknownEntity

router = APIRouter(tags=["passport"])

LinkType = Annotated[
    str | None, Query(alias="linkType", description="`linkset`, or e.g. `gs1:traceability`.")
]
Context = Annotated[
    str | None, Query(max_length=100, description="Which of several links, e.g. a country.")
]
Asked = Annotated[
    str | None,
    Query(max_length=200, description="Rest of the Digital Link that led here, `/10/…`."),
]
_VARY: Final = {"vary": "accept, accept-language"}
_CONTEXT: Final = (
    "<https://ref.gs1.org/standards/resolver/linkset-context>; "
    'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
)
_NOT_RECORDED = "Nothing was recorded for {} here."
_NOT_RECORDED_HINT = (
    "Check the code on the pack. A product has a passport once its first event is in a block; "
    "that nothing is known says neither that it is genuine nor that it is not."
)


@router.get("/deployment")
async def deployment(services: WithServices) -> dict[str, Any]:
    """The contracts this site trusts and the RPC endpoint it names; compare them elsewhere."""
    return to_json(services.deployment) | {"rpcUrl": services.settings.public_rpc_url}


@router.get("/proof/01/{rest:path}")
@router.get("/proof/00/{rest:path}")
async def proof(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """The proof bundle: one JSON file that `sr360 verify` or a browser checks without us."""
    found = scanned(request, prefix="/proof")
    if await product_by_id(snapshot, keccak256(found.uri.encode())) is None:
        raise UnknownEntity(_NOT_RECORDED.format(found.uri), hint=_NOT_RECORDED_HINT)
    bundle = await services.proofs.bundle(snapshot, found.uri)
    meta = (await snapshot.meta()).json()
    headers = {"x-sr360-meta": orjson.dumps(meta).decode()}  # the file itself is not ours to alter
    return _cached(request, bundle, "application/json", headers)


@router.get("/passport/01/{rest:path}")
@router.get("/passport/00/{rest:path}")
async def passport(
    request: Request, services: WithServices, snapshot: WithSnapshot, asked: Asked = None
) -> Response:
    """A product's passport: a page, or with `Accept: application/json` its data."""
    form = negotiate(request.headers.get("accept"), None)
    form = Form.JSON if form is Form.LINKSET else form
    try:
        return await _passport(request, services, snapshot, form, "/passport", asked)
    except SmartRetailError as error:
        return _refusal(error, form, services)


@router.get("/01/{rest:path}")
@router.get("/00/{rest:path}")
async def digital_link(
    request: Request,
    services: WithServices,
    snapshot: WithSnapshot,
    link_type: LinkType = None,
    context: Context = None,
) -> Response:
    """A GS1 Digital Link: the way to its default link, data, links, or a symbol.

    Source: GS1-conformant resolver standard 1.2. Data is what `Accept: application/json` asks for.
    """
    if (suffix := symbols.suffix_of(request.url.path)) is not None:
        return await _symbol(request, services, suffix)
    form = negotiate(request.headers.get("accept"), link_type)
    try:
        if link_type is not None or form is Form.LINKSET:
            return await _links(request, services, snapshot, form, link_type, context)
        if form is Form.JSON:
            return await _passport(request, services, snapshot, form)
        return await _default(request, services, snapshot, form)
    except SmartRetailError as error:
        return _refusal(error, form, services)


async def _links(
    request: Request,
    services: Services,
    snapshot: Snapshot,
    form: Form,
    link_type: str | None,
    context: str | None,
) -> Response:
    """The linkset, or the way to one of its links; what an item lacks, its lot or class gives."""
    found = scanned(request)
    public = services.settings.public_url
    known = await linkset.levels(snapshot, found.link, services.links, public)
    if not known:
        raise UnknownEntity(_NOT_RECORDED.format(found.uri), hint=_NOT_RECORDED_HINT)
    if form is Form.LINKSET or link_type is None:
        body = orjson.dumps(linkset.document(known, public))
        return _cached(request, body, Form.LINKSET, _VARY | {"link": _CONTEXT})
    headers = request.headers
    wish = Wish(link_type, context, headers.get("accept-language"), headers.get("accept"))
    if (target := choose(known, wish)) is None:
        types = ", ".join(linkset.link_types(known))
        raise UnknownEntity(
            f"there is no link of type {link_type}", pointer="linkType", hint=f"Known: {types}."
        )
    return _redirect(request, target, found, public)


async def _default(
    request: Request, services: Services, snapshot: Snapshot, form: Form, prefix: str = ""
) -> Response:
    """The way to the default link, with whatever else was in the query string.

    A person with a lot or an item that nobody recorded is led to the recorded ones of its GTIN,
    where that is said; a program is told at once.
    """
    found = scanned(request, prefix=prefix)
    public, headers = services.settings.public_url, request.headers
    known = await linkset.levels(snapshot, found.link, services.links, public)
    wish = Wish("gs1:defaultLink", None, headers.get("accept-language"), headers.get("accept"))
    target = linkset.default(known, found.link, services.links, wish)
    if target is None and form is Form.HTML:
        target = await linkset.class_page(snapshot, found.link, public)
    if target is None:
        hint = _NOT_RECORDED_HINT
        if known:
            hint += f" What is known is about {known[0].anchor}, not about what was asked for."
        raise UnknownEntity(_NOT_RECORDED.format(found.uri), hint=hint)
    return _redirect(request, target, found, public)


def _redirect(request: Request, target: Target, found: Scanned, public_url: str) -> Response:
    headers = _VARY | {"link": _linkset_link(links.passport(public_url, found.uri))}
    return RedirectResponse(target.followed(request.url.query), 307, headers)


def _linkset_link(address: str) -> str:
    return f'<{address}?linkType=linkset>; rel="linkset"; type="{Form.LINKSET}"'


async def _passport(
    request: Request,
    services: Services,
    snapshot: Snapshot,
    form: Form,
    prefix: str = "",
    asked: str | None = None,
) -> Response:
    found = scanned(request, prefix=prefix)
    if found.is_class:
        return await _lots(services, snapshot, found, form, asked)
    gathered = await gather(snapshot, found.uri)
    if gathered is None:
        return await _default(request, services, snapshot, form, prefix)
    told = await run_in_threadpool(story, gathered, services.settings.public_url)
    proof, all_links = told["links"]["proof"], _linkset_link(told["links"]["self"])
    headers = _VARY | {"link": f'<{proof}>; rel="describedby", {all_links}'}
    if form is Form.JSON:
        body = orjson.dumps(told | {"meta": gathered.meta.json()})
        return _cached(request, body, form, headers)
    html = await run_in_threadpool(page.passport, told, services.settings, told["links"])
    return _cached(request, html.encode(), form, headers | _policy(services))


async def _lots(
    services: Services, snapshot: Snapshot, found: Scanned, form: Form, asked: str | None
) -> Response:
    statement = lists.products(custodian=None, recalled=None, gtin=found.link.value)
    listed = await slice_of(
        snapshot, statement, lists.PRODUCT_KEYS, Page(size=100, newest_first=True)
    )
    if not listed.rows:
        raise UnknownEntity(_NOT_RECORDED.format(found.uri), hint=_NOT_RECORDED_HINT)
    products = [
        {"uri": row.uri, "path": links.path(row.uri), "recallLevel": row.recall_level}
        for _, row in listed.rows
        if row.uri
    ]
    if form is Form.HTML:
        missing = await linkset.unrecorded(snapshot, found.link, asked)
        html = page.lots(found.link.value, products, missing and thing(missing))
        return Response(html, 200, _VARY | _policy(services), "text/html")
    return json_response({"gtin": found.link.value, "products": products}, await snapshot.meta())


async def _symbol(request: Request, services: Services, suffix: str) -> Response:
    found = scanned(request, suffix=suffix)
    address = links.passport(services.settings.public_url, found.uri)
    drawn = await run_in_threadpool(symbols.draw, suffix, found.link.canonical(), address)
    return _cached(request, drawn, symbols.SYMBOLS[suffix], {})


def _refusal(error: SmartRetailError, form: Form, services: Services) -> Response:
    """People get a page that explains, programs a problem; the status is the same."""
    status = status_of(error)
    if form is not Form.HTML:
        body = orjson.dumps(problem(error))
        return Response(body, status, _VARY, "application/problem+json")
    title = {404: "No passport yet", 503: "Not available right now"}.get(status, "Not a valid code")
    html = page.missing(title, error.message, error.hint)
    return Response(html, status, _VARY | _policy(services), "text/html")


def _policy(services: Services) -> dict[str, str]:
    policy = passport_policy(services.settings.public_rpc_url, page.STYLE_HASH)
    return {"content-security-policy": policy}


def _cached(request: Request, body: bytes, media: str, headers: dict[str, str]) -> Response:
    """With a strong ETag of the bytes; 304 for who has them already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = headers | {"etag": tag, "cache-control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media)
