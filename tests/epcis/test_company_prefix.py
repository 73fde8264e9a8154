"""EPC URNs of Digital Links, by GS1's list of company prefixes.

given the list, as JSON or XML as GS1 publishes it
├── a link whose prefix it knows -> the URN that the link was made of, for every kind of key
├── a prefix that it does not know, or has as none -> refused by rule
└── a key that has no URN -> refused by rule
a file that is no such list -> no setting
"""

import json
from pathlib import Path
from typing import Any

import pytest

from core.epcis import identifiers
from core.epcis.company_prefix import PrefixLengths
from core.epcis.spelling import urns
from core.errors import BadConfig, InvalidIdentifier

DATA = Path(__file__).parents[1] / "data" / "gs1" / "openepcis_convert.jsonl"
ENTRIES = [
    ("0614141", 7),
    ("086000999", 10),
    ("4012345", 7),
    ("00000", 0),
    ("1987654", 7),
    ("95060001", 10),
]


def as_json(entries: list[tuple[str, int]]) -> str:
    listed = [{"prefix": prefix, "gcpLength": length} for prefix, length in entries]
    found = {"GCPPrefixFormatList": {"date": "2026-11-29T00:00:00Z", "entry": listed}}
    return json.dumps({"_disclaimer": ["…"]} | found)


def as_xml(entries: list[tuple[str, int]]) -> str:
    lines = (f'<entry prefix="{prefix}" gcpLength="{length}"/>' for prefix, length in entries)
    return (
        f'<?xml version="1.0"?><GCPPrefixFormatList date="x">{"".join(lines)}</GCPPrefixFormatList>'
    )


@pytest.fixture(params=[as_json, as_xml])
def lengths(request: pytest.FixtureRequest, tmp_path: Path) -> PrefixLengths:
    path = tmp_path / "list"
    path.write_text(request.param(ENTRIES), "utf-8-sig")
    return PrefixLengths.read(path)


@pytest.mark.parametrize(
    ("link", "urn"),
    [
        ("01/10614141073464/21/2017", "id:sgtin:0614141.107346.2017"),
        ("01/10614141073464/10/A%2FB", "class:lgtin:0614141.107346.A%2FB"),
        ("01/10614141073464", "idpat:sgtin:0614141.107346.*"),
        ("01/10614141073464/10/L/21/2017", "id:sgtin:0614141.107346.2017"),
        ("00/106141412345678908", "id:sscc:0614141.1234567890"),
        ("414/0614141073467", "id:sgln:0614141.07346.0"),
        ("414/0614141073467/254/1234", "id:sgln:0614141.07346.1234"),
        ("8003/00614141234561ABC", "id:grai:0614141.23456.ABC"),
        ("8004/40123451234", "id:giai:4012345.1234"),
        ("01/00860009999923/21/1", "id:sgtin:0860009999.092.1"),
    ],
)
def test_what_the_list_knows(lengths: PrefixLengths, link: str, urn: str) -> None:
    told = f"https://example.com/{link}"
    event: Any = {"epcList": [told, "urn:x:1"], "readPoint": {"id": told}}
    found = urns(event, lengths)
    assert found["epcList"] == [f"urn:epc:{urn}", "urn:x:1"]
    assert found["readPoint"] == {"id": f"urn:epc:{urn}"}


@pytest.mark.parametrize(
    "link", ["01/05901234123457/21/1", "01/00000096385074", "8013/1987654Ad4X4bL5ttr2310c2K"]
)
def test_what_it_does_not_know(lengths: PrefixLengths, link: str) -> None:
    """An unlisted prefix, one that is none (GTIN-8), and a key that has no URN."""
    event: Any = {"epcList": [f"https://id.gs1.org/{link}"]}
    assert identifiers.parse(event["epcList"][0])
    with pytest.raises(InvalidIdentifier) as refused:
        urns(event, lengths)
    assert refused.value.issues[0].rule == "gs1.epc_urn"


def published() -> list[tuple[str, str]]:
    """URNs of published vectors, with the links they stand for."""
    found = []
    for line in DATA.read_text().splitlines():
        for text in json.loads(line).values():
            if isinstance(text, str) and text.startswith("urn:epc:"):
                try:
                    found.append((text, identifiers.parse(text).canonical()))
                except InvalidIdentifier:
                    continue
    return sorted(set(found))


def test_every_published_urn_comes_back() -> None:
    vectors = published()
    assert len(vectors) > 60
    for urn, link in vectors:
        body = urn.split(":")[4]
        prefix = body.partition(".")[0]
        lengths = PrefixLengths({prefix: len(prefix)})
        event: Any = {"epcList": [link]}
        [again] = urns(event, lengths)["epcList"]
        assert identifiers.parse(str(again)).canonical() == link
        assert str(again).split(":")[4].partition(".")[0] == prefix


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "<a/>", as_json([]), as_json([("x", 7)]), as_json([("1", 13)]), "\udcff"],
)
def test_what_is_no_list(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadConfig, match="prefix lengths"):
        PrefixLengths.read(path)
    with pytest.raises(BadConfig):
        PrefixLengths.read(tmp_path / "none")
