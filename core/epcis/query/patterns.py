"""EPC patterns: `urn:epc:idpat:sgtin:0614141.*.*` as beginnings of canonical URIs.

Source: EPC Tag Data Standard 2.0 section 8 (pure identity patterns); a star stands for one whole
component and only stars may follow it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from core.epcis import foreign_epc, identifiers
from core.epcis.digital_link import CANONICAL_STEM
from core.gs1.refusal import refuse

_PATTERN: Final = "urn:epc:idpat:"
_PURE: Final = "urn:epc:id:"
_ALL: Final = "*"
_DIGITS: Final = "0123456789"
_HINT: Final = "Write it like urn:epc:idpat:sgtin:0614141.107346.*; stars only at the end."


def is_pattern(text: str) -> bool:
    """Whether a query's value stands for many identifiers."""
    return text.startswith(_PATTERN) and _ALL in text.rpartition(":")[2].split(".")


def single(text: str) -> str:
    """A pattern without a star as the one identifier that it stands for; other text unchanged."""
    return text if is_pattern(text) else text.replace(_PATTERN, _PURE, 1)


def prefixes(pattern: str) -> tuple[str, ...]:
    """What the canonical URIs of a pattern's identifiers begin with, if it has a star.

    Raises InvalidIdentifier (`gs1.epc_pattern`) for another scheme or a star in between.
    """
    scheme, _, body = pattern.removeprefix(_PATTERN).partition(":")
    parts = body.split(".")
    given = [part for part in parts if part != _ALL]
    shape, foreign = _SHAPES.get(scheme), foreign_epc.COMPONENTS.get(scheme)
    if parts != given + [_ALL] * (len(parts) - len(given)):
        raise refuse("gs1.epc_pattern", f"{pattern[:80]!r} is not a pattern of EPCs", _HINT)
    if foreign == len(parts):
        return (_foreign(scheme, given),)
    if shape is None:
        raise refuse("gs1.epc_pattern", f"{pattern[:80]!r} is not a pattern of EPCs", _HINT)
    key, lead, count = shape
    if len(parts) != count:
        raise refuse("gs1.epc_pattern", f"{pattern[:80]!r} needs {count} components", _HINT)
    if given and not (given[0].isascii() and given[0].isdigit()):
        raise refuse("gs1.epc_pattern", f"{given[0][:20]!r} is no company prefix", _HINT)
    if len(given) > 1:
        return (_whole(pattern, scheme, given, count),)
    return tuple(f"{CANONICAL_STEM}/{key}/{part}" for part in lead("".join(given)))


def _foreign(scheme: str, given: list[str]) -> str:
    """An EPC that is no GS1 key is found as it is written."""
    return f"urn:epc:id:{scheme}:" + "".join(f"{part}." for part in given)


def _whole(pattern: str, scheme: str, given: list[str], count: int) -> str:
    """All but the serial is given: the class, and what follows it."""
    serial = "0" if scheme in ("sgln",) else "1"
    filled = [*given, *([serial] * (count - len(given)))]
    link = identifiers.parse(f"urn:epc:id:{scheme}:{'.'.join(filled)}")
    if scheme in ("grai", "gdti", "sgcn"):
        return f"{CANONICAL_STEM}/{link.key}/{link.value[:-1]}"
    uri = f"{CANONICAL_STEM}/{link.key}/{link.value}"
    return uri + "/" if link.qualifiers else uri


def _plain(prefix: str) -> tuple[str, ...]:
    return (prefix,)


def _indicated(prefix: str) -> tuple[str, ...]:
    """A digit stands before the company prefix."""
    return tuple(digit + prefix for digit in _DIGITS) if prefix else ("",)


_SHAPES: Final[Mapping[str, tuple[str, Callable[[str], tuple[str, ...]], int]]] = {
    "sgtin": ("01", _indicated, 3),
    "upui": ("01", _indicated, 3),
    "itip": ("8006", _indicated, 5),
    "sscc": ("00", _indicated, 2),
    "sgln": ("414", _plain, 3),
    "pgln": ("417", _plain, 2),
    "grai": ("8003", lambda prefix: ("0" + prefix,), 3),
    "giai": ("8004", _plain, 2),
    "gsrn": ("8018", _plain, 2),
    "gsrnp": ("8017", _plain, 2),
    "gdti": ("253", _plain, 3),
    "sgcn": ("255", _plain, 3),
    "cpi": ("8010", _plain, 3),
    "ginc": ("401", _plain, 2),
    "gsin": ("402", _plain, 2),
}
"""AI, what stands before the company prefix, and the number of components."""
