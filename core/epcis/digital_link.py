"""GS1 Digital Link URIs: parsed from any domain, written back in one canonical form.

Source: GS1 Digital Link Standard: URI Syntax, sections 4 (grammar) and 6 (canonical URIs);
CBV 2.0 section 8.2 for the level an EPCIS event speaks about. GS1's own compression of Digital
Links corrupts identifiers and is not read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from core.errors import InvalidIdentifier
from core.gs1.dictionary import application_identifiers
from core.gs1.elements import Element
from core.gs1.refusal import refuse
from core.gs1.values import check_value
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
_PLAIN: Final = re.compile(
    r"https://id\.gs1\.org/(\d{2,4})/(\d{1,30})(?:/(\d{2,4})/([-0-9A-Za-z_.]{1,90}))?", re.ASCII
)
_BEFORE_LAST: Final = re.compile(r"https://id\.gs1\.org/(\d{2,4})/(\d{1,30})/(\d{2,4})", re.ASCII)
_LAST: Final = re.compile(r"[-0-9A-Za-z_.]+")
_NEXT_PARAMETER: Final = re.compile(r"&|;(?=[^&;=]+=)")
"""Digital Link 1.1 also had `;` between parameters; another one belongs to a value."""
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
_DOTS: Final = (".", "..")
_REMEMBERED_LENGTH: Final = 64
"""Characters; longer texts are no key of a cache, which would hold them."""
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
    value = _padded(key, value)
    for ai, text in ((key, value), *qualifiers):
        check_value(ai, text)
        _check_dots(ai, text)
    _check_order(key, tuple(ai for ai, _ in qualifiers))
    return DigitalLink(key, value, qualifiers)


def is_canonical(uri: str) -> bool:
    """Whether this is surely the canonical URI of what an EPCIS event may name, as most are.

    A quick look: it says no where `parse` may still say yes.
    """
    before, _, last = uri.rpartition("/")
    if len(before) <= _REMEMBERED_LENGTH and len(last) <= _longest_last(before):
        return _LAST.fullmatch(last) is not None and last not in _DOTS
    found = _PLAIN.fullmatch(uri)
    if found is None:
        return False
    key, value, ai, qualifier = found.groups()
    try:
        return _is_plain_key(key, value) and (ai is None or _qualifies(key, ai, qualifier))
    except InvalidIdentifier:
        return False


@lru_cache(4_096)
def _longest_last(before: str) -> int:
    """How long a serial number or lot may be behind a link like this; 0 = it is no such link.

    Things of one kind share all but the last segment of their links.
    """
    found = _BEFORE_LAST.fullmatch(before)
    if found is None:
        return 0
    key, value, ai = found.groups()
    try:
        if not (_is_plain_key(key, value) and _qualifies(key, ai, "0")):
            return 0
    except InvalidIdentifier:
        return 0
    parts = application_identifiers()[ai].components
    free = len(parts) == 1 and parts[0].type == "X" and not parts[0].linters
    return parts[0].maximum if free else 0


def _is_plain_key(key: str, value: str) -> bool:
    entry = application_identifiers().get(key)
    if entry is None or entry.qualifiers is None or _padded(key, value) != value:
        return False
    check_value(key, value)
    return True


def _qualifies(key: str, ai: str, value: str) -> bool:
    """What could be another key, or says more than an event does, is left to `parse`."""
    entry = application_identifiers().get(ai)
    if entry is None or entry.qualifiers is not None or ai not in _INSTANCE_ONLY.get(key, (ai,)):
        return False
    check_value(ai, value)
    _check_dots(ai, value)
    _check_order(key, (ai,))
    return True


def _padded(ai: str, value: str) -> str:
    """Old links may leave out the leading zeros of a GTIN."""
    return value.zfill(14) if ai == "01" and len(value) in _GTIN_LENGTHS else value


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


def parse_elements(uri: str) -> tuple[Element, ...]:
    """All that a Digital Link says: its key, qualifiers, and the attributes in its query.

    Names in the query that are no AI belong to the resolver or to others and are passed over.
    Raises as `parse`, and `gs1.no_attribute` for an AI that may not stand in a query,
    `gs1.repeated_attribute` for one that stands there twice.
    """
    link = parse(uri)
    pairs = [(link.key, link.value), *link.qualifiers, *_attributes(_split(uri)[1])]
    return tuple(Element(ai, value) for ai, value in pairs)


def from_elements(elements: Sequence[Element], stem: str = CANONICAL_STEM) -> str:
    """A Digital Link of these elements: the first key in its path, what describes it in its query.

    Attributes of predefined length come first, as in a barcode. Raises InvalidIdentifier:
    `gs1.digital_link` when there is no key, `gs1.no_attribute`, or a rule of `make`.
    """
    values = {element.ai: element.value for element in elements}
    table = application_identifiers()
    key = next((ai for ai in values if table[ai].qualifiers is not None), None)
    if key is None:
        raise refuse("gs1.digital_link", "no element is a key of GS1 Digital Link", _HINT)
    path = _ordered_qualifiers(key, values)
    rest = [ai for ai in values if ai not in (key, *path)]
    for ai in rest:
        _check_attribute(ai)
    link = make(key, values[key], *((ai, values[ai]) for ai in path))
    ordered = sorted(rest, key=lambda ai: not table[ai].predefined_length)
    query = "&".join(f"{ai}={escape(values[ai])}" for ai in ordered)
    uri = stem.rstrip("/") + link.canonical().removeprefix(CANONICAL_STEM)
    return f"{uri}?{query}" if query else uri


def _ordered_qualifiers(key: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The key's qualifiers among the AIs; of rival sequences only one may be there."""
    alternatives = application_identifiers()[key].qualifiers or ()
    present = {ai for alternative in alternatives for ai in alternative if ai in values}
    for alternative in alternatives:
        if present <= set(alternative):
            return tuple(ai for ai in alternative if ai in present)
    _check_order(key, tuple(sorted(present)))
    return ()


def _attributes(query: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for part in _NEXT_PARAMETER.split(query):
        name, equals, text = part.partition("=")
        ai = _number(name)
        if not (equals and ai.isascii() and ai.isdigit()):
            continue
        value = _padded(ai, _unescape(text.replace("+", " ")))
        check_value(ai, value)
        _check_attribute(ai)
        if ai in seen:
            raise refuse("gs1.repeated_attribute", f"({ai}) stands twice in the query", _HINT)
        seen.add(ai)
        yield ai, value


def _check_attribute(ai: str) -> None:
    if not application_identifiers()[ai].attribute:
        message = f"({ai}) may not stand in the query of a Digital Link"
        raise refuse("gs1.no_attribute", message, f"Leave ({ai}) out of the link.")


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
    if value in _DOTS:
        message = f"({ai}) {value!r} cannot be written in a URI path"
        raise refuse("gs1.dot_segment", message, "Use a value with at least one other character.")


@lru_cache(1_024)
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
    names = {_number(part.partition("=")[0]) for part in _NEXT_PARAMETER.split(query)}
    misplaced = sorted(names & qualifiers)
    if misplaced:
        raise refuse(
            "gs1.qualifier_in_query",
            f"({misplaced[0]}) stands in the query",
            f"Move it into the path: /{link.key}/{{value}}/{misplaced[0]}/{{value}}.",
        )
