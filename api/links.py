"""The paths of this API that other parts point to."""

from urllib.parse import quote

from core.epcis.digital_link import CANONICAL_STEM
from core.types import ProductUri


def path(uri: str) -> str:
    """The path of a product's canonical Digital Link: `/01/{gtin}/10/{lot}`."""
    return uri.removeprefix(CANONICAL_STEM)


def passport(public_url: str, uri: str) -> str:
    """The Digital Link that a QR code on the pack holds; it leads to the page."""
    return public_url + path(uri)


def page(public_url: str, uri: str) -> str:
    """The passport's page, and its data for who asks for JSON."""
    return f"{public_url}/passport{path(uri)}"


def proof(public_url: str, uri: str) -> str:
    """Where a product's proof bundle is served."""
    return f"{public_url}/proof{path(uri)}"


def dpp(public_url: str, uri: str) -> str:
    """The EU digital product passport, as JSON-LD."""
    return f"{public_url}/dpp{path(uri)}"


def qr(public_url: str, uri: str) -> str:
    """The QR code of a product's passport, as SVG."""
    return f"{public_url}{path(uri)}/qr.svg"


def canonical(path_text: str) -> ProductUri:
    """A path of ours as an id.gs1.org URI, still to be parsed and checked."""
    return ProductUri(CANONICAL_STEM + "/" + path_text.lstrip("/"))


def events(public_url: str, uri: str) -> str:
    """The recorded events that name a product, as EPCIS."""
    return f"{public_url}/epcs/{quote(uri, safe='')}/events"
