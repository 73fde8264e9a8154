"""The bundled standard data is what NOTICE.md says, and the code's assumptions about it hold."""

import hashlib
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

from core.epcis import vocab
from core.epcis.schema import definitions
from core.gs1.dictionary import application_identifiers

SCHEMA_SHA256 = "c8f315688244cb566ee8569f3fd5861bbe0af8ec532fc319cb1504ae75ec679a"
DICTIONARY_SHA256 = "1ea02f4e3b81d3092e095987600e01c7fd55310f4da5181f5a070262ff6ffc94"
PINNED = [
    ("core.epcis", "epcis-json-schema-2.0.1.json", SCHEMA_SHA256),
    ("core.gs1", "gs1-syntax-dictionary.txt", DICTIONARY_SHA256),
]


@pytest.mark.parametrize(("package", "name", "digest"), PINNED)
def test_bundled_file_is_unchanged(package: str, name: str, digest: str) -> None:
    data = (files(package) / "data" / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest


def test_schema_says_nothing_about_the_size_of_numbers() -> None:
    """Validation puts a stand-in for each number, which is sound only while this holds."""
    keywords = set(_keywords(definitions()))
    assert not keywords & {"minimum", "maximum", "exclusiveMinimum", "multipleOf"}
    assert "integer" not in _types(definitions())


def test_schema_refers_to_nothing_outside() -> None:
    assert all(ref.startswith("#/") for ref in _references(definitions()))
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft7Validator(
            {"$ref": "https://example.invalid/schema.json"}, offline=True
        ).validate(1)


def test_dictionary_names_the_digital_link_keys() -> None:
    keys = {ai for ai, row in application_identifiers().items() if row.qualifiers is not None}
    assert {"00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004"} <= keys
    assert application_identifiers()["01"].qualifiers == (("22", "10", "21"), ("235",))


@pytest.mark.parametrize(
    ("vocabulary", "word", "spellings"),
    [
        (
            "bizStep",
            "shipping",
            [
                "shipping",
                "urn:epcglobal:cbv:bizstep:shipping",
                "https://ref.gs1.org/cbv/BizStep-shipping",
                "cbv:BizStep-shipping",
            ],
        ),
        ("disposition", "in_transit", ["urn:epcglobal:cbv:disp:in_transit", "cbv:Disp-in_transit"]),
        ("bizTransaction", "po", ["po", "urn:epcglobal:cbv:btt:po"]),
        ("sourceDest", "location", ["urn:epcglobal:cbv:sdt:location"]),
        ("errorReason", "did_not_occur", ["urn:epcglobal:cbv:er:did_not_occur"]),
    ],
)
def test_every_spelling_of_a_term_is_one_word(
    vocabulary: str, word: str, spellings: list[str]
) -> None:
    assert word in vocab.words(vocabulary)
    assert {vocab.bare(vocabulary, text) for text in spellings} == {word}
    assert len({vocab.web_uri(vocabulary, text) for text in spellings}) == 1


def test_a_term_of_another_vocabulary_stays_as_it_is() -> None:
    foreign = "urn:epcglobal:cbv:disp:in_transit"
    assert vocab.bare("bizStep", foreign) == foreign
    assert vocab.web_uri("bizStep", "https://example.com/step") == "https://example.com/step"


def _keywords(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(k for v in node.values() for k in _keywords(v))]
    return [k for item in node for k in _keywords(item)] if isinstance(node, list) else []


def _types(node: Any) -> set[str]:
    return _values(node, "type")


def _references(node: Any) -> set[str]:
    return _values(node, "$ref")


def _values(node: Any, name: str) -> set[str]:
    if isinstance(node, list):
        return {v for item in node for v in _values(item, name)}
    if not isinstance(node, dict):
        return set()
    here = {node[name]} if isinstance(node.get(name), str) else set()
    return here | {v for item in node.values() for v in _values(item, name)}
