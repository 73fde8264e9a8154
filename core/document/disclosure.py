"""A disclosure (RFC 9901, 4.2): one withheld field, revealed: `[salt, name, value]`."""

import base64
import hashlib
import os
import re
from binascii import b2a_base64
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from core.crypto import sha256
from core.document.lexical import LexicalValue, canonical_bytes, parse
from core.errors import Malformed

SaltSource: TypeAlias = Callable[[str], str]
"""Gives the salt (22 base64url characters) of the field at a JSON pointer."""

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_SALT: Final = re.compile(r"[A-Za-z0-9_-]{22}")
RESERVED_NAMES: Final = frozenset({"_sd", "..."})
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_DRAWN: Final = 64


class Disclosure(NamedTuple):
    """`text` is what travels and what is hashed; the rest is read from it."""

    text: str
    salt: str
    name: str | None
    """None for an array element."""
    value: LexicalValue

    @property
    def digest(self) -> str:
        """base64url(SHA-256(ASCII(text))), as it stands in `_sd` (RFC 9901, 4.2.3)."""
        return b64encode(sha256(self.text.encode()))


def random_salts() -> SaltSource:
    """128 fresh random bits for each field, as RFC 9901 section 9.3 asks; drawn 64 at a time."""
    drawn: list[str] = []

    def salt(_pointer: str) -> str:
        if not drawn:
            drawn.extend(_salts(os.urandom(16 * _DRAWN)))
        return drawn.pop()

    return salt


def _salts(drawn: bytes) -> list[str]:
    """Each 16 bytes in base64url. Two zeros after each make it end where four characters do."""
    spread = bytearray(18 * (len(drawn) // 16))
    for place in range(16):
        spread[place::18] = drawn[place::16]
    text = b64encode(spread)
    return [text[start : start + 22] for start in range(0, len(text), 24)]


def make(salt: str, name: str | None, value: LexicalValue) -> Disclosure:
    """The disclosure of a member (`name`) or an array element (None)."""
    return Disclosure(write(salt, name, value)[0], salt, name, value)


def write(salt: str, name: str | None, value: LexicalValue) -> tuple[str, str]:
    """The text of a disclosure and its digest."""
    parts: list[LexicalValue] = [salt, value] if name is None else [salt, name, value]
    text = _encoded(canonical_bytes(parts))
    return text.decode(), _encoded(hashlib.sha256(text).digest()).decode()


def decode(text: str, pointer: str = "") -> Disclosure:
    """Read a disclosure. Raises Malformed if it breaks RFC 9901 section 4.2."""
    try:
        parts = parse(b64decode(text))
    except Malformed as error:
        raise Malformed(f"disclosure: {error.message}", pointer=pointer) from error
    if not isinstance(parts, list) or len(parts) not in (2, 3):
        raise Malformed(
            "disclosure: expected [salt, name, value] or [salt, value]", pointer=pointer
        )
    salt, name = parts[0], parts[1] if len(parts) == 3 else None
    if not isinstance(salt, str) or not _SALT.fullmatch(salt):
        raise Malformed("disclosure: the salt is not 128 bits of base64url", pointer=pointer)
    if len(parts) == 3 and (not isinstance(name, str) or name in RESERVED_NAMES):
        raise Malformed("disclosure: the name is reserved or no string", pointer=pointer)
    return Disclosure(text, salt, name if isinstance(name, str) else None, parts[-1])


def b64encode(data: bytes | bytearray) -> str:
    """base64url without padding (RFC 7515, appendix C)."""
    return _encoded(data).decode()


def _encoded(data: bytes | bytearray) -> bytes:
    return b2a_base64(data, newline=False).translate(URL_SAFE, b"=")


def b64decode(text: str) -> bytes:
    """Strict inverse of `b64encode`. Raises Malformed."""
    if _BASE64URL.fullmatch(text) and len(text) % 4 != 1:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if b64encode(data) == text:
            return data
    raise Malformed("not base64url without padding")
