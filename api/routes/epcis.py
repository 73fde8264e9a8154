"""EPCIS 2.0 `GET /events`, thin: recorded events as far as they are disclosed, oldest first."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from sqlmodel import col, select
from starlette.responses import Response

from api import links
from api.deps import WithServices, WithSnapshot
from api.queries.page import Page, decode, slice_of
from core.db.chain_tables import Document, DocumentProduct, Event
from core.epcis import identifiers
from core.types import RECALL_BASE

router = APIRouter(tags=["epcis"])

_KEYS: Final = ("first_block", "data_hash")
_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


@router.get("/events")
async def events(
    request: Request,
    services: WithServices,
    snapshot: WithSnapshot,
    match_any_epc: Annotated[str | None, Query(alias="MATCH_anyEPC")] = None,
    per_page: Annotated[int, Query(alias="perPage", ge=1, le=100)] = 30,
    next_page: Annotated[str | None, Query(alias="nextPageToken")] = None,
) -> Response:
    """An EPCISQueryDocument. Products go by any spelling, several joined by `|`."""
    statement = select(Document).where(
        Document.status == "ready",
        col(Document.event_json).is_not(None),
        col(Document.data_hash).in_(select(Event.data_hash).where(Event.kind < RECALL_BASE)),
    )
    if match_any_epc:
        uris = [identifiers.product_uri(text) for text in match_any_epc.split("|")]
        named = select(DocumentProduct.data_hash).where(col(DocumentProduct.uri).in_(uris))
        statement = statement.where(col(Document.data_hash).in_(named))
    cursor = decode(next_page, "nextPageToken") if next_page else None
    found = await slice_of(snapshot, statement, _KEYS, Page(per_page, cursor))
    texts = [row.event_json for _, row in found.rows if row.event_json]
    headers = {"gs1-epcis-version": "2.0.0"}
    if found.has_next:
        asked = {**request.query_params, "nextPageToken": found.rows[-1][0]}
        following = links.events_page(services.settings.public_url, asked)
        headers["link"] = f'<{following}>; rel="next"'
    meta = (await snapshot.meta()).json()
    return Response(_document(texts, meta), 200, headers, "application/json")


def _document(events: list[str], meta: dict[str, Any]) -> str:
    """Put together as text: parsing the events would round their numbers."""
    return (
        f'{{"@context":["{_CONTEXT}"],"type":"EPCISQueryDocument","schemaVersion":"2.0",'
        '"epcisBody":{"queryResults":{"queryName":"SimpleEventQuery","resultsBody":{"eventList":['
        f'{",".join(events)}]}}}}}},"meta":{orjson.dumps(meta).decode()}}}'
    )
