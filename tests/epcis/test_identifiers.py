"""GS1 identifiers against four independent sets of vectors (tests/data/gs1/SOURCES.md).

Where we differ from a vector on purpose, the vector is listed with the reason.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.epcis import digital_link, identifiers
from core.errors import InvalidIdentifier, Issue
from core.gs1 import elements
from core.gs1.charsets import CSET_82
from core.gs1.check_characters import check_digit, has_check_digit, with_check_digit
from core.gs1.elements import Element

DATA = Path(__file__).parents[1] / "data" / "gs1"


def vectors(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def converted(text: str) -> str | None:
    try:
        return identifiers.product_uri(text)
    except InvalidIdentifier:
        return None


WRONG_CHECK_DIGIT_IN_VECTOR = {"http://example.de/gtin-8/01/97803111"}


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("epc_to_canonical_dl.jsonl") if isinstance(v["in"], str)],
    ids=lambda v: v["in"],
)
def test_reference_hash_generator_normalises_alike(vector: dict[str, Any]) -> None:
    expected = None if vector["in"] in WRONG_CHECK_DIGIT_IN_VECTOR else vector["expect"]
    assert converted(vector["in"]) == expected


PIECE_GREATER_THAN_TOTAL = {"urn:epc:idpat:itip:493494.3399430.40.39.*"}


@pytest.mark.parametrize(
    "vector",
    [
        v
        for v in vectors("openepcis_convert.jsonl")
        if v["op"] in ("toURI", "toURIForClassLevelIdentifier")
    ],
    ids=lambda v: v["in"],
)
def test_openepcis_translates_alike(vector: dict[str, Any]) -> None:
    """OpenEPCIS leaves reserved characters as they are; the standard's canonical form does not."""
    if vector["in"] in PIECE_GREATER_THAN_TOTAL:
        assert converted(vector["in"]) is None
        return
    ours = converted(vector["in"])
    assert ours is not None
    assert unquote(ours) in (vector["expect"], unquote(vector["expect"]))


STRICTER_THAN_OPENEPCIS = {"urn:epc:idpat:itip:164759476414.5.56.34.*"}
"""Piece 56 of 34."""


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("openepcis_validate.jsonl") if v["in"].startswith("urn:epc:")],
    ids=lambda v: f"{v['src']}-{v['in']}",
)
def test_openepcis_accepts_the_same_urns(vector: dict[str, Any]) -> None:
    """Its Digital Link cases are left out: it checks no check digits."""
    expected = vector["valid"] and vector["in"] not in STRICTER_THAN_OPENEPCIS
    assert (converted(vector["in"]) is not None) is expected


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors("cbv_constrained_dl_uri.jsonl") if v["conformant"]],
    ids=lambda v: v["uri"],
)
def test_links_that_conform_to_cbv_are_read(vector: dict[str, Any]) -> None:
    assert converted(vector["uri"]) is not None


@pytest.mark.parametrize("vector", vectors("parse_dl_uri.jsonl"), ids=lambda v: v["src"])
def test_gs1_syntax_engine_reads_alike(vector: dict[str, Any]) -> None:
    """Compared on the key and its qualifiers; attributes in the query are no part of identity."""
    expected = vector["should_succeed"] or concerns_only_query(vector) or is_lenient(vector)
    try:
        link = digital_link.parse(vector["dl_uri"])
    except InvalidIdentifier:
        assert not expected
        return
    assert expected
    if vector["should_succeed"]:
        assert vector["expect_element_string"].startswith(
            elements.unbracketed(
                [Element(ai, value) for ai, value in ((link.key, link.value), *link.qualifiers)]
            )
        )


def concerns_only_query(vector: dict[str, Any]) -> bool:
    """The engine refuses a bad attribute; for identity the query is not read, save qualifiers."""
    path, _, query = vector["dl_uri"].partition("?")
    moved = {"10=ABC123"} & set(query.split("&"))
    return bool(query) and not moved and converted(path) is not None


def is_lenient(vector: dict[str, Any]) -> bool:
    """We always accept short GTINs, and leave the check of a zone id to the URL parser."""
    return vector["dl_uri"] in (
        "https://a/01/02345673",
        "https://[fe80::1%25lo]/01/12312312312333",
    )


