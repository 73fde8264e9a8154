"""Names of extension fields: `ex:lot` means what its prefix stands for, not what it is called."""

import re
from collections.abc import Mapping
from typing import Final

from core.document.lexical import LexicalValue

KNOWN: Final[Mapping[str, str]] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
}
"""Prefixes that EPCIS' own context declares."""
_CURIE: Final = re.compile(r"([A-Za-z][\w.-]*):(?!//)(.+)", re.DOTALL)
_PAIR: Final = re.compile(r"\s*([A-Za-z][\w.-]*)\s*=\s*(\S+?)\s*")


def of_context(context: LexicalValue) -> dict[str, str]:
    """The prefixes that an `@context` declares in place; contexts by URL are never fetched."""
    found = dict(KNOWN)
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            found |= {name: uri for name, uri in part.items() if isinstance(uri, str)}
    return found


def of_header(text: str) -> dict[str, str]:
    """The prefixes of a header `GS1-Extensions: ex=http://ns.example.com/, …`."""
    pairs = (_PAIR.fullmatch(part) for part in text.split(","))
    return dict(KNOWN) | {pair[1]: pair[2] for pair in pairs if pair}


def expanded(name: str, prefixes: Mapping[str, str]) -> str:
    """The whole URI of a name as far as its prefix is declared; `ns#local` without its `#`.

    EPCIS 1.2 writes `http://ns.example.com/epcis#lot` where a namespace has no separator of its
    own, JSON-LD joins both as they are: the separator at the seam says nothing.
    """
    match = _CURIE.fullmatch(name)
    if match is None or match[1] not in prefixes:
        return seamless(name)
    return seamless(prefixes[match[1]] + "#" + match[2])


def seamless(uri: str) -> str:
    """A URI whose last `#`, `/` or `:` before its local name counts as one and the same."""
    cut = max(uri.rfind(mark) for mark in "#/:") + 1
    return f"{uri[:cut].rstrip('#/:')}#{uri[cut:]}" if cut else uri
