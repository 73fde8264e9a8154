"""Downloads of the FSMA 204 spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import sheets
from api.deps import WithSnapshot
from api.fsma import workbook
from api.fsma.gather import lots_between, sheet_of
from api.fsma.sheet import Sheet
from api.queries.snapshot import Snapshot
from core.epcis import identifiers
from core.errors import BadInput, UnknownEntity

router = APIRouter(tags=["fsma204"])

Lots = Annotated[list[str] | None, Query(alias="lot", description="A lot in any spelling.")]
Gtin = Annotated[str | None, Query(pattern=r"^\d{14}$", description="With first and last.")]
Code = Annotated[str | None, Query(max_length=20, description="A lot code of the range.")]


@router.get("/fsma204.xlsx", response_class=Response)
async def spreadsheet(
    snapshot: WithSnapshot,
    lot: Lots = None,
    gtin: Gtin = None,
    first: Code = None,
    last: Code = None,
) -> Response:
    """The electronic sortable spreadsheet: a sheet per tracking event, and what is missing."""
    sheet = await _sheet(snapshot, lot, gtin, first, last)
    body = await run_in_threadpool(workbook.xlsx, sheet)
    return Response(body, 200, sheets.attachment("fsma204.xlsx"), workbook.XLSX)


@router.get("/fsma204.csv", response_class=Response)
async def table(
    snapshot: WithSnapshot,
    lot: Lots = None,
    gtin: Gtin = None,
    first: Code = None,
    last: Code = None,
) -> Response:
    """The same rows in one table."""
    sheet = await _sheet(snapshot, lot, gtin, first, last)
    body = await run_in_threadpool(workbook.csv, sheet)
    return Response(body, 200, sheets.attachment("fsma204.csv"), sheets.MEDIA)


async def _sheet(
    snapshot: Snapshot,
    lot: list[str] | None,
    gtin: str | None,
    first: str | None,
    last: str | None,
) -> Sheet:
    lots = [str(identifiers.product_uri(text)) for text in lot or ()]
    if gtin is not None and first is not None and last is not None:
        lots += await lots_between(snapshot, gtin, first, last)
        if not lots:
            raise UnknownEntity("no lot of this range was recorded", pointer="first")
    if not lots:
        raise BadInput(
            "no lot is named", pointer="lot", hint="Give lot, or gtin with first and last."
        )
    return await sheet_of(snapshot, lots)