@given(st.text("0123456789", min_size=1, max_size=40), st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    good = with_check_digit(digits)
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != good[place]]))
    assert has_check_digit(good)
    assert not has_check_digit(good[:place] + other + good[place + 1 :])


serials = st.text(sorted(CSET_82), min_size=1, max_size=20).filter(lambda s: s not in (".", ".."))
gtins = st.from_regex(r"[0-9]{13}", fullmatch=True).map(lambda d: d + check_digit(d))


@given(gtins, serials, st.sampled_from(["10", "21", "235"]))
def test_canonical_form_is_a_fixed_point(gtin: str, serial: str, ai: str) -> None:
    link = digital_link.make("01", gtin, (ai, serial))
    uri = link.canonical()
    assert digital_link.parse(uri) == link
    assert identifiers.product_uri(uri) == uri
    assert set(uri) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:/")


@given(st.tuples(gtins, serials), st.tuples(gtins, serials))
def test_two_products_never_share_a_uri(a: tuple[str, str], b: tuple[str, str]) -> None:
    first, second = (digital_link.make("01", g, ("10", lot)).canonical() for g, lot in (a, b))
    assert (first == second) == (a == b)


def complaints(text: str) -> tuple[Issue, ...]:
    try:
        identifiers.parse(text)
    except InvalidIdentifier as error:
        return error.issues
    return ()


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_rule(text: str) -> None:
    for candidate in (text, f"https://id.gs1.org/{text}", f"urn:epc:id:{text}"):
        issues = complaints(candidate)
        assert all(issue.rule.startswith("gs1.") and issue.hint for issue in issues)


SAME_LOT = [
    "https://id.gs1.org/01/00860009999923/10/ABC1234",
    "https://id.gs1.org/01/00860009999923/10/ABC1234/",
    "http://brand.example/some/path/01/0860009999923/10/ABC1234?17=260427&linkType=all",
    "https://id.gs1.org/gtin/860009999923/lot/ABC1234",
    "https://id.gs1.org/01/00860009999923/22/V1/10/ABC%31234#x",
    "urn:epc:class:lgtin:0860009.099992.ABC1234",
]


