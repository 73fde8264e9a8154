"""The spreadsheet of the salad lot over HTTP and by the command line, from recorded events."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from core.errors import BadInput, Retryable
from scripts import story
from scripts.fsma import download

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def table(salad: Running, **asked: str) -> list[dict[str, str]]:
    answer = await salad.http.get("/fsma204.csv", params=asked)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_salad_lot_with_all_it_came_from(salad: Running) -> None:
    rows = await table(salad, lot=story.SALAD_LOT)
    events = [row["Critical tracking event"] for row in rows]
    assert set(events) == {
        "Harvesting", "Cooling", "Initial packing", "Shipping", "Receiving", "Transformation",
    }  # fmt: skip
    made = [row for row in rows if row["Critical tracking event"] == "Transformation"]
    assert {row["Food used: traceability lot code"] for row in made} == {
        "(01)10860009999920(10)ABC1234", "(01)10860009998022(10)DEF2345",
    }  # fmt: skip
    assert made[0]["Traceability lot code source"] == "Fresh Salad Kitchen (GLN 0860009998018)"
    shipped = [row for row in rows if row["Critical tracking event"] == "Shipping"]
    assert {row["Traceability lot code"] for row in shipped} == {"(01)10860009999920(10)ABC1234"}
    assert shipped[0]["Immediate subsequent recipient"].startswith("Fresh Distribution Centre")


async def test_a_range_of_lots(salad: Running) -> None:
    asked = {"gtin": "10860009999920", "first": "ABC1234", "last": "ABC1234"}
    rows = await table(salad, **asked)
    assert rows == await table(salad, lot=story.CASE_LOT)
    nothing = await salad.http.get("/fsma204.csv", params=asked | {"first": "ZZ", "last": "ZZZ"})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [({}, 400, "lot"), ({"gtin": "1"}, 400, "query.gtin"),
     ({"lot": "https://id.gs1.org/01/10860009998039/10/NOBODY"}, 404, "lot")],
)  # fmt: skip
async def test_refusals(salad: Running, asked: dict[str, str], status: int, pointer: str) -> None:
    answer = await salad.http.get("/fsma204.xlsx", params=asked)
    assert (answer.status_code, answer.json()["pointer"]) == (status, pointer)


async def test_the_command_line_writes_what_the_api_serves(salad: Running, tmp_path: Path) -> None:
    url, out = salad.settings.public_url, tmp_path / "salad.csv"
    await download(url, [story.SALAD_LOT], out)
    served = await salad.http.get("/fsma204.csv", params={"lot": story.SALAD_LOT})
    assert out.read_bytes() == served.content
    book = tmp_path / "salad.xlsx"
    assert await download(url, [story.SALAD_LOT], book) == book.stat().st_size
    assert book.read_bytes().startswith(b"PK")
    with pytest.raises(BadInput, match="nothing was recorded"):
        await download(url, [story.SALAD_LOT + "X"], out)
    with pytest.raises(Retryable):
        await download("http://127.0.0.1:9", [story.SALAD_LOT], out)
