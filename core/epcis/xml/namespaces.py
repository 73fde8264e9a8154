"""Names of XML as names of JSON: `{http://ns.example}lot` becomes `example:lot`."""

from typing import Final

from core.document.lexical import LexicalValue, Number
from core.epcis import vocab
from core.epcis.xml.values import number

EPCIS: Final = frozenset(
    {
        "urn:epcglobal:epcis:xsd:1",
        "urn:epcglobal:epcis:xsd:2",
        "urn:epcglobal:epcis-query:xsd:1",
        "urn:epcglobal:epcis-query:xsd:2",
        "urn:epcglobal:epcis-masterdata:xsd:1",
        "urn:epcglobal:epcis-masterdata:xsd:2",
    }
)
SBDH: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_KNOWN: Final = {"urn:epcglobal:cbv:mda": "cbvmda"}
"""Prefixes that EPCIS' own JSON-LD context declares."""
_RESERVED: Final = frozenset({"", "xml", "cbvmda", "cbv", "gs1", "epcis", "rdf", "xsd"})


class Namespaces:
    """Which prefix stands for which namespace: one each for the whole document.

    In XML a prefix may change its meaning from element to element, in a JSON-LD context not, so a
    prefix that is taken gets a number.
    """

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = dict(_KNOWN)
        self._wished: dict[str, str] = {}
        self._used: dict[str, str] = {}

    def declared(self, prefix: str, uri: str) -> None:
        """The document wishes to call a namespace so."""
        self._wished.setdefault(uri, prefix)

    def name(self, tag: str) -> str:
        """The JSON name of an element or attribute; EPCIS' own names have no prefix."""
        if tag[:1] != "{":
            return tag
        uri, _, local = tag[1:].partition("}")
        return local if uri in EPCIS else f"{self._prefix(uri)}:{local}"

    def context(self) -> list[LexicalValue]:
        """The `@context` that gives every name back its namespace."""
        declared: list[LexicalValue] = [{prefix: uri} for prefix, uri in self._used.items()]
        return [CONTEXT, *declared]

    def bare(self, vocabulary: str, text: str) -> str:
        """A standard word as JSON has it, whatever its spelling in XML."""
        return vocab.bare(vocabulary, text) or text

    def number(self, text: str, name: str) -> Number:
        """Raises Malformed."""
        return number(text, name)

    def use_rdf(self) -> str:
        """The name of an element's text where it has attributes too."""
        self._used["rdf"] = RDF
        return "rdf:value"

    def _prefix(self, uri: str) -> str:
        if uri not in self._prefixes:
            wish = self._wished.get(uri, "")
            prefix, number = wish, 1
            while prefix in _RESERVED or prefix in self._used:
                number += 1
                prefix = f"{wish or 'ns'}{number}"
            self._prefixes[uri], self._used[prefix] = prefix, uri
        return self._prefixes[uri]
