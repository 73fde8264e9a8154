"""The character sets of GS1 element strings (GS1 General Specifications, section 7.11)."""

from typing import Final

DIGITS: Final = "0123456789"
CSET_82: Final = (
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
"""In the order that gives each character its value in a check character pair."""
CSET_39: Final = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET_64: Final = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""base64url (RFC 4648 section 5), without padding."""
CSET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What check characters are written in."""


def only(text: str, allowed: str) -> bool:
    """Whether every character of the text is allowed."""
    return all(character in allowed for character in text)


def is_digits(text: str) -> bool:
    """Whether the text is ASCII digits, or empty."""
    return not text or (text.isascii() and text.isdigit())
