"""What scanners transmit, against the tests of GS1's syntax engine."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import InvalidIdentifier
from core.gs1 import elements, scan
from core.gs1.elements import Element
from core.gs1.scan import Scan, Symbology

Vectors = Callable[[str], list[dict[str, Any]]]

NO_DIGITAL_LINK = "]Q1https://a/NOPRIMARYAI"
"""A QR code may hold any URL: to us it is text, and whoever wants a Digital Link will refuse it."""


def read(data: str) -> Scan | None:
    try:
        return scan.parse(data)
    except InvalidIdentifier:
        return None


def as_engine_writes(found: Scan) -> str:
    """The engine's own notation: FNC1 as ^, a text that starts with one escaped."""
    if found.symbology in (Symbology.EAN_13, Symbology.EAN_8):
        length = 13 if found.symbology is Symbology.EAN_13 else 8
        gtin, composite = found.elements[0].value, found.elements[1:]
        tail = "|" + elements.unbracketed(composite) if composite else ""
        return gtin[-length:] + tail
    if found.elements:
        return elements.unbracketed(found.elements)
    return ("\\" if found.text.lstrip("\\").startswith("^") else "") + found.text


def test_transmissions_read_alike(vectors: Vectors) -> None:
    for vector in vectors("process_scan_data.jsonl"):
        found = read(vector["scan_data"])
        if vector["scan_data"] == NO_DIGITAL_LINK:
            assert found == Scan(Symbology.QR, text=NO_DIGITAL_LINK[3:])
        elif vector["should_succeed"]:
            assert found is not None, vector
            assert as_engine_writes(found) == vector["expect_data"]
        else:
            assert found is None, vector


def test_what_the_engine_transmits_comes_back_the_same(vectors: Vectors) -> None:
    """Save for a separator at the very end, which says nothing."""
    for vector in vectors("generate_scan_data.jsonl"):
        transmitted = vector["expect_scan_data"]
        if transmitted != "NULL":
            assert scan.transmitted(scan.parse(transmitted)) == transmitted.rstrip("\x1d"), vector


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ("", "gs1.symbology"),
        ("0109506000134352", "gs1.symbology"),
        ("]C1", "gs1.element_string"),
        ("]C110A^B", "gs1.scan_data"),
        ("]E0950600013435X", "gs1.scan_data"),
        ("]E09506000134353", "gs1.check_digit"),
        ("]I119521141234561", "gs1.check_digit"),
        ("]I19521141234561", "gs1.scan_data"),
        ("]I119521141234560|]e010A", "gs1.scan_data"),
        ("]I019521141234560", "gs1.symbology"),
        ("]d2" + "10A" * 3_000, "gs1.scan_data"),
    ],
)
def test_each_mistake_has_its_rule(data: str, rule: str) -> None:
    with pytest.raises(InvalidIdentifier) as caught:
        scan.parse(data)
    assert caught.value.issues[0].rule == rule
    assert caught.value.hint


def test_a_gtin_that_does_not_fit_its_symbol_is_refused() -> None:
    with pytest.raises(InvalidIdentifier):
        scan.transmitted(Scan(Symbology.EAN_8, (Element("01", "09506000134352"),)))


def test_an_itf_14_symbol_holds_a_gtin_of_a_case() -> None:
    found = scan.parse("]I119521141234560")
    assert found == Scan(Symbology.ITF_14, (Element("01", "19521141234560"),))
    assert scan.transmitted(found) == "]I119521141234560"


def test_no_composite_stands_above_itf_14() -> None:
    elements = (Element("01", "19521141234560"), Element("10", "A"))
    with pytest.raises(InvalidIdentifier):
        scan.transmitted(Scan(Symbology.ITF_14, elements))
