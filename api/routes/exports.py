"""Passports in other formats: EU JSON-LD, UNTP credentials with their status, and our DID."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.deps import Services, WithServices, WithSnapshot
from api.exports import linked, signed, status, untp, untp_events
from api.exports.linked import Operator
from api.passport.address import scanned
from api.passport.gather import Gathered, gather
from api.passport.story import story
from api.queries import rows
from api.queries.snapshot import Snapshot
from api.words import moment
from core.chain import keys
from core.crypto import to_hex
from core.db.chain_tables import Actor
from core.document.lexical import canonical, from_plain, parse
from core.errors import UnknownEntity

router = APIRouter(tags=["exports"])

Told = dict[str, Any]


@router.get("/.well-known/did.json")
async def did(services: WithServices) -> dict[str, Any]:
    """The key our credentials are signed with (did:web)."""
    return _issuer(services).document()


@router.get("/dpp/01/{rest:path}")
@router.get("/dpp/00/{rest:path}")
async def eu_passport(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """The EU digital product passport as JSON-LD."""
    gathered, told = await _told(request, services, snapshot, "/dpp")
    at = await rows.timestamps(snapshot, [gathered.product.last_block])
    operator = await _operator(snapshot, gathered)
    body = linked.passport(told, operator, at.get(gathered.product.last_block, 0))
    return Response(orjson.dumps(body), 200, {"cache-control": "no-cache"}, linked.MEDIA)


@router.get("/credentials/status/{number}")
async def status_list(
    number: int, request: Request, services: WithServices, snapshot: WithSnapshot
) -> Response:
    """Which products are recalled now, one bit for each (Bitstring Status List)."""
    issuer = _issuer(services)
    found = await status.credential(snapshot, number, issuer.did, services.settings.public_url)
    found["validFrom"] = moment(await snapshot.time() * 1000)
    return _answer(request, issuer.sign(orjson.dumps(found).decode()))


@router.get("/credentials/dpp/01/{rest:path}")
@router.get("/credentials/dpp/00/{rest:path}")
async def passport(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """A UNTP Digital Product Passport."""
    names = ("dpp", "DigitalProductPassport")
    return await _credential(
        request, services, snapshot, names, lambda _, t, o: untp.passport(t, o)
    )


@router.get("/credentials/dte/01/{rest:path}")
@router.get("/credentials/dte/00/{rest:path}")
async def events(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """UNTP Digital Traceability Events: the product's own, and those of all it came from."""
    names = ("dte", "DigitalTraceabilityEvent")
    return await _credential(request, services, snapshot, names, lambda g, *_: _events(g))


@router.get("/credentials/dcc/01/{rest:path}")
@router.get("/credentials/dcc/00/{rest:path}")
async def conformity(request: Request, services: WithServices, snapshot: WithSnapshot) -> Response:
    """A UNTP Digital Conformity Credential of what certifiers put on chain and stands."""
    names = ("dcc", "DigitalConformityCredential")
    return await _credential(request, services, snapshot, names, _conformity)


Subject = Callable[[Gathered, Told, dict[str, Any] | None], Any]


async def _credential(
    request: Request,
    services: Services,
    snapshot: Snapshot,
    names: tuple[str, str],
    subject: Subject,
) -> Response:
    public, prefix = services.settings.public_url, f"/credentials/{names[0]}"
    gathered, told = await _told(request, services, snapshot, prefix)
    at = await rows.timestamps(snapshot, [gathered.product.last_block])
    operator = await _operator(snapshot, gathered)
    party = untp.party(operator.name, operator.gln) if operator else None
    issuer = _issuer(services)
    credential = untp.envelope(
        *names,
        untp.issuer(issuer.did, public),
        id=f"{public}{request.url.path}?head={to_hex(gathered.product.head)}",
        valid_from=moment(at.get(gathered.product.last_block, 0) * 1000),
        status=await status.entry(snapshot, gathered.product, public),
        subject=subject(gathered, told, party),
    )
    return _answer(request, issuer.sign(canonical(_lexical(credential))))


def _lexical(value: Any) -> Any:
    """Plain JSON with numbers as text, those that are text already among them."""
    if isinstance(value, dict):
        return {name: _lexical(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_lexical(item) for item in value]
    return from_plain(value) if isinstance(value, int | float) else value


def _events(gathered: Gathered) -> list[Any]:
    found: dict[bytes, Any] = {}
    for entry in gathered.events:
        document = gathered.documents.get(entry.data_hash)
        raw = parse(document.event_json) if document and document.event_json else None
        if isinstance(raw, dict) and raw.get("type"):
            told = untp_events.event(raw, to_hex(entry.data_hash), entry.occurred_at)
            found.setdefault(entry.data_hash, told)
    return list(found.values())


def _conformity(_: Gathered, told: Told, party: dict[str, Any] | None) -> Any:
    subject = untp.attestation(told, party)
    if not subject["assessment"]:
        raise UnknownEntity(
            "no certificate of this product stands on chain",
            hint="A certifier issues one in CertificateRegistry; the passport shows it.",
        )
    return subject


async def _told(
    request: Request, services: Services, snapshot: Snapshot, prefix: str
) -> tuple[Gathered, Told]:
    uri = scanned(request, prefix=prefix).uri
    gathered = await gather(snapshot, uri)
    if gathered is None:
        raise UnknownEntity(f"Nothing was recorded for {uri} here.")
    return gathered, await run_in_threadpool(story, gathered, services.settings.public_url)


async def _operator(snapshot: Snapshot, gathered: Gathered) -> Operator | None:
    """The custodian, if the registrar vouches for it today and knows its GLN."""
    mine = select(Actor).where(
        Actor.address == gathered.product.custodian, col(Actor.revoked_block).is_(None)
    )
    row = await snapshot.first(mine)
    gln = row.identifier.rsplit("/417/", 1)[-1] if row and "/417/" in row.identifier else ""
    if row is None or len(gln) != 13 or not gln.isdecimal():
        return None
    return Operator(row.name, gln, row.role)


def _issuer(services: Services) -> signed.Issuer:
    return signed.Issuer(services.settings.public_url, keys.issuer(services.settings))


def _answer(request: Request, token: str) -> Response:
    headers = {"cache-control": "no-cache", "vary": "accept"}
    if signed.JWT in request.headers.get("accept", ""):
        return Response(token, 200, headers, signed.JWT)
    return Response(orjson.dumps(signed.enveloped(token)), 200, headers, "application/vc+ld+json")
