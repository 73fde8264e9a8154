"""EPCs of numbers that are not GS1's: containers, ships, aircraft parts, military supplies.

They have no GS1 key and so no Digital Link; an event may name them all the same (CBV 2.0 section
8.2), each in one spelling. Their check digits are their own standards' (ISO 6346, IMO) to judge.
Source: EPC Tag Data Standard 2.0 section 6.3.
"""

import re
from typing import Final

_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_SUPPLIER: Final = r"[0-9A-HJ-NP-Z]{5,6}"
_PART: Final = r"(?:[-0-9A-Z]|%2F)"
_FORMS: Final = {
    "gid": rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}",
    "usdod": rf"{_SUPPLIER}\.{_NUMBER}",
    "adi": rf"{_SUPPLIER}\.{_PART}{{0,32}}\.(?:%23)?{_PART}{{1,30}}",
    "bic": r"[A-Z]{3}[JUZ][0-9]{7}",
    "imovn": r"[0-9]{7}",
}
_EPC: Final = re.compile(
    "urn:epc:id:(?:" + "|".join(f"{scheme}:{form}" for scheme, form in _FORMS.items()) + ")"
)
COMPONENTS: Final = {"gid": 3, "usdod": 2, "adi": 3}
"""The schemes that have patterns, and of how many components (section 8.2)."""


def is_one(text: str) -> bool:
    """Whether this is such an EPC in its right form."""
    return _EPC.fullmatch(text) is not None
