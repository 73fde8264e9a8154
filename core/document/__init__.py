"""The event document: what the 32 bytes on chain mean (docs/reference/event-document.md)."""

from core.document.build import SignedDocument, build, build_all
from core.document.disclosure import Disclosure
from core.document.lexical import (
    LexicalObject,
    LexicalValue,
    Number,
    canonical,
    from_plain,
    parse,
    parse_event,
    strings,
)
from core.document.policy import PUBLIC, Policy
from core.document.verify import OpenedDocument, open_document, redact, verify_document

__all__ = [
    "PUBLIC",
    "Disclosure",
    "LexicalObject",
    "LexicalValue",
    "Number",
    "OpenedDocument",
    "Policy",
    "SignedDocument",
    "build",
    "build_all",
    "canonical",
    "from_plain",
    "open_document",
    "parse",
    "parse_event",
    "redact",
    "strings",
    "verify_document",
]
