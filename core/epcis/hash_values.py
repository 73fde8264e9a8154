"""Canonical values of the CBV event hash.

Source: CBV 2.0 section 8.9.3: numbers without needless zeros, identifiers as canonical Digital
Links, terms as web URIs.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from core.document.lexical import LexicalValue, Number
from core.epcis import identifiers, vocab
from core.errors import InvalidIdentifier

NAMESPACES: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
}
"""Prefixes the EPCIS 2.0 context declares; a document's own context adds to them."""

_NUMERIC: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_SHORTEST: Final = re.compile(r"(?:0|[1-9]\d*)(?:\.\d*[1-9])?", re.ASCII)
"""A number that has no shorter text."""
_MAX_DIGITS: Final = 400
_LONGEST: Final = 64
"""Characters of a text that is remembered, if it is no link: `identifiers` remembers those."""


class Scope:
    """What the prefixes in an event stand for."""

    __slots__ = ("_context", "_prefixes")

    def __init__(self, context: tuple[LexicalValue, ...]) -> None:
        self._context = context
        self._prefixes: Mapping[str, str] | None = None

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Those its document declares itself, too; remote contexts are never fetched."""
        if self._prefixes is None:
            self._prefixes = NAMESPACES | _declared(self._context)
        return self._prefixes

    def expanded(self, text: str) -> str:
        """The full URI of a compact one; other text unchanged."""
        if ":" not in text or text[0] in "+-":  # a word, or an offset
            return text
        prefix, _, local = text.partition(":")
        if local.startswith("//") or prefix not in self.prefixes:
            return text
        return self.prefixes[prefix] + local


def _declared(context: tuple[LexicalValue, ...]) -> dict[str, str]:
    return {
        name: uri
        for part in context
        if isinstance(part, dict)
        for name, uri in part.items()
        if isinstance(uri, str)
    }


def canonical(value: LexicalValue, scope: Scope) -> str:
    """The text a plain value contributes; empty for null, lists and objects."""
    match value:
        case str():
            text = value.strip()
            if text.startswith("https://"):  # no number, no prefix
                return _identifier(text)
            text = scope.expanded(text)
            return _remembered(text) if len(text) <= _LONGEST else _canonical_text(text)
        case bool():
            return "true" if value else "false"
        case Number():
            return _canonical_number(value.lexeme)
        case _:
            return ""


def _canonical_text(text: str) -> str:
    if not text[:1].isalpha() and _NUMERIC.fullmatch(text):  # what begins with a letter is none
        return _canonical_number(text)
    return _identifier(vocab.of_urn(text))


def _identifier(text: str) -> str:
    try:
        return identifiers.normalize(text)
    except InvalidIdentifier:
        return text


_remembered: Final = lru_cache(4_096)(_canonical_text)


def _canonical_number(text: str) -> str:
    """Plain digits without needless zeros, exact; absurd sizes stay as written."""
    if len(text) <= _LONGEST and _SHORTEST.fullmatch(text):
        return text
    number = Decimal(text)
    if abs(number.adjusted()) > _MAX_DIGITS or len(text) > _MAX_DIGITS:
        return text
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
