"""The scope of a recall over HTTP, of the real salad: from the field to everything it reached.

given the harvest lot is contaminated
├── every lot made from it, and the pallet that carried it, is told with its holder and passport
├── the table says the same, and can be opened without running what strangers wrote
└── a product nobody recorded is not found, a wrong code is refused with the rule
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from api import sheets
from scripts import story

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_everything_the_harvest_reached(salad: Running) -> None:
    answer = await salad.http.get("/recall", params={"product": story.HARVEST_LOT})
    assert answer.status_code == 200
    found = {one["product"]: one for one in answer.json()["affected"]}
    assert set(found) >= {story.HARVEST_LOT, story.CASE_LOT, story.SALAD_LOT, story.PALLET}
    assert found[story.SALAD_LOT]["holder"]["name"] == "Fresh Salad Kitchen"
    assert found[story.SALAD_LOT]["passport"].endswith("/01/10860009998039/10/SALAD-20260420-A")
    assert found[story.SALAD_LOT]["amounts"] == [{"quantity": "2000", "uom": "CS"}]
    assert found[story.PALLET]["affected"] == "carried it"
    assert found[story.CASE_LOT]["steps"] == 1
    passport = await salad.http.get(found[story.SALAD_LOT]["passport"], follow_redirects=True)
    assert passport.status_code == 200


async def test_the_table_says_the_same(salad: Running) -> None:
    asked = {"product": story.HARVEST_LOT}
    listed = (await salad.http.get("/recall", params=asked)).json()["affected"]
    answer = await salad.http.get("/recall.csv", params=asked)
    assert answer.headers["content-disposition"] == 'attachment; filename="recall-ABC1234.csv"'
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["product"] for row in table] == [one["product"] for one in listed]
    assert [row["passport"] or None for row in table] == [one["passport"] for one in listed]
    assert [row["holder"] or None for row in table] == [one["holder"]["name"] for one in listed]


async def test_an_earlier_record_time_tells_less(salad: Running) -> None:
    asked = {"product": story.HARVEST_LOT, "recordTime": "0"}
    assert len((await salad.http.get("/recall", params=asked)).json()["affected"]) == 1


@pytest.mark.parametrize(
    ("product", "status", "code"),
    [
        ("https://id.gs1.org/01/10860009998039/10/NOBODY", 404, "not_found"),
        ("https://id.gs1.org/01/10860009998030/10/X", 400, "invalid_identifier"),
    ],
)
async def test_refusals(salad: Running, product: str, status: int, code: str) -> None:
    for path in ("/recall", "/recall.csv"):
        answer = await salad.http.get(path, params={"product": product})
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_cells_are_not_formulas() -> None:
    for cell in ("=1+1", "+cmd", "@x", "-2+3", "\tx"):
        assert sheets.safe(cell) == "'" + cell
    assert [sheets.safe(cell) for cell in ("-2.5", "lot 7", "")] == ["-2.5", "lot 7", ""]
