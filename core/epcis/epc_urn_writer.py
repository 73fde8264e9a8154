"""GS1 keys written as EPC URNs, for partners who still speak EPCIS 1.2.

A URN names the length of the company prefix, which a GS1 key does not: who writes one must know it.
Source: EPC Tag Data Standard 2.0, sections 6.3 and 7.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from core.epcis.digital_link import DigitalLink
from core.gs1.refusal import refuse

PREFIX_LENGTHS: Final = range(6, 13)
_SAFE: Final = "!'()*+,-.:;=_"
"""What a URN's component may hold unescaped (TDS section 6.3, production GS3A3)."""
_ALL: Final = "*"

Writer = Callable[[DigitalLink, int], str]


def write(link: DigitalLink, prefix_length: int) -> str:
    """The URN of a key whose company prefix has so many digits: an instance, a class or a pattern.

    Raises InvalidIdentifier: `gs1.epc_urn` for a key that has no URN, or a length outside 6 to 12.
    """
    writer = _WRITERS.get(link.key)
    if writer is None or prefix_length not in PREFIX_LENGTHS:
        message = f"({link.key}) with a company prefix of {prefix_length} digits has no EPC URN"
        raise refuse("gs1.epc_urn", message, "Give the length of the prefix, 6 to 12 digits.")
    return "urn:epc:" + writer(link, prefix_length)


def _component(text: str) -> str:
    return quote(text, safe=_SAFE)


def _split(digits: str, length: int) -> str:
    """A key whose prefix comes first, without its check digit."""
    return f"{digits[:length]}.{digits[length:-1]}"


def _led(digits: str, length: int) -> str:
    """A key with an indicator or extension digit in front, which moves to the reference."""
    return f"{digits[1 : length + 1]}.{digits[0]}{digits[length + 1 : -1]}"


def _gtin(link: DigitalLink, length: int) -> str:
    """The lot, the serial, the third-party serial, or any of the class."""
    body = _led(link.value, length)
    for ai, scheme in (("21", "id:sgtin"), ("10", "class:lgtin"), ("235", "id:upui")):
        if (value := link.qualifier(ai)) is not None:
            return f"{scheme}:{body}.{_component(value)}"
    return f"idpat:sgtin:{body}.{_ALL}"


def _itip(link: DigitalLink, length: int) -> str:
    body = f"{_led(link.value[:14], length)}.{link.value[14:16]}.{link.value[16:]}"
    return _instance("itip", body, link.qualifier("21"))


def _cpi(link: DigitalLink, length: int) -> str:
    body = f"{link.value[:length]}.{_component(link.value[length:])}"
    return _instance("cpi", body, link.qualifier("8011"))


def _sgln(link: DigitalLink, length: int) -> str:
    extension = link.qualifier("254") or "0"
    return f"id:sgln:{_split(link.value, length)}.{_component(extension)}"


def _numbered(scheme: str, start: int = 0) -> Writer:
    """A 13-digit key, from `start` on, with a serial behind its check digit or none."""

    def written(link: DigitalLink, length: int) -> str:
        key, serial = link.value[start : start + 13], link.value[start + 13 :]
        return _instance(scheme, _split(key, length), serial or None)

    return written


def _whole(scheme: str, body: Callable[[str, int], str] = _split) -> Writer:
    return lambda link, length: f"id:{scheme}:{body(link.value, length)}"


def _free(scheme: str) -> Writer:
    """A key of text behind its prefix."""
    return lambda link, length: (
        f"id:{scheme}:{link.value[:length]}.{_component(link.value[length:])}"
    )


def _instance(scheme: str, body: str, serial: str | None) -> str:
    if serial is None:
        return f"idpat:{scheme}:{body}.{_ALL}"
    return f"id:{scheme}:{body}.{_component(serial)}"


_WRITERS: Final[Mapping[str, Writer]] = {
    "00": _whole("sscc", _led),
    "01": _gtin,
    "253": _numbered("gdti"),
    "255": _numbered("sgcn"),
    "401": _free("ginc"),
    "402": _whole("gsin"),
    "414": _sgln,
    "417": _whole("pgln"),
    "8003": _numbered("grai", start=1),
    "8004": _free("giai"),
    "8006": _itip,
    "8010": _cpi,
    "8017": _whole("gsrnp"),
    "8018": _whole("gsrn"),
}
