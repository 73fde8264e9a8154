"""What XML cannot say by itself, so that JSON written as XML comes back to the letter.

Plain EPCIS XML knows text only. Where the JSON has a number, truth, list of one or odd name in an
open place, an attribute of a namespace of ours says so; other readers pass over it.
"""

import re
from typing import Final

from core.document.lexical import LexicalValue, Number
from core.epcis.query.namespaces import of_context
from core.epcis.xml.namespaces import EPCIS, RDF

JSON: Final = "urn:sr360:json"
"""Our namespace, written with the prefix `j`."""
UNDECLARED: Final = "urn:sr360:undeclared:"
"""Begins the namespace of a prefix that the event's context declares elsewhere, or nowhere."""
CONTEXT: Final = f"{{{JSON}}}context"
TYPE: Final = f"{{{JSON}}}type"
TYPED: Final = f"{{{JSON}}}typed"
LITERAL: Final = f"{{{JSON}}}literal"
"""Names the attributes whose text is what the JSON says, prefix and all."""
MEMBERS: Final = f"{{{JSON}}}members"
"""Members that no attribute can be named after, as one JSON object."""
EXPONENTS: Final = f"{{{JSON}}}exponents"
"""Quantities that JSON writes with an exponent, which xsd:decimal has not: place -> number."""
MEMBER: Final = f"{{{JSON}}}member"

NCNAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
URN: Final = re.compile(r"urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):(\w+)")
"""What the reader takes for a bare word."""


def namespaces(context: LexicalValue) -> dict[str, str]:
    """Prefix to namespace for writing; a namespace that two prefixes share goes to the first."""
    found: dict[str, str] = {}
    for prefix, uri in of_context(context).items():
        if NCNAME.fullmatch(prefix) and uri not in found.values() and uri not in EPCIS:
            found[prefix] = uri
    return {name: uri for name, uri in found.items() if name not in ("xml", "xmlns", "xsi", "j")}


class ExactNames:
    """Names as the context of an event we wrote gives them; stands for `Namespaces`."""

    def __init__(self, context: LexicalValue) -> None:
        self._prefixes = {uri: prefix for prefix, uri in namespaces(context).items()} | {RDF: "rdf"}

    def name(self, tag: str) -> str:
        uri, brace, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        if not brace or uri in EPCIS:
            return local
        if uri.startswith(UNDECLARED):
            return f"{uri.removeprefix(UNDECLARED)}:{local}"
        return f"{self._prefixes[uri]}:{local}" if uri in self._prefixes else f"{uri}#{local}"

    def use_rdf(self) -> str:
        return "rdf:value"

    def bare(self, _vocabulary: str, text: str) -> str:
        """Only what the writer made of a bare word becomes one again."""
        match = URN.fullmatch(text)
        return match[1] if match else text

    def number(self, text: str, _name: str) -> Number:
        return Number(text)
