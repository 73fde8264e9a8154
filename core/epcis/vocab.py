"""The Core Business Vocabulary: bare words and the URIs they stand for.

Source: CBV 2.0 sections 7.1 to 7.6; the words are those of the bundled EPCIS 2.0.1 schema.
"""

import re
from functools import cache, lru_cache
from typing import Final

from core.epcis.schema import definitions

_WEB_NAMES: Final = {
    "bizStep": "BizStep",
    "disposition": "Disp",
    "bizTransaction": "BTT",
    "sourceDest": "SDT",
    "errorReason": "ER",
}
_URN_NAMES: Final = {
    "bizstep": "bizStep",
    "disp": "disposition",
    "btt": "bizTransaction",
    "sdt": "sourceDest",
    "er": "errorReason",
}
_DEFINITIONS: Final = {
    "bizStep": "bizStep",
    "disposition": "disposition",
    "bizTransaction": "bizTransaction-type",
    "sourceDest": "source-dest-type",
    "errorReason": "error-reason",
    "measurementType": "measurementType",
    "component": "component",
    "sensorAlertType": "sensorAlertType",
}
_REMEMBERED: Final = 4_096
_LONGEST: Final = 256
"""Characters of a text that is remembered; no standard term is nearly as long."""
_WEB: Final = re.compile(
    r"(?:https?://(?:ref|ns)\.gs1\.org/cbv/|cbv:)(?P<name>BizStep|Disp|BTT|SDT|ER)-(?P<word>\w+)"
)
_URN: Final = re.compile(
    r"urn:epcglobal:cbv:(?P<name>bizstep|disp|btt|sdt|er):(?P<word>\w+)", re.IGNORECASE
)


@cache
def words(vocabulary: str) -> frozenset[str]:
    """The standard's words of one vocabulary: bizStep, disposition, bizTransaction, …"""
    alternatives = definitions()[_DEFINITIONS[vocabulary]]["anyOf"]
    return frozenset(word for option in alternatives for word in option.get("enum", ()))


def bare(vocabulary: str, value: str | None) -> str | None:
    """The bare word of a standard term in any of its spellings; other text unchanged."""
    if value is None:
        return None
    bare_word = _remembered_bare if len(value) <= _LONGEST else _bare
    return bare_word(vocabulary, value)


def _bare(vocabulary: str, value: str) -> str:
    web, urn = _WEB.fullmatch(value), _URN.fullmatch(value)
    if web and web["name"] == _WEB_NAMES[vocabulary]:
        return web["word"]
    if urn and _URN_NAMES[urn["name"].lower()] == vocabulary:
        return urn["word"]
    return value


def web_uri(vocabulary: str, value: str) -> str:
    """`https://ref.gs1.org/cbv/BizStep-shipping` for any spelling of a standard term."""
    uri = _remembered_uri if len(value) <= _LONGEST else _web_uri
    return uri(vocabulary, value)


def _web_uri(vocabulary: str, value: str) -> str:
    word = _bare(vocabulary, value)
    if word not in words(vocabulary):
        return value
    return f"https://ref.gs1.org/cbv/{_WEB_NAMES[vocabulary]}-{word}"


def of_urn(text: str) -> str:
    """The web URI of a standard term that is given as a URN; other text unchanged."""
    urn = _URN.fullmatch(text)
    return text if urn is None else web_uri(_URN_NAMES[urn["name"].lower()], text)


_remembered_bare: Final = lru_cache(_REMEMBERED)(_bare)
_remembered_uri: Final = lru_cache(_REMEMBERED)(_web_uri)
