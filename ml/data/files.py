"""Series from CSV files: every value exact, every fault named by its row."""

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Final

from core.errors import Issue, Malformed
from ml.data.series import Frequency, Observed, Series, build, find_issues

RETAIL: Final = Path(__file__).parent / "retail" / "us_retail_sales.csv"
_HEADER: Final = ["ds", "y"]
_NUMBER: Final = re.compile(r"(?P<whole>-?\d{1,20})(\.(?P<fraction>\d{1,20}))?", re.ASCII)
_FIRST_ROW: Final = 2  # as editors count: the header is row 1


def read_csv(
    path: Path,
    *,
    name: str,
    unit: str,
    frequency: Frequency = Frequency.MONTHLY,
    decimals: int = 0,
    source: str = "",
) -> Series:
    """The series of a `ds,y` file; `y` is kept as `y * 10**decimals`, exactly.

    Raises:
        Malformed: not UTF-8 CSV with that header, or a row that is no date, no plain number, or
            finer than `decimals`; gaps, duplicates, disorder. `issues` names each row.
    """
    rows, issues = parse(_text(path), decimals)
    issues = issues or list(find_issues(frequency, rows, _FIRST_ROW))
    if issues:
        raise Malformed(f"{path.name}: {issues[0].message}", issues=issues)
    return build(name, unit, frequency, source or path.name, rows)


def retail() -> Series:
    """US retail sales, monthly, in millions of dollars (ml/data/retail/SOURCES.md)."""
    return read_csv(
        RETAIL,
        name="us-retail-sales",
        unit="USD million",
        source="facebook/prophet examples/example_retail_sales.csv (MIT)",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise Malformed(f"no such file: {path}") from error
    except UnicodeDecodeError as error:
        raise Malformed(f"{path.name} is not UTF-8 text") from error


def parse(text: str, decimals: int = 0) -> tuple[list[Observed], list[Issue]]:
    """The readable rows of a `ds,y` file, and one issue for each row that is not."""
    rows: list[Observed] = []
    issues: list[Issue] = []
    try:
        header, *body = csv.reader(io.StringIO(text), strict=True)
    except (csv.Error, ValueError) as error:
        return rows, [Issue("csv.syntax", "row 1", f"not CSV: {error}", "Give rows of `ds,y`.")]
    if header != _HEADER:
        return rows, [Issue("csv.header", "row 1", f"header is {header}", "Start with `ds,y`.")]
    for number, cells in enumerate(body, _FIRST_ROW):
        row = _row(cells, f"row {number}", decimals)
        if isinstance(row, Issue):
            issues.append(row)
        else:
            rows.append(row)
    return rows, issues


def _row(cells: list[str], pointer: str, decimals: int) -> Observed | Issue:
    if len(cells) != len(_HEADER):
        return Issue("csv.row", pointer, f"{pointer}: {len(cells)} cells", "Give `ds,y`.")
    period = _date(cells[0])
    if period is None:
        return Issue("csv.date", pointer, f"{pointer}: {cells[0]!r} is no date", "Use YYYY-MM-DD.")
    value = _scaled(cells[1], decimals)
    if value is None:
        message = f"{pointer}: {cells[1]!r} is no number with at most {decimals} decimals"
        return Issue("csv.value", pointer, message, "Give plain decimal numbers.")
    return Observed(period, value)


def _date(text: str) -> date | None:
    try:
        period = date.fromisoformat(text)
    except ValueError:
        return None
    return period if period.isoformat() == text else None


def _scaled(text: str, decimals: int) -> int | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    fraction = match["fraction"] or ""
    if fraction[decimals:].strip("0"):
        return None
    return int(match["whole"] + fraction[:decimals].ljust(decimals, "0"))
