"""What a resolver says of itself, and what a scanned string means."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import links
from api.answers import json_response
from api.deps import WithServices, WithSnapshot
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.resolver.links import VOCABULARY
from core.crypto import keccak256
from core.epcis import digital_link, identifiers
from core.epcis.digital_link import DigitalLink
from core.errors import InvalidIdentifier, SmartRetailError
from core.gs1 import associations, elements, scan
from core.gs1.dictionary import application_identifiers
from core.gs1.elements import FNC1, GROUP_SEPARATOR, Element

router = APIRouter(tags=["resolver"])

Scanned = Annotated[
    str,
    Query(
        max_length=scan.LONGEST,
        description="With an AIM prefix (`]d2…`), FNC1 as `^` or the group separator, in brackets, "
        "as a Digital Link, or as an EPC URN.",
    ),
]
_LINK_TYPES: Final = {
    "defaultLink": "Product passport",
    "pip": "Product passport",
    "traceability": "Journey as data",
    "epcis": "EPCIS events",
    "dpp": "EU passport",
    "sustainabilityInfo": "Footprint",
    "certificationInfo": "Certificates",
    "recallStatus": "Recalls",
}


@router.get("/.well-known/gs1resolver")
async def description(services: WithServices) -> dict[str, Any]:
    """The resolver description file (GS1-conformant resolver standard 1.2, section 6)."""
    return {
        "name": "SmartRetail360",
        "resolverRoot": services.settings.public_url,
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "supportedPrimaryKeys": ["00", "01"],
        "linkTypeDefaultCanBeLinkset": False,
        "supportsLanguageVariants": True,
        "validatesAIcombinations": True,
        "activeLinkTypes": {
            "en": {
                f"gs1:{name}": {"title": title, "url": VOCABULARY + name}
                for name, title in _LINK_TYPES.items()
            }
        },
    }


@router.get("/scan")
async def scanned(data: Scanned, services: WithServices, snapshot: WithSnapshot) -> Response:
    """What a barcode says: its elements with their names, its Digital Link, and its passport.

    Raises InvalidIdentifier with the rule that is broken.
    """
    symbology, found = _read(data)
    associations.check(found)
    uri = digital_link.from_elements(found)
    link = digital_link.parse(uri)
    body = {
        "symbology": symbology,
        "elements": [_named(element) for element in found],
        "bracketed": elements.bracketed(found),
        "digitalLink": uri,
        "key": {"ai": link.key, "value": link.value},
        "qualifiers": [{"ai": ai, "value": value} for ai, value in link.qualifiers],
        "passport": await _passport(snapshot, link, services.settings.public_url),
    }
    return json_response(body, await snapshot.meta(), cache_control="no-store")


def _read(data: str) -> tuple[str | None, tuple[Element, ...]]:
    if data.startswith("]"):
        read = scan.parse(data)
        return read.symbology.value, read.elements or _of_uri(read.text)
    if data.startswith(("(", FNC1)):
        return None, elements.parse(data)
    if data.startswith(GROUP_SEPARATOR):
        return None, elements.parse(data)
    return None, _of_uri(data)


def _of_uri(text: str) -> tuple[Element, ...]:
    if text.lower().startswith(("http://", "https://")):
        return digital_link.parse_elements(text)
    if identifiers.is_epc_urn(text):
        return digital_link.parse_elements(identifiers.normalize(text))
    raise InvalidIdentifier(
        "this is neither an element string nor a Digital Link nor an EPC URN",
        pointer="data",
        hint="Let the scanner transmit AIM symbology identifiers, or write it like (01)…(10)….",
    )


def _named(element: Element) -> dict[str, str]:
    entry = application_identifiers()[element.ai]
    return {"ai": element.ai, "value": element.value, "title": entry.title}


async def _passport(
    snapshot: Snapshot, link: DigitalLink, public_url: str
) -> dict[str, Any] | None:
    """None for a key that names no product, such as a location."""
    if link.key not in ("00", "01"):
        return None
    try:
        uri = str(identifiers.product_uri(link.canonical()))
    except SmartRetailError:  # a GTIN alone: the page of its lots
        uri = str(link.canonical())
    product = await product_by_id(snapshot, keccak256(uri.encode()))
    return {
        "product": uri,
        "url": links.passport(public_url, uri),
        "recorded": product is not None,
        "recallLevel": product.recall_level if product else None,
    }
