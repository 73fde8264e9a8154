"""Digital Links and URNs written and read whole, against the vectors of GS1 and OpenEPCIS."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest

from core.epcis import digital_link, epc_urn
from core.epcis.epc_urn_writer import write
from core.errors import InvalidIdentifier
from core.gs1 import elements

Vectors = Callable[[str], list[dict[str, Any]]]

LENIENT = {
    "https://a/01/02345673": "short GTINs are always read, as the engine does when told to",
    "https://a/8004/9520614141234567?01=02345673": "the same in the query",
    "https://a/8004/9520614141234567?01=2112345678900": "the same in the query",
    "https://[fe80::1%25lo]/01/12312312312333": "a zone id is the URL parser's business",
}


def test_links_hold_the_same_elements(vectors: Vectors) -> None:
    for vector in vectors("parse_dl_uri.jsonl"):
        uri = vector["dl_uri"]
        try:
            found = elements.unbracketed(digital_link.parse_elements(uri))
        except InvalidIdentifier:
            assert not vector["should_succeed"], vector
        else:
            assert vector["should_succeed"] or uri in LENIENT, vector
            assert not vector["should_succeed"] or found == vector["expect_element_string"]


def test_elements_make_the_same_link(vectors: Vectors) -> None:
    for vector in vectors("generate_dl_uri.jsonl"):
        found = elements.parse_bracketed(vector["ai_element_string"])
        try:
            made = digital_link.from_elements(found, vector["stem"])
        except InvalidIdentifier:
            made = ""
        assert made == vector["expect_dl_uri"]


AGAINST_THE_STANDARD = {
    "urn:epc:id:giai:42512183..SENSOR.TR-07-AVE-583:1": "a GIAI has at most 30 characters",
    "urn:epc:id:gsrnp:1234567890.1234567": "the key's check digit is wrong",
    "urn:epc:id:gsrnp:645933932413.12123": "the key's check digit is wrong",
    "urn:epc:id:upui:93594438.84737.8398439": "the key's check digit is wrong",
}


def test_urns_are_those_of_openepcis(vectors: Vectors) -> None:
    judged = 0
    for vector in vectors("openepcis_convert.jsonl"):
        urn = vector["expect"]
        if vector["op"] != "toURN" or urn in AGAINST_THE_STANDARD:
            continue
        link = digital_link.parse(escaped(vector["in"]))
        prefix = urn.split(":", 4)[4].partition(".")[0]
        written = write(link, len(prefix))
        assert unquote(written) == urn
        assert epc_urn.parse(written) == link
        judged += 1
    assert judged == 43


def escaped(uri: str) -> str:
    """OpenEPCIS leaves reserved characters of a key as they are, which is no URI."""
    scheme, _, rest = uri.partition("://")
    host, _, path = rest.partition("/")
    segments = path.split("/")
    if "8004" in segments or path.endswith("/"):  # here the slash belongs to the key
        at = segments.index("8004") if "8004" in segments else segments.index("21")
        segments = [*segments[: at + 1], "/".join(segments[at + 1 :])]
    return f"{scheme}://{host}/" + "/".join(quote(one, safe="") for one in segments)


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:idpat:sgtin:5394839.848938.*",
        "urn:epc:idpat:grai:8493394.83984.*",
        "urn:epc:idpat:gdti:57578348837.4.*",
        "urn:epc:idpat:sgcn:5787674634.63.*",
        "urn:epc:idpat:cpi:794783489348.89348934EJEJIEDJE.*",
        "urn:epc:idpat:itip:483478374834.7.34.89.*",
        "urn:epc:class:lgtin:4023333.002000.2019-10-07",
        "urn:epc:id:sgln:4012345.00005.0",
    ],
)
def test_classes_and_patterns_come_back_the_same(urn: str) -> None:
    prefix = urn.split(":", 4)[4].partition(".")[0]
    assert write(epc_urn.parse(urn), len(prefix)) == urn


@pytest.mark.parametrize(("key", "length"), [("00", 5), ("00", 13), ("8013", 7)])
def test_no_urn_is_made_up(key: str, length: int) -> None:
    value = {"00": "006141411234567890", "8013": "1987654Ad4X4bL5ttr2310c2K"}[key]
    with pytest.raises(InvalidIdentifier, match="has no EPC URN"):
        write(digital_link.make(key, value), length)


@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("17=270131;3103=000750", "(17)270131(3103)000750"),
        ("17=270131;context=x;3103=000750", "(17)270131(3103)000750"),
        ("99=A;B", "(99)A;B"),
        ("99=A;&17=270131", "(99)A;(17)270131"),
        ("99=A%3B17=270131", "(99)A;17=270131"),
    ],
)
def test_a_semicolon_parts_parameters_or_belongs_to_a_value(query: str, attributes: str) -> None:
    found = digital_link.parse_elements(f"https://id.gs1.org/01/09521141234563?{query}")
    assert elements.bracketed(found) == "(01)09521141234563" + attributes
