"""Canonical values of the CBV event hash.

Source: CBV 2.0 section 8.9.3: numbers without needless zeros, identifiers as canonical Digital
Links, terms as web URIs.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.document.lexical import LexicalValue, Number
from core.epcis import identifiers
from core.errors import InvalidIdentifier

NAMESPACES: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
}
"""Prefixes the EPCIS 2.0 context declares; a document's own context adds to them."""

_NUMERIC: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_MAX_DIGITS: Final = 400


@dataclass(frozen=True, slots=True)
class Scope:
    """What is the same for all members of one event."""

    prefixes: Mapping[str, str]
    ignored: Collection[str]


def canonical(value: LexicalValue) -> str:
    """The text a plain value contributes; empty for null, lists and objects."""
    match value:
        case bool():
            return "true" if value else "false"
        case Number():
            return _canonical_number(value.lexeme)
        case str():
            return _canonical_text(value.strip())
        case _:
            return ""


def _canonical_text(text: str) -> str:
    if _NUMERIC.fullmatch(text):
        return _canonical_number(text)
    prefix, colon, local = text.partition(":")
    if colon and prefix in NAMESPACES:
        return NAMESPACES[prefix] + local
    try:
        return identifiers.normalize(text)
    except InvalidIdentifier:
        return text


def _canonical_number(text: str) -> str:
    """Plain digits without needless zeros, exact; absurd sizes stay as written."""
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_DIGITS or len(text) > _MAX_DIGITS:
        return text
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
