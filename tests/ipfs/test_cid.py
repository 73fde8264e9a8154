"""CIDs: published ones are reproduced, both versions and all text forms are one block."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto.cids import cid_v1_raw
from core.errors import Malformed
from core.ipfs.cid import DAG_PB, RAW, ParsedCid, parse_binary, parse_cid, sha256_cid

HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
HELLO_V0 = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"


def test_cid_of_hello_world() -> None:
    """As npm multiformats computes it."""
    assert sha256_cid(b"hello world").text() == HELLO


def test_core_crypto_and_ipfs_agree() -> None:
    cid = sha256_cid(b"any document")
    assert cid_v1_raw(cid.multihash[2:]) == cid.text()


def test_both_versions_of_a_dag_pb_cid_name_the_same_block() -> None:
    old = parse_cid(HELLO_V0)
    assert (old.version, old.codec) == (0, DAG_PB)
    assert parse_cid(ParsedCid(1, DAG_PB, old.multihash).text()).multihash == old.multihash


def test_every_text_form_is_the_same_cid() -> None:
    cid = parse_cid(HELLO)
    forms = [
        "f" + cid.binary().hex(),
        "u" + base64.urlsafe_b64encode(cid.binary()).decode().rstrip("="),
    ]
    assert [parse_cid(form) for form in forms] == [cid, cid]


def test_identity_carries_its_content() -> None:
    """`bafkqaaa`, the empty inline block, is what gateway checkers ask for."""
    assert parse_cid("bafkqaaa").inline == b""


@given(st.binary(max_size=200), st.sampled_from([(RAW, 1), (DAG_PB, 1), (DAG_PB, 0)]))
def test_text_and_binary_round_trip(data: bytes, form: tuple[int, int]) -> None:
    cid = sha256_cid(data, *form)
    assert parse_cid(cid.text()) == cid
    assert parse_binary(cid.binary()) == cid
    assert cid.matches(data)
    assert not cid.matches(data + b"x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "Qm",
        "hello",
        HELLO[:-1],
        HELLO + "a",
        HELLO.upper(),
        HELLO_V0[:-1] + "0",
        "z" + HELLO_V0,
        "bafyreib" + "é" * 10,
        "../../etc/passwd",
        "f0155122",
        "f01551120" + "00" * 32,
        "f0155" + "ff" * 20,
        "b" * 5000,
    ],
)
def test_what_is_not_a_cid_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_cid(text)


@given(st.text(max_size=80))
def test_any_text_is_a_cid_or_malformed(text: str) -> None:
    for candidate in (text, "b" + text, "f" + text, "u" + text, "Qm" + text[:44]):
        try:
            cid = parse_cid(candidate)
        except Malformed:
            continue
        assert parse_cid(cid.text()) == cid
