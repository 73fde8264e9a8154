"""Rows of the spreadsheet, and what is missing in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from api.fsma.columns import COLUMNS, Cte, Kde
from api.fsma.records import Portion
from core.epcis import identifiers
from core.errors import SmartRetailError

MISSING: Final = "MISSING"


@dataclass(frozen=True, slots=True)
class Stay:
    """A lot was in a logistic unit for a while (Unix milliseconds)."""

    unit: str
    portion: Portion
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Row:
    """One critical tracking event of one lot."""

    cte: Cte
    cells: Mapping[str, str]

    @property
    def missing(self) -> list[Kde]:
        """Required elements that no record holds."""
        return [kde for kde in COLUMNS[self.cte] if kde.required and not self.cells.get(kde.title)]

    def values(self) -> list[str]:
        """One cell for each column of its event."""
        return [
            self.cells.get(kde.title) or (MISSING if kde.required else "")
            for kde in COLUMNS[self.cte]
        ]


def lot_code(uri: str) -> str:
    """GTIN and lot as printed under a barcode: what GS1 US calls the traceability lot code."""
    try:
        link = identifiers.parse(uri)
    except SmartRetailError:
        return uri
    parts = [f"({link.key}){link.value}"]
    parts += [f"({ai}){value}" for ai in ("10", "21") if (value := link.qualifier(ai))]
    return "".join(parts)


def missing(rows: Iterable[Row]) -> Iterator[tuple[int, Row, Kde]]:
    """Each missing element with the number of its row within its event's sheet, from 1."""
    counts: dict[Cte, int] = {}
    for row in rows:
        counts[row.cte] = counts.get(row.cte, 0) + 1
        for kde in row.missing:
            yield counts[row.cte], row, kde
