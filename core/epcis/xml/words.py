"""Words of the CBV as XML writes them."""

from enum import Enum
from typing import Final

from core.epcis import vocab

WORDS: Final = {
    "bizStep": "bizstep",
    "disposition": "disp",
    "bizTransaction": "btt",
    "sourceDest": "sdt",
    "errorReason": "er",
}
"""Vocabularies, and what their URNs call them (CBV 2.0 section 7)."""


class Spelling(Enum):
    """Which of the two URIs a standard word becomes."""

    URN = "urn"
    WEB_URI = "web"

    def of(self, vocabulary: str, word: str) -> str:
        """The URI of a bare standard word; other text unchanged."""
        if word not in vocab.words(vocabulary):
            return word
        if self is Spelling.WEB_URI:
            return vocab.web_uri(vocabulary, word)
        return f"urn:epcglobal:cbv:{WORDS[vocabulary]}:{word}"
