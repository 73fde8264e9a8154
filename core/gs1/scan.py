"""What a scanner transmits: a symbology identifier (ISO/IEC 15424), then the symbol's data.

A scanner says `]Q3` before the element string of a QR code and `]Q1` before its plain text; EAN,
UPC and ITF-14 symbols hold a GTIN alone, the first two with a composite component behind `|` as a
message of its own.
Source: GS1 General Specifications, sections 5.1.2 and 7.8.2.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.gs1 import elements
from core.gs1.charsets import is_digits
from core.gs1.check_characters import has_check_digit
from core.gs1.elements import FNC1, GROUP_SEPARATOR, Element
from core.gs1.refusal import refuse

LONGEST: Final = 8_191
"""The most any GS1 symbol holds."""


class Symbology(StrEnum):
    """The symbols GS1 uses."""

    GS1_128 = "GS1-128"
    EAN_13 = "EAN-13"
    EAN_8 = "EAN-8"
    ITF_14 = "ITF-14"
    DATABAR = "GS1 DataBar"
    DATA_MATRIX = "Data Matrix"
    QR = "QR Code"
    DOTCODE = "DotCode"


@dataclass(frozen=True, slots=True)
class Scan:
    """The data of one symbol: elements, or plain text such as a Digital Link URI."""

    symbology: Symbology
    elements: tuple[Element, ...] = ()
    text: str = ""


_ELEMENT_STRINGS: Final = {
    "]C1": Symbology.GS1_128,
    "]e0": Symbology.DATABAR,
    "]d2": Symbology.DATA_MATRIX,
    "]Q3": Symbology.QR,
    "]J1": Symbology.DOTCODE,
}
_PLAIN: Final = {
    "]d1": Symbology.DATA_MATRIX,
    "]Q1": Symbology.QR,
    "]J0": Symbology.DOTCODE,
}
_GTINS: Final = {
    "]E0": (Symbology.EAN_13, 13),
    "]E4": (Symbology.EAN_8, 8),
    "]I1": (Symbology.ITF_14, 14),
}
_LINEAR_ONLY: Final = Symbology.ITF_14
"""Above it no composite component is printed."""
_COMPOSITE: Final = "|]e0"
_HINT: Final = "Set the scanner to transmit AIM symbology identifiers, e.g. ]Q3 or ]d2."


def parse(data: str) -> Scan:
    """Read what a scanner transmitted, symbology identifier first.

    Raises InvalidIdentifier: `gs1.symbology` for the identifier, `gs1.scan_data` for what follows,
    or the rules of an element string.
    """
    if len(data) > LONGEST:
        raise refuse("gs1.scan_data", f"{len(data)} characters fit no symbol", _HINT)
    identifier, rest = data[:3], data[3:]
    if identifier in _ELEMENT_STRINGS:
        return Scan(_ELEMENT_STRINGS[identifier], _element_string(rest))
    if identifier in _PLAIN:
        return Scan(_PLAIN[identifier], text=rest)
    if identifier in _GTINS:
        return _gtin(*_GTINS[identifier], rest)
    raise refuse("gs1.symbology", f"{identifier!r} is no symbology of GS1", _HINT)


def transmitted(scan: Scan) -> str:
    """The other way: what a scanner transmits for this symbol."""
    table = _ELEMENT_STRINGS if scan.elements else _PLAIN
    for identifier, symbology in table.items():
        if symbology is scan.symbology:
            return identifier + (_data(scan.elements) if scan.elements else scan.text)
    return _transmitted_gtin(scan)


def _element_string(data: str) -> tuple[Element, ...]:
    if FNC1 in data:
        raise refuse("gs1.scan_data", "the data hold a ^, which no value may", _HINT)
    return elements.parse_unbracketed(FNC1 + data.replace(GROUP_SEPARATOR, FNC1))


def _data(found: tuple[Element, ...]) -> str:
    return elements.unbracketed(found)[1:].replace(FNC1, GROUP_SEPARATOR)


def _gtin(symbology: Symbology, length: int, data: str) -> Scan:
    number, rest = data[:length], data[length:]
    composed = rest.startswith(_COMPOSITE) and symbology is not _LINEAR_ONLY
    if len(number) != length or not is_digits(number) or (rest and not composed):
        raise refuse("gs1.scan_data", f"{data[:40]!r} is not {length} digits", _HINT)
    if not has_check_digit(number):
        hint = "Scan again, or compare the digits with those printed below the barcode."
        raise refuse("gs1.check_digit", f"{number!r} has a wrong check digit", hint)
    composite = _element_string(rest[len(_COMPOSITE) :]) if rest else ()
    return Scan(symbology, (Element("01", number.zfill(14)), *composite))


def _transmitted_gtin(scan: Scan) -> str:
    for identifier, (symbology, length) in _GTINS.items():
        if symbology is scan.symbology and scan.elements[:1]:
            gtin, composite = scan.elements[0].value, scan.elements[1:]
            fits = symbology is not _LINEAR_ONLY or not composite
            if fits and gtin[:-length].strip("0") == "":
                tail = _COMPOSITE + _data(composite) if composite else ""
                return identifier + gtin[-length:] + tail
    raise refuse("gs1.symbology", f"{scan.symbology} does not hold these data", _HINT)
