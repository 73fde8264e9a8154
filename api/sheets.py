"""Tables for people with a spreadsheet: CSV as RFC 4180, safe to open."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

MEDIA: Final = "text/csv; charset=utf-8; header=present"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table in UTF-8 with a byte order mark, which Excel needs to see that it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """Strangers wrote the cells: what a spreadsheet would run as a formula is kept from it.

    A negative number is one, and stays one.
    """
    if not cell.startswith(_FORMULA) or cell[1:].replace(".", "", 1).isdecimal():
        return cell
    return "'" + cell


def attachment(name: str) -> dict[str, str]:
    """Headers of a download; only plain characters of the name are kept."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in name)
    return {"content-disposition": f'attachment; filename="{plain}"', "cache-control": "no-store"}
