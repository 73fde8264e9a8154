"""The spreadsheet as a file: a sheet for each critical tracking event, or one long table."""

import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from api import sheets
from api.fsma.columns import COLUMNS, LOCATION_COLUMNS, TLC, Cte
from api.fsma.rows import MISSING, Row, missing
from api.fsma.sheet import Sheet

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FINDINGS: Final = ("Sheet", "Row", TLC, "Missing key data element", "Asked for by")
_WIDTH: Final = 24


def xlsx(sheet: Sheet) -> bytes:
    """A workbook, written row by row in constant memory; every cell is text or a number."""
    rows, out = sheet.rows(), io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDE7F0"})
        gap = book.add_format({"bg_color": "#F8D7DA"})
        for cte in Cte:
            titles = [kde.title for kde in COLUMNS[cte]]
            _fill(book, cte.value, titles, [r.values() for r in rows if r.cte is cte], head, gap)
        titles = [kde.title for kde in LOCATION_COLUMNS]
        _fill(book, "Locations", titles, locations(sheet), head, gap)
        _fill(book, "Missing", _FINDINGS, findings(rows), head, gap)
    return out.getvalue()


def csv(sheet: Sheet) -> bytes:
    """All events in one table; a column that an event does not ask for stays empty."""
    titles = list(dict.fromkeys(kde.title for cte in Cte for kde in COLUMNS[cte]))
    table = [_long(row, titles) for row in sheet.rows()]
    return sheets.csv_text(("Critical tracking event", *titles), table)


def locations(sheet: Sheet) -> list[list[str]]:
    """What is known of each location the rows name; phone and address are in no event."""
    return [[gln, sheet.names.get(gln, MISSING), MISSING, MISSING] for gln in sheet.glns]


def findings(rows: Sequence[Row]) -> list[list[str]]:
    """Each required element that no record holds; row 1 of a sheet is its heading."""
    return [
        [row.cte.value, str(number + 1), row.cells.get(TLC, ""), kde.title, kde.clause]
        for number, row, kde in missing(rows)
    ]


def _long(row: Row, titles: Sequence[str]) -> list[str]:
    told = dict(zip((kde.title for kde in COLUMNS[row.cte]), row.values(), strict=True))
    return [row.cte.value, *(told.get(title, "") for title in titles)]


def _fill(
    book: Any, name: str, titles: Sequence[str], rows: Sequence[Sequence[str]], head: Any, gap: Any
) -> None:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.set_column(0, len(titles) - 1, _WIDTH)
    page.autofilter(0, 0, len(rows), len(titles) - 1)
    page.write_row(0, 0, titles, head)
    for number, row in enumerate(rows, start=1):
        for position, cell in enumerate(row):
            if cell == MISSING:
                page.write_string(number, position, cell, gap)
            elif _is_number(cell):
                page.write_number(number, position, float(cell))
            else:
                page.write_string(number, position, cell)


def _is_number(cell: str) -> bool:
    """Digits that a spreadsheet's float gives back unchanged; a GLN or lot code stays text."""
    digits = cell.replace(".", "", 1)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 10:
        return False
    value = float(cell)
    return cell in (str(value), str(int(value)))
