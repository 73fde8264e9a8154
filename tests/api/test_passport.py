"""Digital Link paths over real rows: page, data, linkset, QR code, proof."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from core.chain.proof.model import Contracts, Trusted
from core.chain.proof.verify import verify
from core.document.lexical import parse
from scripts import story

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

SALAD = story.SALAD_LOT.removeprefix("https://id.gs1.org")
PALLET = story.PALLET.removeprefix("https://id.gs1.org")
SECOND = story.SECOND_LOT.removeprefix("https://id.gs1.org")
JSON = {"accept": "application/json"}
HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_data_leads_back_to_the_harvest(salad: Running) -> None:
    answer = await salad.http.get(SALAD, headers=JSON)
    assert answer.status_code == 200
    told = answer.json()
    assert told["product"]["uri"] == story.SALAD_LOT
    assert told["product"]["custodian"]["name"] == "Fresh Salad Kitchen"
    sources = {source["uri"]: source for source in told["sources"]}
    assert sources[story.CASE_LOT]["quantity"] == "100"
    assert sources[story.HARVEST_LOT]["confirmed"]
    assert sources[story.PALLET]["relation"] == "container"
    people = [step["who"]["name"] for step in told["journey"]]
    assert people[0] == "Sunrise Valley Farm LLC"
    assert people[-1] == "Fresh Salad Kitchen"
    assert told["journey"][0]["what"] == "25000 lb of lot ABC1234 (GTIN 00860009999923)"
    assert told["carbon"]["footprint"]["co2eGrams"] == 1_240_000
    assert told["carbon"]["retiredKg"] == "1240"
    assert told["carbon"]["covered"]
    assert told["certificates"][0]["reference"].startswith("ipfs://")
    assert {"block", "finalized", "reorgEpoch"} == set(told["meta"])


async def test_authors_dates_out_of_order_are_said(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers=JSON)).json()
    assert "dates_not_in_order" in [notice["code"] for notice in told["notices"]]


async def test_a_source_named_in_two_documents_stands_once(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers=JSON)).json()
    assert [source["uri"] for source in told["sources"]].count(story.PALLET) == 1
    assert all(source["confirmed"] for source in told["sources"])
    assert "source_unconfirmed" not in [notice["code"] for notice in told["notices"]]


async def test_recall_of_a_lot_beside_it_does_not_touch_the_salad(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers=JSON)).json()
    assert told["recalls"] == []
    second = (await salad.http.get(SECOND, headers=JSON)).json()
    assert second["recalls"][0]["level"] == 2
    assert "Listeria" in second["recalls"][0]["reason"]
    page = (await salad.http.get("/passport" + SECOND, headers=HTML)).text
    assert 'role="alert"' in page


async def test_page_reads_without_script_within_its_budget(salad: Running) -> None:
    answer = await salad.http.get("/passport" + SALAD, headers=HTML)
    page = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert len(gzip.compress(answer.content)) <= 14_000
    data = '<script type="application/ld+json">'  # never runs, so it blocks nothing
    assert re.findall(r"<script(?![^>]*\bdefer\b)", page.replace(data, "")) == []
    assert "Not checked yet" in page
    assert "Sunrise Valley Farm LLC" in page
    assert "1,240 kg CO₂e" in page
    assert 'lang="en"' in page
    assert " on chain before" not in page
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert salad.settings.chain.rpc_url in policy
    assert "unsafe" not in policy


async def test_scripts_in_data_stay_text(salad: Running) -> None:
    page = (await salad.http.get("/01/00860009999923/10/%3Cscript%3E", headers=HTML)).text
    assert "<script>" not in page


async def test_linkset(salad: Running) -> None:
    answer = await salad.http.get(SALAD, headers={"accept": "application/linkset+json"})
    assert answer.headers["content-type"] == "application/linkset+json"
    [links] = answer.json()["linkset"]
    assert links["anchor"] == salad.settings.public_url + SALAD
    assert links["https://ref.gs1.org/voc/pip"][0]["href"].endswith("/passport" + SALAD)
    same = await salad.http.get(SALAD, params={"linkType": "all"})
    assert same.json() == answer.json()


async def test_link_type_leads_on(salad: Running) -> None:
    answer = await salad.http.get(SALAD, params={"linkType": "gs1:epcis"}, headers=JSON)
    assert answer.status_code == 307
    events = (await salad.http.get(answer.headers["location"])).json()
    listed = events["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert {event["type"] for event in listed} == {"TransformationEvent", "ObjectEvent"}
    unknown = await salad.http.get(SALAD, params={"linkType": "gs1:nothing"}, headers=JSON)
    assert unknown.status_code == 404
    assert "gs1:pip" in unknown.json()["hint"]


async def test_etag_spares_the_second_answer(salad: Running) -> None:
    first = await salad.http.get(SALAD, headers=JSON)
    again = await salad.http.get(SALAD, headers=JSON | {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_qr_code_is_svg(salad: Running) -> None:
    answer = await salad.http.get(f"{SALAD}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert story.SALAD_LOT in answer.text


async def test_pallet_has_a_passport(salad: Running) -> None:
    told = (await salad.http.get(PALLET, headers=JSON)).json()
    assert told["product"]["sscc"] == "008600099999850000"
    assert [step["kind"] for step in told["journey"]].count("HANDOVER") == 2


async def test_gtin_alone_lists_its_lots(salad: Running) -> None:
    told = (await salad.http.get("/01/10860009998039", headers=JSON)).json()
    assert [product["uri"] for product in told["products"]] == [story.SALAD_LOT]
    assert (
        "SALAD-20260420-A"
        in (await salad.http.get("/passport/01/10860009998039", headers=HTML)).text
    )


@pytest.mark.parametrize("path", ["/01/10860009998038/10/X", "/00/008600099999850001"])
async def test_wrong_check_digit(salad: Running, path: str) -> None:
    answer = await salad.http.get(path, headers=JSON)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_identifier"
    assert answer.json()["issues"][0]["rule"] == "gs1.check_digit"
    page = await salad.http.get("/passport" + path, headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_unknown_product_is_explained(salad: Running) -> None:
    page = await salad.http.get("/01/09506000134352/10/NOWHERE", headers=HTML)
    assert page.status_code == 404
    assert "No passport yet" in page.text
    answer = await salad.http.get("/01/00860009999923/10/NOWHERE", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_proof_verifies_without_this_server(salad: Running) -> None:
    answer = await salad.http.get(f"/proof{SALAD}")
    assert answer.status_code == 200
    site = (await salad.http.get("/deployment")).json()
    contracts = salad.deployment
    trusted = Trusted(
        chain_id=site["chainId"],
        contracts=Contracts(
            supply_chain=contracts.supply_chain,
            sensor_oracle=contracts.sensor_oracle,
            carbon_token=contracts.carbon_token,
            actor_registry=contracts.actor_registry,
        ),
        start_block=site["startBlock"],
    )
    found = await verify(answer.content, salad.rpc, trusted)
    assert found.status == "ok", found
    altered = answer.content.replace(b"SALAD-20260420-A", b"SALAD-20260420-B")
    assert (await verify(altered, salad.rpc, trusted)).status == "bad"


async def test_events_keep_numbers_as_written(salad: Running) -> None:
    answer = await salad.http.get("/events", params={"perPage": 1})
    parse(answer.content)
    assert 'rel="next"' in answer.headers["link"]
    seen = 1
    while link := answer.headers.get("link"):
        answer = await salad.http.get(re.findall("<(.*?)>", link)[0])
        seen += 1
    assert seen > 5


@pytest.mark.parametrize("host", ["elsewhere.example", "[", "a:b:c"])
async def test_the_next_page_is_ours_whatever_host_was_asked(salad: Running, host: str) -> None:
    asked = {"perPage": 1, "MATCH_anyEPCClass": f"{story.SALAD_LOT}|{story.CASE_LOT}"}
    answer = await salad.http.get("/events", params=asked, headers={"host": host})
    link = answer.headers["link"]
    assert link.startswith(
        f"<{salad.settings.public_url}/events?perPage=1&MATCH_anyEPCClass=https%3A"
    )
    assert host == "[" or host not in link


async def test_excursion_on_the_truck_shows_on_the_salad(salad: Running) -> None:
    [sensor] = (await salad.http.get(SALAD, headers=JSON)).json()["sensors"]
    assert sensor["deviceName"] == "Truck sensor"
    assert sensor["product"] == story.PALLET
    assert (sensor["count"], sensor["excursions"]) == (307, 2)
    assert (sensor["minimum"], sensor["maximum"]) == (3_000, 9_800)
    assert len(sensor["points"]) <= 240
    assert sensor["batches"][0]["signatures"] == 3
    page = (await salad.http.get("/passport" + SALAD, headers=HTML)).text
    assert "2 of 307 readings out of bounds" in page
    assert page.count('class="out"') == 2
    assert "<table>" in page


async def test_certificate_opens_from_the_passport(salad: Running) -> None:
    page = (await salad.http.get("/passport" + SALAD, headers=HTML)).text
    [link] = re.findall(r'href="(/ipfs/[^"]+)"', page)
    answer = await salad.http.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert (await salad.http.get("/ipfs/nonsense")).json()["code"] == "malformed"
