"""The FSMA 204 spreadsheet from GS1 US' own example events, one critical tracking event at a time.

given the seven example documents
├── each is recognised as what it is
├── each key data element its events hold stands in its column, in its author's spelling
├── each that they do not hold is MISSING, and listed with the paragraph that asks for it
├── a departure or arrival before initial packing is no tracking event of its own
└── a pallet stands for the lots that were on it at that moment, and for no others
given a file
├── the workbook has a sheet per event, with numbers as numbers and codes as text
└── the table says the same
"""

import csv
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.fsma import columns as c
from api.fsma import workbook
from api.fsma.columns import COLUMNS, Cte
from api.fsma.records import Portion, Record
from api.fsma.rows import MISSING, Row, Stay, missing
from api.fsma.sheet import Sheet
from core.document.event_time import event_time_ms
from core.document.lexical import parse

FOLDER = Path(__file__).parents[2] / "data/fsma204"
CASES = "https://id.gs1.org/01/10860009999920/10/ABC1234"
PALLET = "https://id.gs1.org/00/008600099999850000"
NAMES = {"0860009999992": "Greenleaf Packing"}


def records(name: str) -> list[Record]:
    document = parse((FOLDER / f"{name}-cte.jsonld").read_text())
    assert isinstance(document, dict)
    events = document["epcisBody"]["eventList"]  # type: ignore[index,call-overload]
    return [
        Record(b"%d" % number, event_time_ms(event["eventTime"]) or 0, event)
        for number, event in enumerate(events)
    ]


def rows(name: str, stays: tuple[Stay, ...] = ()) -> list[Row]:
    return Sheet(records(name), stays, NAMES).rows()


def test_harvesting() -> None:
    (row,) = rows("harvest")
    assert row.cte is Cte.HARVESTING
    assert row.cells == {
        c.TLC: "(01)00860009999923(10)ABC1234",
        c.RECIPIENT: "Greenleaf Packing (GLN 0860009999992)",
        c.COMMODITY: "",
        c.QUANTITY: "25000",
        c.UOM: "LBR",
        c.FARM: "GLN 0860009999060",
        c.FIELD: "GLN 0860009999060",
        c.HARVESTED: "2026-04-17",
        c.DOCUMENTS: "Production order HARVEST-2026-0417",
    }
    assert [kde.title for kde in row.missing] == [c.COMMODITY]


def test_cooling() -> None:
    (row,) = rows("cooling")
    assert row.cte is Cte.COOLING
    assert row.cells[c.RECIPIENT] == "Greenleaf Packing (GLN 0860009999992)"
    assert (row.cells[c.COOLED_AT], row.cells[c.COOLED]) == ("GLN 0860009999077", "2026-04-16")
    assert row.cells[c.FARM] == "GLN 0860009999060"
    assert row.cells[c.DOCUMENTS] == "Receiving advice 861-100037169"


def test_initial_packing() -> None:
    found = rows("initial-packing")
    assert [row.cte for row in found] == [Cte.HARVESTING, Cte.COOLING, Cte.INITIAL_PACKING]
    cells = found[-1].cells
    assert (cells[c.TLC], cells[c.QUANTITY], cells[c.UOM]) == (
        "(01)10860009999920(10)ABC1234", "500", "CS",
    )  # fmt: skip
    assert (cells[c.RECEIVED], cells[c.QUANTITY_RECEIVED]) == ("2026-04-17", "25000")
    assert (cells[c.HARVESTED], cells[c.COOLED], cells[c.DATE]) == (
        "2026-04-17", "2026-04-17", "2026-04-18",
    )  # fmt: skip
    assert cells[c.HARVESTER] == "GLN 0860009999060"
    assert cells[c.TLC_SOURCE] == "Greenleaf Packing (GLN 0860009999992)"
    assert [kde.title for kde in found[-1].missing] == [c.COMMODITY, c.PRODUCT]


def test_first_land_based_receiver() -> None:
    (row,) = rows("first-land-based-receiver")
    assert row.cte is Cte.FIRST_LAND_BASED_RECEIVER
    assert row.missing == []
    assert row.cells[c.SPECIES] == "SWORDFISH"
    assert row.cells[c.CATCH_DATES] == "2026-02-16 to 2026-02-18"
    assert row.cells[c.CATCH_ZONES] == "21.4R, 27.14.a"


ON_PALLET = (
    Stay(PALLET, Portion(CASES, "25", "CS"), 0, 2**62),
    Stay(PALLET, Portion(CASES.replace("ABC1234", "EARLIER")), 0, 1),
)


