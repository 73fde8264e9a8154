"""Digital Link paths: passport, data, linkset, QR code and proof of one product."""

import hashlib
import io
from typing import Annotated, Any

import orjson
import segno
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api import links
from api.answers import json_response
from api.deps import Services, WithServices, WithSnapshot
from api.errors import problem, status_of
from api.passport import linkset as links_of
from api.passport import page
from api.passport.address import QR_SUFFIX, Scanned, scanned
from api.passport.gather import gather
from api.passport.negotiate import Form, negotiate
from api.passport.story import story
from api.queries import lists
from api.queries.page import Page, slice_of
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.security import passport_policy
from core.chain.deployments import to_json
from core.crypto import keccak256
from core.errors import SmartRetailError, UnknownEntity

router = APIRouter(tags=["passport"])

LinkType = Annotated[
    str | None, Query(alias="linkType", description="`all`, or e.g. `gs1:traceability`.")
]
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


@router.get("/01/{rest:path}")
@router.get("/00/{rest:path}")
async def digital_link(
    request: Request, services: WithServices, snapshot: WithSnapshot, link_type: LinkType = None
) -> Response:
    """A product by its GS1 Digital Link: a page, data (`application/json`) or a linkset."""
    if request.url.path.endswith(QR_SUFFIX):
        return await _qr(request, services)
    form = negotiate(request.headers.get("accept"), link_type)
    try:
        return await _answer(request, services, snapshot, form, link_type)
    except SmartRetailError as error:
        return _refusal(error, form, services)


async def _answer(
    request: Request,
    services: Services,
    snapshot: Snapshot,
    form: Form,
    link_type: str | None,
) -> Response:
    found = scanned(request)
    if found.is_class:
        return await _lots(services, snapshot, found, form)
    gathered = await gather(snapshot, found.uri)
    if gathered is None:
        raise UnknownEntity(_NOT_RECORDED.format(found.uri), hint=_NOT_RECORDED_HINT)
    told = await run_in_threadpool(story, gathered, services.settings.public_url)
    listed = links_of.linkset(found.uri, told["links"])
    if link_type and form is not Form.LINKSET:
        return _redirect(listed, link_type)
    headers = {"vary": "accept", "link": f'<{told["links"]["proof"]}>; rel="describedby"'}
    match form:
        case Form.LINKSET:
            return _cached(request, orjson.dumps(listed), form, headers)
        case Form.JSON:
            body = orjson.dumps(told | {"meta": gathered.meta.json()})
            return _cached(request, body, form, headers)
        case Form.HTML:
            html = await run_in_threadpool(page.passport, told, services.settings, told["links"])
            return _cached(request, html.encode(), form, headers | _policy(services))


async def _lots(services: Services, snapshot: Snapshot, found: Scanned, form: Form) -> Response:
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
        html = page.lots(found.link.value, products)
        return Response(html, 200, {"vary": "accept"} | _policy(services), "text/html")
    return json_response({"gtin": found.link.value, "products": products}, await snapshot.meta())


async def _qr(request: Request, services: Services) -> Response:
    """The passport's address as a QR code, error correction M (ISO/IEC 18004)."""
    uri = scanned(request, suffix=QR_SUFFIX).uri
    code = segno.make(links.passport(services.settings.public_url, uri), error="m", micro=False)
    svg = io.BytesIO()
    code.save(svg, kind="svg", scale=4, border=4, light="#fff", title=f"Passport of {uri}")
    return _cached(request, svg.getvalue(), "image/svg+xml", {})


def _redirect(listed: dict[str, Any], link_type: str) -> Response:
    target = links_of.target(listed, link_type)
    if target is None:
        known = ", ".join(links_of.link_types(listed))
        raise UnknownEntity(
            f"there is no link of type {link_type}", pointer="linkType", hint=f"Known: {known}."
        )
    return RedirectResponse(target, 307)


def _refusal(error: SmartRetailError, form: Form, services: Services) -> Response:
    """People get a page that explains, programs a problem; the status is the same."""
    status = status_of(error)
    if form is not Form.HTML:
        body = orjson.dumps(problem(error))
        return Response(body, status, {"vary": "accept"}, "application/problem+json")
    title = {404: "No passport yet", 503: "Not available right now"}.get(status, "Not a valid code")
    html = page.missing(title, error.message, error.hint)
    return Response(html, status, {"vary": "accept"} | _policy(services), "text/html")


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
