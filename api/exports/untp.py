"""UNTP 0.6.1 credentials: product passport, traceability events, conformity.

Source: UN Transparency Protocol, Digital Product Passport, Traceability Event and Conformity
Credential. Contexts are named by their addresses and never fetched here.
"""

from collections.abc import Iterator
from typing import Any, Final

from api.exports.signed import CREDENTIALS
from api.words import moment, thing
from core.document.lexical import LexicalObject, LexicalValue, Number
from core.epcis.model import ProductRef, ProductRole, located_products

_CONTEXT: Final = "https://test.uncefact.org/vocabulary/untp/{}/0.6.1/"
_GS1: Final = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org", "name": "GS1 Digital Link"}
_EVENTS: Final = {
    "ObjectEvent": "ObjectEvent",
    "AggregationEvent": "AggregationEvent",
    "AssociationEvent": "AssociationEvent",
    "TransactionEvent": "TransactionEvent",
    "TransformationEvent": "TransformationEvent",
}


def envelope(kind: str, name: str, issuer: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A credential's outer members: `said` has at least id, validFrom, status and subject."""
    return {
        "@context": [CREDENTIALS, _CONTEXT.format(kind)],
        "type": [name, "VerifiableCredential"],
        "id": said["id"],
        "issuer": issuer,
        "validFrom": said["valid_from"],
        "credentialStatus": said["status"],
        "credentialSubject": said["subject"],
    }


def issuer(did: str, public_url: str) -> dict[str, Any]:
    """Who signs: the operator of this site, for what the chain and its mirror hold."""
    return {"type": ["CredentialIssuer"], "id": did, "name": f"SmartRetail360 at {public_url}"}


def product(told: dict[str, Any], operator: dict[str, Any] | None) -> dict[str, Any]:
    """A UNTP Product."""
    named = told["product"]
    found = {
        "type": ["Product"],
        "id": named["uri"],
        "name": named["title"],
        "registeredId": named["gtin"] or named["sscc"] or named["productId"],
        "idScheme": _GS1,
    }
    if named["lot"]:
        found["batchNumber"] = named["lot"]
    if named["serial"]:
        found["serialNumber"] = named["serial"]
    return found | ({"producedByParty": operator} if operator else {})


def party(name: str, gln: str) -> dict[str, Any]:
    """A UNTP Party with its GLN."""
    return {"id": f"https://id.gs1.org/417/{gln}", "name": name, "registeredId": gln}


def passport(told: dict[str, Any], operator: dict[str, Any] | None) -> dict[str, Any]:
    """The subject of a DigitalProductPassport."""
    subject: dict[str, Any] = {
        "type": ["ProductPassport"],
        "id": told["links"]["self"],
        "product": product(told, operator),
        "granularityLevel": "item" if told["product"]["serial"] else "batch",
    }
    footprint = told["carbon"]["footprint"]
    if footprint and footprint["co2eGrams"] is not None:
        subject["emissionsScorecard"] = _scorecard(footprint)
    if told["sources"]:
        subject["traceabilityInformation"] = [_traceability(told)]
    return subject


def _scorecard(footprint: dict[str, Any]) -> dict[str, Any]:
    grams = footprint["co2eGrams"]
    whole, rest = divmod(grams, 1000)
    kilograms = f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    return {
        "type": ["EmissionsPerformance"],
        "carbonFootprint": Number(kilograms),
        "declaredUnit": "KGM",
        "reportingStandard": {"type": ["Standard"], "name": footprint["standard"]},
    }


def _traceability(told: dict[str, Any]) -> dict[str, Any]:
    confirmed = sum(1 for one in told["sources"] if one["confirmed"])
    hundredths = 100 * confirmed // len(told["sources"])
    return {
        "type": ["TraceabilityPerformance"],
        "valueChainProcess": "recorded supply chain",
        "verifiedRatio": Number("1" if hundredths == 100 else f"0.{hundredths:02}"),
        "traceabilityEvent": [
            {
                "type": ["SecureLink", "Link"],
                "linkURL": told["links"]["events"],
                "linkName": "EPCIS events",
                "linkType": "https://ref.gs1.org/voc/epcis",
            }
        ],
    }


def event(raw: LexicalObject, data_hash: str, occurred_at: int) -> dict[str, Any]:
    """An EPCIS event as UNTP tells it, quantities in their author's spelling."""
    kind = _EVENTS.get(str(raw.get("type")), "ObjectEvent")
    told: dict[str, Any] = {
        "type": [kind, "Event"],
        "id": f"urn:sr360:document:{data_hash}",
        "eventTime": moment(occurred_at),
        "processType": str(raw.get("bizStep", kind)),
    }
    told |= {m: raw[m] for m in ("action", "disposition", "bizStep") if m in raw}
    told |= {m: raw[m]["id"] for m in ("readPoint", "bizLocation") if _has_id(raw.get(m))}  # type: ignore[index,call-overload]
    for role, (items, quantities) in _LISTS.items():
        refs = [ref for _, ref in located_products(raw) if ref.role == role]
        if singles := [_item(ref) for ref in refs if ref.quantity is None]:
            told[items] = singles[0] if role is ProductRole.PARENT else singles
        if amounts := list(_amounts(refs)):
            told[quantities] = amounts
    return told


_LISTS: Final = {
    ProductRole.OBJECT: ("itemList", "quantityList"),
    ProductRole.PARENT: ("parentItem", "parentQuantityList"),
    ProductRole.CHILD: ("childItemList", "childQuantityList"),
    ProductRole.INPUT: ("inputItemList", "inputQuantityList"),
    ProductRole.OUTPUT: ("outputItemList", "outputQuantityList"),
}


def _item(ref: ProductRef) -> dict[str, Any]:
    return {"type": ["Item"], "id": ref.uri, "name": thing(ref.uri)}


def _amounts(refs: list[ProductRef]) -> Iterator[dict[str, LexicalValue]]:
    for ref in refs:
        if ref.quantity is not None:
            amount: dict[str, LexicalValue] = {
                "type": ["QuantityElement"],
                "productId": str(ref.uri),
                "productName": thing(ref.uri),
                "quantity": Number(ref.quantity),
            }
            yield amount | ({"uom": ref.uom} if ref.uom else {})


def _has_id(value: LexicalValue) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def attestation(told: dict[str, Any], operator: dict[str, Any] | None) -> dict[str, Any]:
    """The subject of a DigitalConformityCredential: what certifiers put on chain and stands."""
    assessed = {
        "type": ["ProductVerification"], "product": product(told, operator),
        "IDverifiedByCAB": False,
    }  # fmt: skip
    valid = [one for one in told["issued"] if one["state"] == "valid"]
    return {
        "type": ["ConformityAttestation", "Attestation"],
        "id": f"{told['links']['self']}#certificates",
        "name": f"Certificates of {told['product']['title']}",
        "assessorLevel": "3rdParty",
        "attestationType": "certification",
        "issuedToParty": operator or {"id": told["product"]["uri"], "name": "not registered"},
        "assessment": [_assessment(one, assessed) for one in valid],
    }


def _assessment(issued: dict[str, Any], assessed: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": ["ConformityAssessment", "Declaration"],
        "id": f"urn:sr360:certificate:{issued['certificateId']}",
        "assessmentDate": issued["validFrom"][:10],
        "conformance": True,
        "conformityTopic": "governance.compliance",
        "assessedProduct": [assessed],
        "auditableEvidence": {
            "type": ["SecureLink", "Link"], "linkURL": f"ipfs://{issued['documentCid']}",
            "linkName": f"Certificate of {issued['by']}",
        },
    }  # fmt: skip
