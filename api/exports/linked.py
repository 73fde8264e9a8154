"""JSON-LD of a product: GS1 Web Vocabulary, and the EU digital product passport on top of it.

Terms: GS1 Web Vocabulary 1.16; OpenEPCIS DPP core 0.9.9, which names what ESPR (EU 2024/1781) and
EN 18223 ask for. The context stands in the document itself: nobody has to fetch one.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from api.exports.footprint import kilograms, scope
from api.words import moment
from core.types import Role

MEDIA: Final = "application/ld+json"
CONTEXT: Final[dict[str, Any]] = {
    "gs1": "https://ref.gs1.org/voc/",
    "oec": "https://ref.openepcis.io/extensions/common/core/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ROLES: Final = {
    Role.SUPPLIER: "oec:Manufacturer",
    Role.CARRIER: "oec:FulfilmentServiceProvider",
    Role.RETAILER: "oec:Distributor",
}
"""The operator's role under ESPR, Art. 77, as far as the registrar's role tells it."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who answers for a product: its custodian, as the registrar vouches for it."""

    name: str
    gln: str
    role: int


def web_vocabulary(told: dict[str, Any]) -> dict[str, Any]:
    """The product in GS1 Web Vocabulary, for search engines and whoever reads the page."""
    product, found = told["product"], told["links"]
    named = {
        "gs1:gtin": product["gtin"],
        "gs1:hasBatchLotNumber": product["lot"],
        "gs1:hasSerialNumber": product["serial"],
        "gs1:productID": product["sscc"],
    }
    return {
        "@context": CONTEXT,
        "@id": product["uri"],
        "@type": "gs1:Product",
        **{term: value for term, value in named.items() if value is not None},
        "gs1:pip": _link(found["self"]),
        "gs1:epcis": _link(found["events"]),
        "gs1:traceability": _link(found["self"]),
        "gs1:recallStatus": _link(f"{found['self']}#recalls"),
        "gs1:certification": [_certification(one) for one in told["issued"]],
    }


def passport(told: dict[str, Any], operator: Operator | None, updated_s: int) -> dict[str, Any]:
    """The EU digital product passport. What nobody recorded is left out, never filled in."""
    product = told["product"]
    body = web_vocabulary(told) | {
        "oec:passportIdentifier": product["productId"],
        "oec:passportVersion": str(product["events"]),
        "oec:passportStatus": "suspended" if product["recallLevel"] else "active",
        "oec:lastUpdated": _typed("dateTime", moment(updated_s * 1000)),
    }
    if product["gtin"] is not None:
        body["oec:granularityLevel"] = "item" if product["serial"] else "batch"
    if operator is not None:
        body["oec:hasPassportIssuer"] = _operator(operator)
    if (footprint := told["carbon"]["footprint"]) and footprint["co2eGrams"] is not None:
        body["oec:hasEmissionsPerformance"] = _emissions(footprint)
    if told["sources"]:
        body["oec:hasTraceabilityPerformance"] = _traceability(told["sources"])
    return body


def _operator(operator: Operator) -> dict[str, Any]:
    return {
        "@id": f"https://id.gs1.org/417/{operator.gln}",
        "@type": ["gs1:Organization", "oec:OperatorInformation"],
        "gs1:organizationName": operator.name,
        "gs1:globalLocationNumber": operator.gln,
        "oec:hasOperatorRole": {"@id": _ROLES.get(Role(operator.role), "oec:Distributor")},
    }


def _emissions(footprint: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "oec:EmissionsPerformance",
        "oec:carbonFootprintTotal": _typed("decimal", kilograms(footprint)),
    }
    if footprint["functionalUnit"]:
        told["oec:declaredUnit"] = footprint["functionalUnit"]
    if (told_scope := scope(footprint)) is not None:
        told["oec:hasOperationalScope"] = {"@id": f"oec:{told_scope}"}
    return told


def _traceability(sources: list[dict[str, Any]]) -> dict[str, Any]:
    """How many of the links back both sides recorded, cut after four digits."""
    share = Fraction(sum(1 for one in sources if one["confirmed"]), len(sources))
    ratio = format(Decimal(int(share * 10_000)).scaleb(-4), "f")
    return {
        "@type": "oec:TraceabilityPerformance",
        "oec:verifiedRatio": _typed("decimal", ratio),
    }


def _certification(issued: dict[str, Any]) -> dict[str, Any]:
    """Status and dates in the ranges that the vocabulary gives them: a code, and days of UTC."""
    standing = "ACTIVE" if issued["state"] == "valid" else "INACTIVE"
    return {
        "@type": "gs1:CertificationDetails",
        "gs1:certificationIdentification": issued["certificateId"],
        "gs1:certificationAgency": issued["by"],
        "gs1:certificationStatus": _link(f"gs1:CertificationStatus-{standing}"),
        "gs1:certificationStartDate": _typed("date", issued["validFrom"][:10]),
        "gs1:certificationEndDate": _typed("date", issued["validTo"][:10]),
        "gs1:certificationURI": {"@id": f"ipfs://{issued['documentCid']}"},
    }


def _link(href: str) -> dict[str, str]:
    return {"@id": href}


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}
