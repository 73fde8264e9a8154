"""EPC URNs of EPCIS 1.x, read into GS1 keys.

Source: EPC Tag Data Standard 2.0 section 6.3 (URN forms) and 7 (correspondence to GS1 keys).
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from core.epcis.digital_link import DigitalLink, make
from core.gs1.check_characters import with_check_digit
from core.gs1.refusal import refuse
from core.gs1.values import check_value

_URN: Final = re.compile(r"(?i:urn:epc):(?P<kind>id|idpat|class):(?P<scheme>[a-z]+):(?P<body>.+)")
_HINT: Final = "Write it like urn:epc:id:sgtin:{company prefix}.{item reference}.{serial}."
_GCP_LENGTHS: Final = range(6, 13)


def parse(urn: str) -> DigitalLink:
    """Reads an EPC URN (pure identity, class or class pattern) into its GS1 key.

    Raises InvalidIdentifier with rule `gs1.epc_urn` or the rules of the key it names.
    """
    match = _URN.fullmatch(urn)
    reader = _READERS.get((match["kind"], match["scheme"])) if match else None
    if match is None or reader is None:
        raise refuse("gs1.epc_urn", f"{urn!r} is not an EPC URN that names a GS1 key", _HINT)
    parts = [unquote(part) for part in match["body"].split(".", reader[0] - 1)]
    if len(parts) != reader[0]:
        raise refuse("gs1.epc_urn", f"{urn!r} has {len(parts)} parts, not {reader[0]}", _HINT)
    if match["kind"] == "idpat" and parts[-1] != "*":
        raise refuse("gs1.epc_urn", f"{urn!r} is a pattern without *", "End it with .*")
    prefix = parts[0]
    if len(prefix) not in _GCP_LENGTHS or not _digits(prefix):
        message = f"{prefix!r} is not a GS1 company prefix of 6 to 12 digits"
        raise refuse("gs1.epc_urn", message, _HINT)
    return reader[1](*parts)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _joined(prefix: str, reference: str, length: int) -> str:
    """Company prefix and reference, which together have a fixed number of digits."""
    body = prefix + reference
    if len(body) != length or (reference and not _digits(reference)):
        message = f"{prefix}.{reference} does not have {length} digits"
        raise refuse("gs1.epc_urn", message, "Pad the reference with leading zeros.")
    return body


def _led(prefix: str, reference: str, length: int) -> str:
    """As `_joined`, with the reference's first digit (indicator, extension) in front."""
    body = _joined(prefix, reference, length)
    if not reference:
        raise refuse("gs1.epc_urn", f"{prefix}. has no reference", _HINT)
    return reference[0] + body[: len(prefix)] + reference[1:]


def _gtin(prefix: str, reference: str) -> str:
    return with_check_digit(_led(prefix, reference, 13))


def _gln(prefix: str, reference: str) -> str:
    return with_check_digit(_joined(prefix, reference, 12))


def _sgtin(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("01", _gtin(prefix, reference), ("21", serial))


def _lgtin(prefix: str, reference: str, lot: str) -> DigitalLink:
    return make("01", _gtin(prefix, reference), ("10", lot))


def _upui(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("01", _gtin(prefix, reference), ("235", serial))


def _sscc(prefix: str, reference: str) -> DigitalLink:
    return make("00", with_check_digit(_led(prefix, reference, 17)))


def _sgln(prefix: str, reference: str, extension: str) -> DigitalLink:
    qualifiers = () if extension == "0" else (("254", extension),)
    return make("414", _gln(prefix, reference), *qualifiers)


def _pgln(prefix: str, reference: str) -> DigitalLink:
    return make("417", _gln(prefix, reference))


def _grai(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("8003", f"0{_gln(prefix, reference)}{_needed(serial)}")


def _gdti(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("253", _gln(prefix, reference) + _needed(serial))


def _sgcn(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("255", _gln(prefix, reference) + _needed(serial))


def _giai(prefix: str, reference: str) -> DigitalLink:
    return make("8004", prefix + _needed(reference))


def _ginc(prefix: str, reference: str) -> DigitalLink:
    return make("401", prefix + _needed(reference))


def _gsin(prefix: str, reference: str) -> DigitalLink:
    return make("402", with_check_digit(_joined(prefix, reference, 16)))


def _gsrn(key: str) -> Callable[[str, str], DigitalLink]:
    return lambda prefix, ref: make(key, with_check_digit(_joined(prefix, ref, 17)))


def _cpi(prefix: str, reference: str, serial: str) -> DigitalLink:
    return make("8010", prefix + _needed(reference), ("8011", serial))


def _itip(prefix: str, reference: str, piece: str, total: str, serial: str) -> DigitalLink:
    return make("8006", _gtin(prefix, reference) + piece + total, ("21", serial))


def _needed(text: str) -> str:
    check_value("21", text) if not text else None
    return text


def _pattern_gtin(prefix: str, reference: str, _any: str) -> DigitalLink:
    return make("01", _gtin(prefix, reference))


def _pattern_key(key: str, lead: str = "") -> Callable[[str, str, str], DigitalLink]:
    return lambda prefix, ref, _any: make(key, lead + _gln(prefix, ref))


def _pattern_itip(prefix: str, ref: str, piece: str, total: str, _any: str) -> DigitalLink:
    return make("8006", _gtin(prefix, ref) + piece + total)


def _pattern_cpi(prefix: str, reference: str, _any: str) -> DigitalLink:
    return make("8010", prefix + _needed(reference))


_READERS: Final[dict[tuple[str, str], tuple[int, Callable[..., DigitalLink]]]] = {
    ("id", "sgtin"): (3, _sgtin),
    ("id", "sscc"): (2, _sscc),
    ("id", "sgln"): (3, _sgln),
    ("id", "pgln"): (2, _pgln),
    ("id", "grai"): (3, _grai),
    ("id", "giai"): (2, _giai),
    ("id", "gsrn"): (2, _gsrn("8018")),
    ("id", "gsrnp"): (2, _gsrn("8017")),
    ("id", "gdti"): (3, _gdti),
    ("id", "cpi"): (3, _cpi),
    ("id", "sgcn"): (3, _sgcn),
    ("id", "ginc"): (2, _ginc),
    ("id", "gsin"): (2, _gsin),
    ("id", "itip"): (5, _itip),
    ("id", "upui"): (3, _upui),
    ("class", "lgtin"): (3, _lgtin),
    ("idpat", "sgtin"): (3, _pattern_gtin),
    ("idpat", "upui"): (3, _pattern_gtin),
    ("idpat", "grai"): (3, _pattern_key("8003", "0")),
    ("idpat", "gdti"): (3, _pattern_key("253")),
    ("idpat", "sgcn"): (3, _pattern_key("255")),
    ("idpat", "itip"): (5, _pattern_itip),
    ("idpat", "cpi"): (3, _pattern_cpi),
}
