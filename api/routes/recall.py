"""The scope of a recall as data and as a table: what is affected, who holds it, its passport."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import links, sheets, words
from api.answers import json_response
from api.deps import WithServices, WithSnapshot
from api.graphql.entry import utc_text
from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import Amount, Cut
from api.queries.tracing.scope import Affected, scope
from core.crypto import keccak256, to_hex
from core.epcis import identifiers

router = APIRouter(tags=["trace"])

ProductLink = Annotated[
    str, Query(alias="product", description="The contaminated lot, item or unit, in any spelling.")
]
RecordTime = Annotated[
    int | None, Query(alias="recordTime", ge=0, description="As of then, Unix milliseconds.")
]

_COLUMNS: Final = (
    "product", "what", "affected", "steps", "confirmed", "recall level", "holder", "holder id",
    "holder address", "amounts", "since", "passport", "document",
)  # fmt: skip


@router.get("/recall")
async def recall(
    product: ProductLink,
    services: WithServices,
    snapshot: WithSnapshot,
    record_time: RecordTime = None,
) -> Response:
    """All that a contaminated product reached, nearest first; whole, or an error."""
    uri = identifiers.product_uri(product)
    cut = await _cut(snapshot, record_time)
    found = await scope(snapshot, keccak256(uri.encode()), cut, uri)
    public = services.settings.public_url
    body = {"product": uri, "affected": [_json(one, public) for one in found.affected]}
    return json_response(body, await snapshot.meta(), cache_control="no-store")


@router.get("/recall.csv", response_class=Response)
async def recall_csv(
    product: ProductLink,
    services: WithServices,
    snapshot: WithSnapshot,
    record_time: RecordTime = None,
) -> Response:
    """The same as a table."""
    uri = identifiers.product_uri(product)
    cut = await _cut(snapshot, record_time)
    found = await scope(snapshot, keccak256(uri.encode()), cut, uri)
    public = services.settings.public_url
    table = [_row(_json(one, public)) for one in found.affected]
    name = f"recall-{uri.rsplit('/', 1)[-1]}.csv"
    return Response(sheets.csv_text(_COLUMNS, table), 200, sheets.attachment(name), sheets.MEDIA)


async def _cut(snapshot: Snapshot, record_time: int | None) -> Cut:
    if record_time is None:
        return Cut()
    return Cut(block=await read.block_at(snapshot, record_time // 1000))


def _json(one: Affected, public: str) -> dict[str, Any]:
    address = one.product.custodian if one.product else None
    first = one.via[0] if one.via else None
    return {
        "product": one.uri,
        "what": words.thing(one.uri) if one.uri else "",
        "affected": "contaminated" if one.is_contaminated else "carried it",
        "steps": one.visited.depth,
        "confirmed": one.is_confirmed,
        "recallLevel": one.product.recall_level if one.product else 0,
        "holder": {
            "name": one.holder.name if one.holder else None,
            "identifier": one.holder.identifier if one.holder else None,
            "address": to_hex(address) if address else None,
        },
        "amounts": [_amount(amount) for link in one.via for amount in link.made or link.used],
        "since": utc_text(first.since) if first else None,
        "passport": links.passport(public, one.uri) if one.uri and one.product else None,
        "document": to_hex(first.data_hash) if first else None,
    }


def _row(told: dict[str, Any]) -> list[str]:
    holder = told["holder"]
    amounts = "; ".join(f"{one['quantity']} {one['uom'] or 'pieces'}" for one in told["amounts"])
    cells = (
        told["product"], told["what"], told["affected"], told["steps"],
        "yes" if told["confirmed"] else "no", told["recallLevel"] or "", holder["name"],
        holder["identifier"], holder["address"], amounts, told["since"], told["passport"],
        told["document"],
    )  # fmt: skip
    return ["" if cell is None else str(cell) for cell in cells]


def _amount(amount: Amount) -> dict[str, str | None]:
    return {"quantity": amount.quantity, "uom": amount.uom}
