"""An EPCISHeader: who sends to whom (SBDH), and the master data that travels along."""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from core.document.lexical import LexicalObject, LexicalValue
from core.epcis.xml.generic import open_value, text
from core.epcis.xml.namespaces import SBDH, Namespaces

_ADDRESSES: Final = {
    "sender": f".//{{{SBDH}}}Sender/{{{SBDH}}}Identifier",
    "receiver": f".//{{{SBDH}}}Receiver/{{{SBDH}}}Identifier",
    "instanceIdentifier": f".//{{{SBDH}}}DocumentIdentification/{{{SBDH}}}InstanceIdentifier",
}


def read_header(header: Element, names: Namespaces) -> LexicalObject:
    """Members of the document that the header gives."""
    found: LexicalObject = {
        name: text(place)
        for name, path in _ADDRESSES.items()
        if (place := header.find(path)) is not None
    }
    vocabularies: list[LexicalValue] = [
        _vocabulary(one, names) for one in header.iter("Vocabulary")
    ]
    if vocabularies:
        found["epcisHeader"] = {"epcisMasterData": {"vocabularyList": vocabularies}}
    return found


def _vocabulary(element: Element, names: Namespaces) -> LexicalObject:
    elements: list[LexicalValue] = [
        _element(one, names) for one in element.iter("VocabularyElement")
    ]
    return {"type": element.get("type", ""), "vocabularyElementList": elements}


def _element(element: Element, names: Namespaces) -> LexicalObject:
    found: LexicalObject = {"id": element.get("id", "")}
    attributes: list[LexicalValue] = list(_attributes(element, names))
    children: list[LexicalValue] = [text(one) for one in element.iterfind("children/id")]
    if attributes:
        found["attributes"] = attributes
    if children:
        found["children"] = children
    return found


def _attributes(element: Element, names: Namespaces) -> Iterator[LexicalObject]:
    for one in element.iterfind("attribute"):
        identifier = one.attrib.pop("id", "")
        yield {"id": identifier, "attribute": open_value(one, names)}