def test_shipping_a_pallet_is_shipping_what_is_on_it() -> None:
    shipped = [row for row in rows("shipping", ON_PALLET) if row.cte is Cte.SHIPPING]
    (row,) = shipped
    assert row.cells == {
        c.TLC: "(01)10860009999920(10)ABC1234",
        c.QUANTITY: "25",
        c.UOM: "CS",
        c.PRODUCT: "",
        c.RECIPIENT: "GLN 0860009998001",
        c.SOURCE: "Greenleaf Packing (GLN 0860009999992)",
        c.LOCATION: "Greenleaf Packing (GLN 0860009999992)",
        c.DATE: "2026-04-19",
        c.TLC_SOURCE: "Greenleaf Packing (GLN 0860009999992)",
        c.DOCUMENTS: "Despatch advice 856-100037169; Bill of lading 211-101037170",
    }
    assert [r for r in rows("shipping") if r.cte is Cte.SHIPPING] == []


def test_receiving() -> None:
    row = next(row for row in rows("receiving") if row.cte is Cte.RECEIVING)
    assert (row.cells[c.TLC], row.cells[c.QUANTITY]) == ("(01)10860009999920(10)ABC1234", "500")
    assert row.cells[c.SOURCE] == "Greenleaf Packing (GLN 0860009999992)"
    assert row.cells[c.LOCATION] == "GLN 0860009998001"
    assert row.cells[c.TLC_SOURCE] == "Greenleaf Packing (GLN 0860009999992)"


def test_transformation_has_a_row_for_each_food_used() -> None:
    found = rows("transformation")
    assert [row.cte for row in found] == [Cte.TRANSFORMATION] * 2
    used = [(row.cells[c.USED_TLC], row.cells[c.USED_QUANTITY]) for row in found]
    assert used == [
        ("(01)10860009999920(10)ABC1234", "100"),
        ("(01)10860009998022(10)DEF2345", "50"),
    ]
    assert {row.cells[c.TLC] for row in found} == {"(01)10860009998039(10)SALAD-20260420-A"}
    assert {row.cells[c.DOCUMENTS] for row in found} == {"Production order BATCH-20260420-A"}


def test_a_lot_described_by_its_author_is_described_in_every_row() -> None:
    told = records("transformation")
    told[0].raw["ilmd"] = {"cbvmda:descriptionShort": "Caesar salad"}
    assert {row.cells[c.PRODUCT] for row in Sheet(told).rows()} == {"Caesar salad"}


@pytest.mark.parametrize(
    "name",
    ["harvest", "cooling", "initial-packing", "first-land-based-receiver", "shipping", "receiving",
     "transformation"],
)  # fmt: skip
def test_every_required_column_is_told_or_listed_as_missing(name: str) -> None:
    found = rows(name, ON_PALLET)
    listed = {(number, row.cte, kde.title) for number, row, kde in missing(found)}
    counts: dict[Cte, int] = {}
    for row in found:
        number = counts[row.cte] = counts.get(row.cte, 0) + 1
        for kde, value in zip(COLUMNS[row.cte], row.values(), strict=True):
            assert (value == MISSING) == ((number, row.cte, kde.title) in listed)
            assert not (kde.required and value == "")
    assert all(kde.clause.startswith("21 CFR 1.13") for _, _, kde in missing(found))


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(body: bytes, number: int) -> list[list[tuple[str, str]]]:
    """Cells of one sheet as (kind, text)."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        page = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{MAIN}c")]
        for row in page.iter(f"{MAIN}row")
    ]


def test_the_workbook() -> None:
    sheet = Sheet(records("initial-packing"), (), NAMES)
    body = workbook.xlsx(sheet)
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        names = book.read("xl/workbook.xml").decode()
    assert all(f'name="{title}"' in names for title in (*Cte, "Locations", "Missing"))
    head, row = read(body, list(Cte).index(Cte.INITIAL_PACKING) + 1)
    told = dict(zip((text for _, text in head), row, strict=True))
    assert told[c.QUANTITY] == ("n", "500")
    assert told[c.TLC] == ("inlineStr", "(01)10860009999920(10)ABC1234")
    assert told[c.PRODUCT] == ("inlineStr", MISSING)
    places = read(body, len(Cte) + 1)[1:]
    assert ("inlineStr", "0860009999992") in [row[0] for row in places]
    findings = [[text for _, text in row] for row in read(body, len(Cte) + 2)[1:]]
    product = ["Initial packing", "2", told[c.TLC][1], c.PRODUCT, "21 CFR 1.1330(a)(12)"]
    assert product in findings


def test_the_table_says_the_same() -> None:
    found = rows("initial-packing")
    text = workbook.csv(Sheet(records("initial-packing"), (), NAMES)).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["Critical tracking event"] for row in table] == [row.cte.value for row in found]
    for told, row in zip(table, found, strict=True):
        for kde, value in zip(COLUMNS[row.cte], row.values(), strict=True):
            assert told[kde.title] == value
