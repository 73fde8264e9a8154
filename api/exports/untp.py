"""UNTP 0.6.1 credentials: product passport and conformity; events are in `untp_events`.

Source: UN Transparency Protocol, Digital Product Passport, Traceability Event and Conformity
Credential. Contexts are named by their addresses and never fetched here.
"""

from decimal import Decimal
from typing import Any, Final

from api.exports.footprint import kilograms, scope
from api.exports.signed import CREDENTIALS
from core.document.lexical import Number

_CONTEXT: Final = "https://test.uncefact.org/vocabulary/untp/{}/0.6.1/"
_GS1: Final = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org", "name": "GS1 Digital Link"}
_PUBLISHERS: Final = {
    "iso": ("https://www.iso.org", "International Organization for Standardization"),
    "ghg protocol": ("https://ghgprotocol.org", "Greenhouse Gas Protocol"),
    "pact": ("https://www.carbon-transparency.org", "Partnership for Carbon Transparency"),
}
"""By the first words of a standard's name; UNTP wants to know who issued it."""


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
    if (scorecard := _scorecard(told)) is not None:
        subject["emissionsScorecard"] = scorecard
    if told["sources"]:
        subject["traceabilityInformation"] = [_traceability(told)]
    return subject


def _scorecard(told: dict[str, Any]) -> dict[str, Any] | None:
    """None unless all was stated that UNTP requires: amount, scope, share of primary data."""
    footprint = told["carbon"]["footprint"]
    if not footprint or footprint["co2eGrams"] is None or footprint["primaryDataShare"] is None:
        return None
    within = scope(footprint)
    if within is None:
        return None
    found = {
        "type": ["EmissionsPerformance"],
        "carbonFootprint": Number(_shortest(kilograms(footprint))),
        # UN/ECE Recommendation 20: one piece, one lot; the footprint is the whole product's
        "declaredUnit": "C62" if told["product"]["serial"] else "LO",
        "operationalScope": within,
        "primarySourcedRatio": Number(_shortest(_ratio(footprint["primaryDataShare"]))),
    }
    publisher = _publisher(footprint["standard"])
    return found | ({"reportingStandard": publisher} if publisher else {})


def _publisher(standard: str) -> dict[str, Any] | None:
    for words, (uri, name) in _PUBLISHERS.items():
        if standard.lower().startswith(words):
            issuing = {"id": uri, "name": name}
            return {"type": ["Standard"], "name": standard, "issuingParty": issuing}
    return None


def _ratio(percent: str) -> str:
    return format(Decimal(percent).scaleb(-2), "f")


def _shortest(number: str) -> str:
    """Without zeros that end a fraction."""
    return number.rstrip("0").rstrip(".") if "." in number else number


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
        "assessmentLevel": "Unspecified",
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
