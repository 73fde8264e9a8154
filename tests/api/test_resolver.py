"""The Digital Link resolver: linksets, choice among links, walking up, symbols and scans.

given a product with a history
├── its linkset tells what is known of it, as RFC 9264 and GS1's schema want it
├── a request that asks for nothing is sent to the default link, with its query string
└── a link type leads to its link; one that only the class has is found there
given links of the operator in several languages, contexts and media types
├── the nearest level that has the type decides
├── context, language and media type choose among its links
└── a file that is wrong stops the service with the entry that is wrong
given a serial number nobody recorded
├── its links are those of its lot, under the lot's anchor
├── a program is told that there is none, and whose passport there is instead
└── a person is led to the recorded lots of its GTIN, where that is said
given a symbol
├── QR code and DataMatrix say the address and the elements, and a reader reads them back
└── what a scanner transmits names the elements and the passport
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zxingcpp

from api.resolver.choose import Wish, choose
from api.resolver.links import Level, Listed, Target, full, upwards
from core.epcis import digital_link
from core.errors import BadConfig
from scripts import story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

GS1 = "https://ref.gs1.org/voc/"
SALAD = story.SALAD_LOT.removeprefix("https://id.gs1.org")
LINKSET = {"accept": "application/linkset+json"}
JSON = {"accept": "application/json"}


def target(href: str, *languages: str, **said: Any) -> Target:
    relation = said.pop("relation", full("gs1:pip"))
    return Target(relation, href, href, languages=languages, **({"media": "text/html"} | said))


LOT = Level("lot", (
    target("en", "en"), target("de", "de", "de-AT"), target("any"),
    target("at", "de", contexts=("AT",)), target("data", "en", media="application/json"),
))  # fmt: skip
CLASS = Level("class", (target("brand", "en"), target("faq", relation=full("gs1:faqs"))))


@pytest.mark.parametrize(
    ("wish", "href"),
    [
        (Wish("gs1:pip"), "any"),
        (Wish(GS1 + "pip", accept_language="en"), "en"),
        (Wish("gs1:pip", accept_language="en", accept="application/json"), "data"),
        (Wish("gs1:pip", accept_language="fr;q=1,de;q=0.5,en;q=0.4"), "de"),
        (Wish("gs1:pip", accept_language="de-AT-1996"), "de"),
        (Wish("gs1:pip", accept_language="de;q=0,fr"), "any"),
        (Wish("gs1:pip", context="AT"), "at"),
        (Wish("gs1:pip", context="CH", accept_language="EN"), "en"),
        (Wish("gs1:faqs"), "faq"),
        (Wish("gs1:nothing"), None),
    ],
)
async def test_one_link_is_chosen(wish: Wish, href: str | None) -> None:
    chosen = choose([LOT, CLASS], wish)
    assert (chosen.href if chosen else None) == href


async def test_walking_up() -> None:
    link = digital_link.parse("https://x.example/01/10860009998039/10/L1/21/S%2F1")
    assert [step.canonical() for step in upwards(link)] == [
        "https://id.gs1.org/01/10860009998039/10/L1/21/S%2F1",
        "https://id.gs1.org/01/10860009998039/10/L1",
        "https://id.gs1.org/01/10860009998039",
    ]


async def test_the_linkset_of_a_lot(salad: Running) -> None:
    answer = await salad.http.get(SALAD, headers=LINKSET)
    [lot] = answer.json()["linkset"]
    assert lot["anchor"] == salad.settings.public_url + SALAD
    assert lot["itemDescription"] == "lot SALAD-20260420-A (GTIN 10860009998039)"
    for relation, links in lot.items():
        if relation in ("anchor", "itemDescription"):
            continue
        if relation == GS1 + "defaultLink":
            assert [set(link) for link in links] == [{"href", "title"}]
            continue
        assert all(set(link) >= {"href", "type", "title"} for link in links)
        assert all(link["hreflang"] == ["en"] for link in links)
    assert {GS1 + "defaultLink", GS1 + "pip", GS1 + "epcis", "describedby"} <= set(lot)
    same = await salad.http.get(SALAD, params={"linkType": "linkset"})
    assert same.json() == answer.json()
    assert "accept-language" in answer.headers["vary"]
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["link"]
    page = await salad.http.get(SALAD, headers=JSON)
    assert 'rel="linkset"' in page.headers["link"]


async def test_a_class_has_a_linkset_of_its_own(salad: Running) -> None:
    path = SALAD.split("/10/")[0]
    [only] = (await salad.http.get(path, headers=LINKSET)).json()["linkset"]
    assert only["anchor"] == salad.settings.public_url + path
    answer = await salad.http.get(path, params={"linkType": "gs1:defaultLink"})
    assert (answer.status_code, answer.headers["location"]) == (
        307, salad.settings.public_url + "/passport" + path,
    )  # fmt: skip


async def test_whoever_asks_for_nothing_is_sent_to_the_default(salad: Running) -> None:
    for method in ("GET", "HEAD"):
        answer = await salad.http.request(method, SALAD, params={"utm": "ab", "linkTyp": "1"})
        assert answer.status_code == 307
        address, query = answer.headers["location"].split("?")
        assert address == salad.settings.public_url + "/passport" + SALAD
        assert query == "utm=ab&linkTyp=1"
        assert 'linkType=linkset>; rel="linkset"' in answer.headers["link"]
    trailing = await salad.http.get(SALAD + "/")
    assert trailing.headers["location"] == salad.settings.public_url + "/passport" + SALAD


async def test_what_speaks_to_the_resolver_is_not_passed_on(salad: Running) -> None:
    asked = {"linkType": "gs1:sustainabilityInfo", "context": "x", "foo": "bar"}
    answer = await salad.http.get(SALAD, params=asked)
    assert answer.headers["location"].endswith(f"/passport{SALAD}?foo=bar#carbon")
    events = await salad.http.get(SALAD, params=asked | {"linkType": "gs1:epcis"})
    assert events.headers["location"].endswith("/events")  # it refuses what it does not know
    [lot] = (await salad.http.get(SALAD, headers=LINKSET)).json()["linkset"]
    assert [one.get("fwqs") for one in lot[GS1 + "epcis"]] == [False]


async def test_every_get_has_its_head(salad: Running) -> None:
    for path in ("/passport" + SALAD, "/.well-known/gs1resolver", f"{SALAD}/qr.svg", "/events"):
        got, head = await salad.http.get(path), await salad.http.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers["content-length"] == str(len(got.content))
    told = await salad.http.options(
        SALAD, headers={"origin": "https://x.example", "access-control-request-method": "HEAD"}
    )
    assert {"GET", "HEAD", "OPTIONS"} <= set(
        told.headers["access-control-allow-methods"].split(", ")
    )


async def test_an_unknown_serial_has_its_lots_links_but_no_page(salad: Running) -> None:
    made_up = f"{SALAD}/21/MADE-UP"
    [lot] = (await salad.http.get(made_up, headers=LINKSET)).json()["linkset"]
    assert lot["anchor"] == salad.settings.public_url + SALAD
    led = await salad.http.get(made_up, params={"linkType": "gs1:traceability"})
    assert led.headers["location"].endswith(SALAD)
    led = await salad.http.get(made_up)
    gtin = SALAD.split("/10/")[0]
    assert led.headers["location"].startswith(f"{salad.settings.public_url}/passport{gtin}?asked=")
    lots = await salad.http.get(led.headers["location"])
    assert "Nothing was recorded for item MADE-UP (GTIN 10860009998039) here." in lots.text
    assert (
        "Nothing was recorded"
        not in (
            await salad.http.get(f"/passport{gtin}", params={"asked": SALAD.removeprefix(gtin)})
        ).text
    )
    wrong = await salad.http.get(f"/passport{gtin}", params={"asked": "/10/"})
    assert wrong.status_code == 400
    nobody = await salad.http.get("/01/09506000134352/10/KL8G")
    assert nobody.status_code == 404
    page = await salad.http.get(made_up, headers=JSON)
    assert page.status_code == 404
    assert f"about {story.SALAD_LOT}, not about what was asked for" in page.json()["hint"]


ENTRIES = [
    {"product": "https://id.gs1.org/01/09506000134352", "linkType": "gs1:defaultLink",
     "href": "https://brand.example/en", "title": "Brand", "hreflang": ["en"]},
    {"product": "https://id.gs1.org/01/09506000134352", "linkType": "gs1:defaultLink",
     "href": "https://brand.example/de", "title": "Marke", "hreflang": ["de"]},
]  # fmt: skip


async def test_links_of_the_operator(salad: Running, tmp_path: Path) -> None:
    file = tmp_path / "links.json"
    file.write_text(json.dumps(ENTRIES))
    listed = Listed.read(file)
    assert set(listed.by_uri) == {"https://id.gs1.org/01/09506000134352"}
    import httpx

    from api.app import create_app
    from api.deps import Services

    bare: Any = {field.name: None for field in dataclasses.fields(Services)}
    services = Services(**bare | {
        "settings": salad.settings, "database": salad.database, "links": listed,
    })  # fmt: skip
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        path = "/01/09506000134352/21/7"
        for language, page in (("de-CH, en;q=0.5", "de"), ("fr, en;q=0.1", "en")):
            answer = await client.get(path, headers={"accept-language": language})
            assert answer.status_code == 307
            assert answer.headers["location"] == f"https://brand.example/{page}"
        [only] = (await client.get(path, headers=LINKSET)).json()["linkset"]
        assert only[GS1 + "defaultLink"] == [{"href": "https://brand.example/en", "title": "Brand"}]
        assert [one["hreflang"] for one in only[GS1 + "defaultLinkMulti"]] == [["en"], ["de"]]


@pytest.mark.parametrize(
    "wrong",
    [{"product": "https://id.gs1.org/01/09506000134353"}, {"href": "javascript:alert(1)"},
     {"hreflan": ["en"]}],
)  # fmt: skip
async def test_a_wrong_file_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    file = tmp_path / "links.json"
    file.write_text(json.dumps([ENTRIES[0] | wrong]))
    with pytest.raises(BadConfig) as refused:
        Listed.read(file)
    assert "SR360_API__LINKS_FILE" in refused.value.hint


async def test_the_description_file(salad: Running) -> None:
    told = (await salad.http.get("/.well-known/gs1resolver")).json()
    assert told["resolverRoot"] == salad.settings.public_url
    assert told["supportedPrimaryKeys"] == ["00", "01"]
    [lot] = (await salad.http.get(SALAD, headers=LINKSET)).json()["linkset"]
    assert {f"gs1:{name.removeprefix(GS1)}" for name in lot if name.startswith(GS1)} == set(
        told["activeLinkTypes"]["en"]
    )


def pixels(png: bytes) -> Any:
    """An 8-bit grey PNG without filters, as ours are."""
    import struct
    import zlib

    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        (length,), name = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            name + body
        )
        size = struct.unpack(">II", body[:8]) if name == b"IHDR" else size
        data += body if name == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(size[1], size[0] + 1)
    return np.ascontiguousarray(rows[:, 1:])


async def test_the_data_matrix_says_the_elements(salad: Running) -> None:
    answer = await salad.http.get(f"{SALAD}/21/A%2F(1/datamatrix.png")
    assert answer.headers["content-type"] == "image/png"
    (read,) = zxingcpp.read_barcodes(pixels(answer.content))
    data = "011086000999803910SALAD-20260420-A\x1d21A/(1"
    assert (read.symbology_identifier, read.bytes.decode()) == ("]d2", data)
    scanned = await salad.http.get("/scan", params={"data": "]d2" + data})
    assert scanned.json()["bracketed"] == "(01)10860009998039(10)SALAD-20260420-A(21)A/\\(1"
    svg = await salad.http.get(f"{SALAD}/datamatrix.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.count("h1v1h-1z") > 100


async def test_the_qr_code_says_the_address(salad: Running) -> None:
    answer = await salad.http.get(f"{SALAD}/qr.png")
    assert answer.headers["content-type"] == "image/png"
    (read,) = zxingcpp.read_barcodes(pixels(answer.content))
    assert read.text == salad.settings.public_url + SALAD


SALAD_BRACKETED = "(01)10860009998039(10)SALAD-20260420-A"


@pytest.mark.parametrize(
    ("data", "symbology"),
    [
        (SALAD_BRACKETED, None),
        ("^011086000999803910SALAD-20260420-A", None),
        ("\x1d011086000999803910SALAD-20260420-A", None),
        ("]d2011086000999803910SALAD-20260420-A", "Data Matrix"),
        ("]Q3011086000999803910SALAD-20260420-A", "QR Code"),
        ("]C1011086000999803910SALAD-20260420-A", "GS1-128"),
        ("]Q1https://example.org/01/10860009998039/10/SALAD-20260420-A", "QR Code"),
        ("https://id.gs1.org/01/10860009998039/10/SALAD-20260420-A", None),
        ("urn:epc:class:lgtin:0860009.199803.SALAD-20260420-A", None),
    ],
)
async def test_a_scan_in_any_form_leads_to_the_passport(
    salad: Running, data: str, symbology: str | None
) -> None:
    answer = await salad.http.get("/scan", params={"data": data})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["symbology"], told["bracketed"]) == (symbology, SALAD_BRACKETED)
    assert told["digitalLink"] == story.SALAD_LOT
    assert told["key"] == {"ai": "01", "value": "10860009998039"}
    assert [one["title"] for one in told["elements"]] == ["GTIN", "BATCH/LOT"]
    assert told["passport"] == {
        "product": story.SALAD_LOT,
        "url": salad.settings.public_url + SALAD,
        "recorded": True,
        "recallLevel": 0,
    }


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("(01)10860009998030", "gs1.check_digit"),
        ("]X9123", "gs1.symbology"),
        ("(01)10860009998039(02)10860009998039(37)5", "gs1.excluded_pair"),
        ("(10)LOT", "gs1.missing_association"),
        ("hello", None),
        ("", None),
    ],
)
async def test_a_wrong_scan_is_refused_with_its_rule(
    salad: Running, data: str, rule: str | None
) -> None:
    answer = await salad.http.get("/scan", params={"data": data})
    assert answer.status_code == 400, answer.text
    issues = answer.json()["issues"]
    assert (issues[0]["rule"] if issues else None) == rule


async def test_a_scanned_location_has_no_passport(salad: Running) -> None:
    told = (await salad.http.get("/scan", params={"data": "(414)0860009999060"})).json()
    assert (told["key"]["ai"], told["passport"]) == ("414", None)
