"""REST for capturing: `POST /capture`, signatures, and the way to final as SSE."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from api.answers import answer
from api.capture.intake import bounded
from api.capture.job_routes import job_answer, take_job
from api.capture.keys import WANTED, wanted_key
from api.capture.mapping_routes import of_table
from api.capture.rulebook import asked_by
from api.capture.service import CaptureService
from api.deps import WithServices
from api.epcis.openapi import RULE_PARAMETERS
from api.errors import issue_members
from core.crypto import to_address, to_hash
from core.errors import BadInput, Issue, Retryable

router = APIRouter(tags=["capture"])

_DONE: Final = ("final", "failed")
_LOOK_EVERY_S: Final = 0.2
_HEARTBEAT_LOOKS: Final = 50

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="Repeats give the same captures."),
]


class Signatures(BaseModel):
    """65-byte signatures over the typed data, as 0x-hex; a handover needs both, in any order."""

    model_config = ConfigDict(extra="forbid")

    signature: str | None = None
    counterSignature: str | None = None


class RecallRequest(BaseModel):
    """Who recalls what, and why: a notice, or the SHA-256 of one that is on IPFS."""

    model_config = ConfigDict(extra="forbid")

    actor: str
    product: str = Field(description="Digital Link or EPC URN.")
    level: int = Field(strict=True, ge=1, le=3, description="1 is the most serious.")
    notice: dict[str, Any] | None = None
    noticeHash: str | None = None


@router.post(
    "/capture",
    openapi_extra={
        "parameters": RULE_PARAMETERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/xml": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        },
    },
)
async def capture(
    request: Request,
    services: WithServices,
    actor: Annotated[str | None, Query(description="Address of who signs.")] = None,
    counterparty: Annotated[str | None, Query(description="Receiver of a handover.")] = None,
    product: Annotated[str | None, Query(description="Hand over only this product.")] = None,
    actor_header: Annotated[str | None, Header(alias="X-Actor")] = None,
    key: Key = None,
) -> Response:
    """An EPCIS document or single event, JSON or XML: validated, stored, prepared for signing.

    JSON is EPCIS 2.0, XML 1.2 or 2.0. The documents go to IPFS.

    Answers one entry per event (per product for a handover) with a sentence that says what is
    signed, EIP-712 typed data and a deadline. Nothing is on chain yet.

    With no actor it is EPCIS 2.0's capture interface: 202 and a job, recorded under this service's
    own key.
    """
    who = actor or actor_header
    if who is None:
        return await take_job(request, services)
    if wanted_key(request) is not None:
        hint = "Leave it out: a document for signing is refused as a whole."
        raise BadInput("only capture jobs have a quarantine", pointer=WANTED, hint=hint)
    warnings: list[Issue] = []
    asked = asked_by(request, services.settings.api)
    asked = await of_table(request, services, asked)
    body = await bounded(request, services.settings.api.max_body_bytes)
    found = await _captures(services).capture(
        body,
        asked=asked,
        warnings=warnings,
        actor=to_address(who, pointer="actor"),
        counterparty=to_address(counterparty, pointer="counterparty") if counterparty else None,
        product=product,
        key=key,
    )
    told = {"warnings": list(map(issue_members, warnings))} if warnings else {}
    return await answer(services, {"events": found} | told, status=201)


@router.post("/recall")
async def recall(body: RecallRequest, services: WithServices, key: Key = None) -> Response:
    """Prepares a recall: by who holds the product, or by a registered regulator."""
    found = await _captures(services).recall(
        actor=to_address(body.actor, pointer="/actor"),
        product=body.product,
        level=body.level,
        notice=body.notice,
        notice_hash=to_hash(body.noticeHash, pointer="/noticeHash") if body.noticeHash else None,
        key=key,
    )
    return await answer(services, found, status=201)


@router.post("/capture/{capture_id}/signature")
async def sign(capture_id: str, body: Signatures, services: WithServices) -> Response:
    """Takes signatures; once all are there and the chain would accept them, relays the event."""
    found = await _captures(services).submit(capture_id, body.signature, body.counterSignature)
    return await answer(services, found)


@router.get("/capture/{capture_id}")
async def look(request: Request, capture_id: str, services: WithServices) -> Response:
    """How far a capture has come: captured, signed, recorded (mined), final, or failed.

    Or a capture job with its errors, if the id is one's.
    """
    if job := await services.jobs.get(capture_id):
        return await job_answer(request, services, job)
    return await answer(services, await _captures(services).look(capture_id))


@router.get("/capture/{capture_id}/events")
async def follow(capture_id: str, services: WithServices) -> Response:
    """The same as server-sent events, one each time its state changes, until it is final."""
    captures = _captures(services)
    first = await captures.look(capture_id)
    return StreamingResponse(
        _changes(captures, capture_id, first),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _changes(
    captures: CaptureService, capture_id: str, now: dict[str, Any]
) -> AsyncIterator[bytes]:
    sent: tuple[Any, ...] = ()
    looks = 0
    while True:
        place = (now["state"], now["transactionHash"], now["blockNumber"])
        if place != sent:
            sent = place
            yield b"event: state\ndata: " + orjson.dumps(now) + b"\n\n"
        if now["state"] in _DONE:
            return
        looks += 1
        if looks % _HEARTBEAT_LOOKS == 0:
            yield b": still here\n\n"
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            now = await captures.look(capture_id)
        except Retryable:
            continue  # the stream outlives a database that restarts


def _captures(services: WithServices) -> CaptureService:
    return services.captures
