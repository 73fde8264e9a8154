"""A product's links as RFC 9264 JSON, the answer of a GS1-conformant resolver."""

from typing import Any, Final

VOCABULARY: Final = "https://ref.gs1.org/voc/"
_PROOF_RELATION: Final = "describedby"


def linkset(anchor: str, found: dict[str, str]) -> dict[str, Any]:
    """The `linkset` member for one product; `found` are the links of its passport."""
    page, proof = found["self"], found["proof"]
    return {
        "linkset": [
            {
                "anchor": anchor,
                VOCABULARY + "defaultLink": [_link(page, "text/html", "Product passport")],
                VOCABULARY + "pip": [_link(page, "text/html", "Product passport")],
                VOCABULARY + "traceability": [_link(page, "application/json", "Journey as data")],
                VOCABULARY + "epcis": [_link(found["events"], "application/json", "EPCIS events")],
                VOCABULARY + "sustainabilityInfo": [
                    _link(f"{page}#carbon", "text/html", "Footprint")
                ],
                VOCABULARY + "certificationInfo": [
                    _link(f"{page}#certificates", "text/html", "Certificates")
                ],
                VOCABULARY + "recallStatus": [_link(f"{page}#recalls", "text/html", "Recalls")],
                _PROOF_RELATION: [_link(proof, "application/json", "Proof bundle")],
            }
        ]
    }


def target(answer: dict[str, Any], link_type: str) -> str | None:
    """Where a `linkType` of the query leads: `gs1:pip`, its full URI, or a plain relation."""
    relation = link_type.removeprefix("gs1:")
    [links] = answer["linkset"]
    for name in (VOCABULARY + relation, link_type):
        if isinstance(found := links.get(name), list):
            return str(found[0]["href"])
    return None


def link_types(answer: dict[str, Any]) -> list[str]:
    """What `target` knows, in short form."""
    [links] = answer["linkset"]
    return [name.replace(VOCABULARY, "gs1:") for name in links if name != "anchor"]


def _link(href: str, media: str, title: str) -> dict[str, str]:
    return {"href": href, "type": media, "title": title, "hreflang": "en"}
