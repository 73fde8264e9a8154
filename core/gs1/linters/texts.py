"""Linters of text: character sets, percent-encoding, bank accounts."""

import re
from typing import Final

from core.gs1 import charsets
from core.gs1.charsets import CSET_39, CSET_64, CSET_82, only
from core.gs1.linters.codes import iso3166alpha2

_SHORTEST_IBAN: Final = 11
_LONGEST_IBAN: Final = 34
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def cset82(text: str) -> str | None:
    return None if only(text, CSET_82) else "invalid_cset82_character"


def cset39(text: str) -> str | None:
    return None if only(text, CSET_39) else "invalid_cset39_character"


def cset64(text: str) -> str | None:
    """base64url; GS1 counts padded text in threes."""
    body = text.rstrip("=")
    pads = len(text) - len(body)
    if pads > 2 or (pads and len(text) % 3):
        return "invalid_cset64_padding"
    return None if only(body, CSET_64) else "invalid_cset64_character"


def hyphen(text: str) -> str | None:
    return None if text and only(text, "-") else "not_hyphen"


def importeridx(text: str) -> str | None:
    if len(text) != 1:
        return "importer_idx_must_be_one_character"
    return None if text in CSET_64 else "invalid_import_idx_character"


def pcenc(text: str) -> str | None:
    return "invalid_percent_sequence" if _BAD_PERCENT.search(text) else None


def iban(text: str) -> str | None:
    """Country, check digits, account (ISO 13616), modulo 97 (ISO 7064)."""
    if len(text) < 4:
        return "iban_too_short"
    if iso3166alpha2(text[:2]):
        return "illegal_iban_country_code"
    if not _SHORTEST_IBAN <= len(text) <= _LONGEST_IBAN:
        return f"iban_too_{'short' if len(text) < _SHORTEST_IBAN else 'long'}"
    if not only(text, charsets.DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        return "invalid_iban_character"
    number = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return None if int(number) % 97 == 1 else "incorrect_iban_checksum"
