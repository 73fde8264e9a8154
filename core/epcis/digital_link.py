"""GS1 Digital Link URIs: parsed from any domain, written back in one canonical form.

Source: GS1 Digital Link Standard: URI Syntax, sections 4 (grammar) and 6 (canonical URIs);
CBV 2.0 section 8.2 for the level an EPCIS event speaks about. GS1's own compression of Digital
Links corrupts identifiers and is not read.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from core.epcis.gs1 import application_identifiers, check_value, refuse
from core.types import ProductUri

CANONICAL_STEM: Final = "https://id.gs1.org"
MAX_URI_LENGTH: Final = 2048

_SHORT_NAMES: Final = {
    "gtin": "01", "itip": "8006", "gmn": "8013", "cpid": "8010", "gln": "414", "party": "417",
    "payTo": "415", "gsrnp": "8017", "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253",
    "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004", "cpv": "22", "lot": "10",
    "ser": "21", "cpsn": "8011", "glnx": "254", "refno": "8020", "srin": "8019",
}  # fmt: skip
"""Convenience names of Digital Link 1.1, withdrawn in 1.3 but printed on packs."""

_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ILLEGAL: Final = re.compile(r"[^\x21-\x7e]|[<>{}\\^`|\"]")
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
_INSTANCE_ONLY: Final = {"01": ("21", "235", "10"), "8006": ("21", "10")}
_HINT: Final = "Write it like https://id.gs1.org/01/{gtin14}/10/{lot} or /00/{sscc}."


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A GS1 primary key with its qualifiers, values unescaped, GTINs padded to 14 digits."""

    key: str
    value: str
    qualifiers: tuple[tuple[str, str], ...] = ()

    def canonical(self) -> ProductUri:
        """The one URI of this identifier: id.gs1.org, numeric AIs, nothing in the query."""
        pairs = ((self.key, self.value), *self.qualifiers)
        path = "".join(f"/{ai}/{escape(value)}" for ai, value in pairs)
        return ProductUri(CANONICAL_STEM + path)

    def qualifier(self, ai: str) -> str | None:
        """The value of one qualifier, or None."""
        return dict(self.qualifiers).get(ai)

    def epcis_level(self) -> "DigitalLink":
        """Only the qualifier that names an instance, else the one that names a lot.

        A pack may print GTIN, variant, lot and serial at once; events about it must meet in one
        identifier whichever of them a scanner kept (CBV 2.0 section 8.2).
        """
        wanted = _INSTANCE_ONLY.get(self.key)
        if wanted is None:
            return self
        kept = next((a for a in wanted if self.qualifier(a) is not None), None)
        return DigitalLink(
            self.key, self.value, tuple(pair for pair in self.qualifiers if pair[0] == kept)
        )


def escape(value: str) -> str:
    """Percent-encodes everything but RFC 3986 unreserved characters."""
    return quote(value, safe="")


def make(key: str, value: str, *qualifiers: tuple[str, str]) -> DigitalLink:
    """A checked DigitalLink; raises InvalidIdentifier naming the rule that is broken."""
    value = value.zfill(14) if key == "01" and len(value) in _GTIN_LENGTHS else value
    for ai, text in ((key, value), *qualifiers):
        check_value(ai, text)
        _check_dots(ai, text)
    _check_order(key, tuple(ai for ai, _ in qualifiers))
    return DigitalLink(key, value, qualifiers)


def parse(uri: str) -> DigitalLink:
    """Reads a Digital Link URI of any domain and path stem.

    Raises InvalidIdentifier (rules `gs1.digital_link`, `gs1.qualifier_order`, `gs1.format`,
    `gs1.charset`, `gs1.check_digit`).
    """
    path, query = _split(uri)
    segments = path.split("/")[1:]
    if segments and segments[-1] == "":
        segments.pop()
    start = _find_key(segments)
    if start is None:
        raise refuse("gs1.digital_link", f"{uri!r} has no GS1 key in its path", _HINT)
    pairs = [
        (_number(segments[i]), _unescape(segments[i + 1])) for i in range(start, len(segments), 2)
    ]
    link = make(*pairs[0], *pairs[1:])
    _check_query(link, query)
    return link


def _split(uri: str) -> tuple[str, str]:
    if len(uri) > MAX_URI_LENGTH or _ILLEGAL.search(uri) or _BAD_ESCAPE.search(uri):
        hint = "Percent-encode every character that RFC 3986 does not allow in a path."
        raise refuse("gs1.digital_link", f"{uri[:80]!r} is not a URI", hint)
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https") or parts.username is not None:
        raise refuse("gs1.digital_link", f"{uri!r} is not an http(s) URI with a host", _HINT)
    return parts.path, parts.query


def _find_key(segments: list[str]) -> int | None:
    """Index of the primary key, searched from the right because a stem may look like one."""
    table = application_identifiers()
    for i in range(len(segments) - 2, -1, -2):
        entry = table.get(_number(segments[i]))
        if entry is not None and entry.qualifiers is not None:
            return i
        if entry is None:
            return None
    return None


def _number(segment: str) -> str:
    return _SHORT_NAMES.get(segment, segment)


def _unescape(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode("ascii")
    except UnicodeDecodeError as error:
        message = f"{segment!r} does not decode to ASCII"
        raise refuse("gs1.charset", message, "Use only GS1 character set 82.") from error


def _check_dots(ai: str, value: str) -> None:
    """Every URL parser removes such a segment, even escaped, and then names another product."""
    if value in (".", ".."):
        message = f"({ai}) {value!r} cannot be written in a URI path"
        raise refuse("gs1.dot_segment", message, "Use a value with at least one other character.")


def _check_order(key: str, found: tuple[str, ...]) -> None:
    alternatives = application_identifiers()[key].qualifiers or ()
    if not found or any(_in_order(found, allowed) for allowed in alternatives):
        return
    allowed_text = " or ".join("/".join(a) for a in alternatives) or "none"
    raise refuse(
        "gs1.qualifier_order",
        f"({key}) cannot be followed by {'/'.join(found)}",
        f"Qualifiers of ({key}), in this order: {allowed_text}.",
    )


def _in_order(found: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    remaining = iter(allowed)
    return all(ai in remaining for ai in found)


def _check_query(link: DigitalLink, query: str) -> None:
    """A lot in the query would silently name another product than the same lot in the path."""
    alternatives = application_identifiers()[link.key].qualifiers or ()
    present = {ai for ai, _ in link.qualifiers}
    open_to = [a for a in alternatives if present <= set(a)]
    qualifiers = {ai for alternative in open_to for ai in alternative}
    names = {_number(part.partition("=")[0]) for part in re.split("[&;]", query)}
    misplaced = sorted(names & qualifiers)
    if misplaced:
        raise refuse(
            "gs1.qualifier_in_query",
            f"({misplaced[0]}) stands in the query",
            f"Move it into the path: /{link.key}/{{value}}/{misplaced[0]}/{{value}}.",
        )
