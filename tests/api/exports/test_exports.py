"""The salad's passport in other formats, from its recorded events.

given the EU digital product passport
├── it passes the published SHACL shapes, offline, and a broken one does not
└── what it says is what was recorded; what nobody recorded is left out
given the passport page
└── its JSON-LD names the same product in GS1 Web Vocabulary, and cannot end its element
given a UNTP credential
├── its signature checks with the key of our DID document, and no other text does
├── a scorecard tells all that UNTP requires of one, or there is none
├── its status bit is clear for the salad and set for the recalled lot
└── without a standing certificate there is no conformity credential
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import XSD

from api.exports import linked, status, untp
from api.passport import page
from scripts import story

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

OEC = "https://ref.openepcis.io/extensions/common/core/"
GS1 = "https://ref.gs1.org/voc/"
SHAPES = Path(__file__).parents[2] / "data/dpp"
RULES = Graph().parse(SHAPES / "dpp.core.shapes.ttl")
SELECT = URIRef("http://www.w3.org/ns/shacl#select")
for node, query in list(RULES.subject_objects(SELECT)):
    # Now and then pyshacl 0.40 finds none of the prefixes that sh:prefixes declares.
    prefixes = f"PREFIX oec: <{OEC}> PREFIX gs1: <{GS1}> "
    RULES.set((node, SELECT, Literal(prefixes + query)))
BACKGROUND = Graph().parse(SHAPES / "dpp.core.background.ttl")
SALAD = story.SALAD_LOT.removeprefix("https://id.gs1.org")
SECOND = story.SECOND_LOT.removeprefix("https://id.gs1.org")


def violations(document: Any) -> list[str]:
    data = BACKGROUND + Graph().parse(data=json.dumps(document), format="json-ld")
    _, results, _ = validate(data, shacl_graph=RULES, advanced=True)
    message = URIRef("http://www.w3.org/ns/shacl#resultMessage")
    return sorted(str(text) for text in results.objects(predicate=message))


async def dpp(salad: Running, path: str = SALAD) -> Any:
    answer = await salad.http.get(f"/dpp{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    return answer.json()


async def test_the_eu_passport_passes_the_shapes(salad: Running) -> None:
    document = await dpp(salad)
    assert violations(document) == []
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    subject = URIRef(story.SALAD_LOT)
    assert graph.value(subject, URIRef(GS1 + "gtin")) == Literal("10860009998039")
    assert graph.value(subject, URIRef(OEC + "granularityLevel")) == Literal("batch")
    emissions = graph.value(subject, URIRef(OEC + "hasEmissionsPerformance"))
    total = graph.value(emissions, URIRef(OEC + "carbonFootprintTotal"))
    assert total == Literal("1240.000", datatype=XSD.decimal)
    issuer = graph.value(subject, URIRef(OEC + "hasPassportIssuer"))
    assert graph.value(issuer, URIRef(GS1 + "globalLocationNumber")) == Literal("0860009998018")


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("oec:granularityLevel", "item", "granularity must match"),
        ("oec:hasPassportIssuer", {"@type": "oec:OperatorInformation"}, "gln must be"),
        ("oec:hasTraceabilityPerformance",
         {"@type": "oec:TraceabilityPerformance",
          "oec:verifiedRatio": {"@type": "xsd:decimal", "@value": "1.5"}}, "verifiedRatio"),
    ],
)  # fmt: skip
async def test_a_broken_passport_does_not(
    salad: Running, member: str, value: Any, message: str
) -> None:
    broken = copy.deepcopy(await dpp(salad)) | {member: value}
    assert any(message in found for found in violations(broken))


async def test_every_products_passport_passes(salad: Running) -> None:
    for uri in (story.HARVEST_LOT, story.CASE_LOT, story.SECOND_LOT, story.PALLET):
        document = await dpp(salad, uri.removeprefix("https://id.gs1.org"))
        assert violations(document) == []
        assert document["oec:passportStatus"] == (
            "suspended" if uri == story.SECOND_LOT else "active"
        )


async def test_what_nobody_recorded_is_left_out(salad: Running) -> None:
    document = await dpp(salad, story.HARVEST_LOT.removeprefix("https://id.gs1.org"))
    assert not {"oec:hasEmissionsPerformance", "oec:hasTraceabilityPerformance"} & set(document)


async def test_the_page_carries_its_linked_data(salad: Running) -> None:
    html = (await salad.http.get("/passport" + SALAD, headers={"accept": "text/html"})).text
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    document = json.loads(text)
    assert document["@id"] == story.SALAD_LOT
    assert (document["gs1:gtin"], document["gs1:hasBatchLotNumber"]) == (
        "10860009998039", "SALAD-20260420-A",
    )  # fmt: skip
    assert violations(document) == []


async def test_certificates_are_told_in_the_terms_of_the_vocabulary(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers={"accept": "application/json"})).json()
    issued = {
        "certificateId": "0x01", "by": "Organic Check", "state": "valid", "documentCid": "bafk1",
        "validFrom": "2026-01-01T23:00:00.000Z", "validTo": "2027-01-01T00:00:00.000Z",
    }  # fmt: skip
    for state, word in (("valid", "ACTIVE"), ("revoked", "INACTIVE"), ("expired", "INACTIVE")):
        told["issued"] = [issued | {"state": state}]
        document = linked.web_vocabulary(told)
        assert violations(document) == []
        graph = Graph().parse(data=json.dumps(document), format="json-ld")
        node = graph.value(URIRef(story.SALAD_LOT), URIRef(GS1 + "certification"))
        status = graph.value(node, URIRef(GS1 + "certificationStatus"))
        assert status == URIRef(f"{GS1}CertificationStatus-{word}")
        start = graph.value(node, URIRef(GS1 + "certificationStartDate"))
        assert start == Literal("2026-01-01", datatype=XSD.date)


async def test_no_text_ends_the_element_it_stands_in(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers={"accept": "application/json"})).json()
    told["product"]["lot"] = "</script><script>alert(1)</script>"
    html = page.passport(told, salad.settings, told["links"])
    assert "<script>alert" not in html
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert json.loads(text)["gs1:hasBatchLotNumber"] == told["product"]["lot"]


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def credential(salad: Running, path: str) -> tuple[Any, str]:
    """The credential and its payload's text, after its signature was checked."""
    answer = await salad.http.get(path, headers={"accept": "application/vc+jwt"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vc+jwt"
    head, body, signature = answer.text.split(".")
    header = json.loads(decoded(head))
    assert (header["alg"], header["typ"]) == ("EdDSA", "vc+jwt")
    did = (await salad.http.get("/.well-known/did.json")).json()
    [method] = did["verificationMethod"]
    assert header["kid"] == method["id"] == did["assertionMethod"][0]
    key = Ed25519PublicKey.from_public_bytes(decoded(method["publicKeyJwk"]["x"]))
    key.verify(decoded(signature), f"{head}.{body}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(decoded(signature), f"{head}.{body}A".encode())
    found = json.loads(decoded(body))
    issuer = found["issuer"]
    assert (issuer["id"] if isinstance(issuer, dict) else issuer) == did["id"]
    return found, decoded(body).decode()


async def test_the_untp_passport(salad: Running) -> None:
    found, _ = await credential(salad, f"/credentials/dpp{SALAD}")
    assert found["type"] == ["DigitalProductPassport", "VerifiableCredential"]
    assert found["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    subject = found["credentialSubject"]
    assert subject["product"]["id"] == story.SALAD_LOT
    assert subject["product"]["batchNumber"] == "SALAD-20260420-A"
    assert subject["product"]["producedByParty"]["registeredId"] == "0860009998018"
    scorecard = subject["emissionsScorecard"]
    assert (scorecard["carbonFootprint"], scorecard["declaredUnit"]) == (1240, "LO")
    assert (scorecard["operationalScope"], scorecard["primarySourcedRatio"]) == ("CradleToGate", 0)
    issuing = scorecard["reportingStandard"]["issuingParty"]
    assert issuing["name"] == "International Organization for Standardization"
    enveloped = (await salad.http.get(f"/credentials/dpp{SALAD}")).json()
    assert enveloped["type"] == "EnvelopedVerifiableCredential"
    assert enveloped["id"].startswith("data:application/vc+jwt,ey")


async def listed(salad: Running, entry: Any) -> bool:
    """Whether the status bit of a credential is set."""
    path = entry["statusListCredential"].removeprefix(salad.settings.public_url)
    found, _ = await credential(salad, path)
    subject = found["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "suspension")
    bits = gzip.decompress(decoded(subject["encodedList"][1:]))
    assert len(bits) * 8 == status.LENGTH
    index = int(entry["statusListIndex"])
    return bool(bits[index // 8] & 0x80 >> index % 8)


async def test_a_recalled_product_is_suspended(salad: Running) -> None:
    salads, _ = await credential(salad, f"/credentials/dpp{SALAD}")
    recalled, _ = await credential(salad, f"/credentials/dpp{SECOND}")
    entries = [one["credentialStatus"] for one in (salads, recalled)]
    assert [await listed(salad, entry) for entry in entries] == [False, True]
    assert entries[0]["statusListIndex"] != entries[1]["statusListIndex"]
    nobody = await salad.http.get("/credentials/status/1")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")


async def test_bits_stand_from_the_left() -> None:
    bits = gzip.decompress(decoded(status.encode([0, 9, status.LENGTH - 1])[1:]))
    assert (bits[0], bits[1], bits[-1]) == (0x80, 0x40, 0x01)
    assert sum(byte.bit_count() for byte in bits) == 3


async def test_without_a_certificate_there_is_no_conformity(salad: Running) -> None:
    answer = await salad.http.get(f"/credentials/dcc{SALAD}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_conformity_tells_only_what_stands(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers={"accept": "application/json"})).json()
    issued = {
        "certificateId": "0x01", "by": "Organic Check", "state": "valid",
        "validFrom": "2026-04-01T00:00:00Z", "validTo": "2027-04-01T00:00:00Z",
        "documentCid": "bafk",
    }  # fmt: skip
    told["issued"] = [issued, issued | {"certificateId": "0x02", "state": "revoked"}]
    subject = untp.attestation(told, untp.party("Kitchen", "0860009998018"))
    [only] = subject["assessment"]
    assert only["id"] == "urn:sr360:certificate:0x01"
    assert (subject["assessorLevel"], subject["assessmentLevel"]) == ("3rdParty", "Unspecified")
    assert only["assessedProduct"][0]["product"]["id"] == story.SALAD_LOT
    assert violations(linked.web_vocabulary(told)) == []


@pytest.mark.parametrize("missing", ["primaryDataShare", "co2eGrams"])
async def test_half_a_scorecard_is_none(salad: Running, missing: str) -> None:
    told = (await salad.http.get(SALAD, headers={"accept": "application/json"})).json()
    assert "emissionsScorecard" in untp.passport(told, None)
    told["carbon"]["footprint"][missing] = None
    assert "emissionsScorecard" not in untp.passport(told, None)


async def test_a_scope_nobody_told_is_not_invented(salad: Running) -> None:
    told = (await salad.http.get(SALAD, headers={"accept": "application/json"})).json()
    told["carbon"]["footprint"]["standard"] = "ISO 14067:2018"
    assert "emissionsScorecard" not in untp.passport(told, None)


async def test_nobody_has_a_passport_without_a_history(salad: Running) -> None:
    for prefix in ("/dpp", "/credentials/dpp", "/credentials/dte", "/credentials/dcc"):
        answer = await salad.http.get(f"{prefix}/01/10860009998039/10/NOBODY")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