@pytest.mark.parametrize("spelling", SAME_LOT)
def test_spellings_of_one_lot_meet(spelling: str) -> None:
    assert identifiers.product_uri(spelling) == SAME_LOT[0]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("https://id.gs1.org/01/00860009999924/10/A", "gs1.check_digit"),
        ("https://id.gs1.org/00/008600099999850001", "gs1.check_digit"),
        ("https://id.gs1.org/01/00860009999923/10/", "gs1.digital_link"),
        ("https://id.gs1.org/01/00860009999923/10/ABCDEFGHIJKLMNOPQRSTU", "gs1.format"),
        ("https://id.gs1.org/01/00860009999923/10/%C3%A9", "gs1.charset"),
        ("https://id.gs1.org/01/00860009999923/10/a%20b", "gs1.charset"),
        ("https://id.gs1.org/01/00860009999923/21/S/10/L", "gs1.qualifier_order"),
        ("https://id.gs1.org/01/00860009999923?10=ABC1234", "gs1.qualifier_in_query"),
        ("https://id.gs1.org/00/008600099999850000/10/L", "gs1.qualifier_order"),
        ("https://id.gs1.org/product/123", "gs1.digital_link"),
        ("https://id.gs1.org/01/00860009999923/10/..", "gs1.dot_segment"),
        ("urn:epc:class:lgtin:0860009.099992..", "gs1.dot_segment"),
        ("https://user:pw@id.gs1.org/01/00860009999923", "gs1.digital_link"),
        ("urn:epc:id:sgtin:0860009.099992", "gs1.epc_urn"),
        ("urn:epc:id:sgtin:0860009.99992.S", "gs1.epc_urn"),
        ("urn:epc:id:nonsense:1.2", "gs1.epc_urn"),
        ("urn:epc:id:sgtin:0860009.099992.S\n", "gs1.epc_urn"),
        ("urn:epc:id:bic:CSQU3054383", "gs1.epc_urn"),
        ("urn:epc:id:sscc:0860009.", "gs1.epc_urn"),
    ],
)
def test_each_mistake_has_its_rule(text: str, rule: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        identifiers.product_uri(text)
    assert caught.value.issues[0].rule == rule


def test_wrong_check_digit_says_the_right_one() -> None:
    with pytest.raises(InvalidIdentifier, match="wrong check digit") as caught:
        identifiers.product_uri("https://id.gs1.org/01/00860009999924/10/A")
    assert "00860009999923" in caught.value.hint


@pytest.mark.parametrize(
    "private",
    ["urn:uuid:8b1f3a", "https://example.com/things/42", "urn:gdst:example.org:product:lot:1"],
)
def test_private_identifiers_pass_unchanged(private: str) -> None:
    assert identifiers.normalize(private) == private


@pytest.mark.parametrize(
    "epc",
    [
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:usdod:2S194.12345678901",
        "urn:epc:id:usdod:W81X1C.0",
        "urn:epc:id:adi:35962.PQ7VZ4.M37GXB92",
        "urn:epc:id:adi:W81X9C..%2312%2F3",
        "urn:epc:id:bic:CSQU3054383",
        "urn:epc:id:imovn:9176187",
    ],
)
def test_an_epc_that_is_no_gs1_key_passes_unchanged(epc: str) -> None:
    assert identifiers.normalize(epc) == epc


@pytest.mark.parametrize(
    "epc",
    [
        "urn:epc:id:gid:095100000.12345.400",
        "urn:epc:id:gid:1.2",
        "urn:epc:id:usdod:2SI94.1",
        "urn:epc:id:usdod:2S194.01",
        "urn:epc:id:adi:35962.PQ7VZ4.",
        "urn:epc:id:adi:35962.pq7.A",
        "urn:epc:id:bic:CSQU305438",
        "urn:epc:id:bic:CSQX3054383",
        "urn:epc:id:bic:CSQU3054383\n",
        "urn:epc:id:imovn:917618",
        "urn:epc:idpat:gid:1.2.*",
        "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        "urn:epc:raw:96.x0123456789ABCDEF01234567",
    ],
)
def test_an_epc_that_is_none_is_no_private_identifier(epc: str) -> None:
    with pytest.raises(InvalidIdentifier):
        identifiers.normalize(epc)


def test_the_scheme_of_a_urn_has_no_case() -> None:
    """RFC 8141 section 3.1; what follows it has."""
    uri = identifiers.normalize("URN:EPC:id:sgtin:9521141.012345.a")
    assert uri == identifiers.normalize("urn:epc:id:sgtin:9521141.012345.a")
    with pytest.raises(InvalidIdentifier):
        identifiers.normalize("urn:epc:ID:sgtin:9521141.012345.a")


def test_a_foreign_domain_with_a_broken_gtin_is_not_a_private_identifier() -> None:
    with pytest.raises(InvalidIdentifier):
        identifiers.normalize("https://brand.example/01/00860009999924/10/A")


AIS = (
    "00",
    "01",
    "8003",
    "414",
    "417",
    "253",
    "8006",
    "21",
    "10",
    "22",
    "235",
    "254",
    "7040",
    "99",
)
LINKS = st.builds(
    lambda key, value, ai, other: (
        f"https://id.gs1.org/{key}/{value}" + (f"/{ai}/{other}" if ai else "")
    ),
    st.sampled_from(AIS),
    st.from_regex(r"[0-9]{5,18}", fullmatch=True)
    | st.sampled_from((7, 12, 13, 17)).map(lambda n: with_check_digit("9521141234567890"[:n])),
    st.sampled_from(("", *AIS)),
    st.sampled_from((".", "..", "A-1", "x" * 21, "12", "a_b.c", "~", "9521141234564")),
)


@settings(max_examples=1_000)
@given(LINKS)
def test_the_quick_look_accepts_nothing_that_parsing_would_change(uri: str) -> None:
    if digital_link.is_canonical(uri):
        assert identifiers.product_uri(uri) == uri


def test_the_quick_look_knows_what_events_are_full_of() -> None:
    gtin, sscc = with_check_digit("0952114123456"), with_check_digit("09521141234567890")
    for path in (f"01/{gtin}", f"01/{gtin}/21/1", f"01/{gtin}/10/A-1", f"00/{sscc}"):
        assert digital_link.is_canonical(f"https://id.gs1.org/{path}")
