"""One door to GS1 identifiers: Digital Link or EPC URN in, one canonical URI out."""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from core.epcis import digital_link, epc_urn, foreign_epc
from core.epcis.digital_link import DigitalLink
from core.errors import InvalidIdentifier
from core.types import ProductUri

_URN: Final = "urn:epc:"
GS1_HOSTS: Final = frozenset({"id.gs1.org"})
_REMEMBERED: Final = 16_384
"""Texts; a document names the same places and things again and again."""
_REMEMBERED_LENGTH: Final = 256
"""Characters of a text that is remembered: what all of them take is bounded too."""


def parse(text: str) -> DigitalLink:
    """Reads a Digital Link URI or an EPC URN; raises InvalidIdentifier naming the rule."""
    return epc_urn.parse(text) if is_epc_urn(text) else digital_link.parse(text)


def is_epc_urn(text: str) -> bool:
    """Whether this can only be meant as an EPC; the scheme's case does not matter (RFC 8141)."""
    return text[: len(_URN)].lower() == _URN


def product_uri(text: str) -> ProductUri:
    """The canonical URI an event's product is known by, e.g. `https://id.gs1.org/01/…/10/…`.

    Variants of one identifier (EPC URN, other domain, short GTIN, extra qualifiers, other
    percent-encoding) give the same URI. Raises InvalidIdentifier.
    """
    return parse(text).epcis_level().canonical()


def normalize(text: str) -> str:
    """`product_uri` where the text is a GS1 identifier, else the text unchanged.

    EPCIS allows private URIs and EPCs of other numbers beside GS1's. What claims to be a GS1
    identifier and is wrong is refused, never passed through. Raises InvalidIdentifier.
    """
    return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else _normalized(text)


def _normalized(text: str) -> str:
    if "/" not in text and not is_epc_urn(text):
        return text  # no URI with a host, so no Digital Link
    if digital_link.is_canonical(text):
        return text
    if foreign_epc.is_one(text):
        return text
    try:
        return product_uri(text)
    except InvalidIdentifier as error:
        if claims_gs1(text) or error.issues[0].rule == "gs1.check_digit":
            raise
        return text


_remembered: Final = lru_cache(_REMEMBERED)(_normalized)


def claims_gs1(text: str) -> bool:
    """Whether this URI can only be meant as a GS1 identifier."""
    if is_epc_urn(text):
        return True
    try:
        return urlsplit(text).hostname in GS1_HOSTS
    except ValueError:
        return False
