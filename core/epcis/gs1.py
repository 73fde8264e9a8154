"""GS1 application identifiers: their format and check digits, read from the bundled dictionary.

Source: GS1 Barcode Syntax Dictionary (core/epcis/data/gs1-syntax-dictionary.txt), GS1 General
Specifications sections 7.9 (check digits) and 7.11 (character sets).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from core.errors import InvalidIdentifier, Issue

CSET_82: Final = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
CSET_39: Final = frozenset("#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS: Final = frozenset("0123456789")
CSET_64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")

_CHARSETS: Final = {"N": DIGITS, "X": CSET_82, "Y": CSET_39, "Z": CSET_64}
_CHARSET_NAMES: Final = {
    "N": "digits 0-9",
    "X": "GS1 character set 82",
    "Y": "GS1 character set 39",
    "Z": "base64url characters",
}
_COMPONENT: Final = re.compile(r"(?P<type>[NXYZ])(?P<up_to>\.\.)?(?P<length>\d+)$")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an AI's value: a character type, a length and the linters it must pass."""

    type: str
    minimum: int
    maximum: int
    optional: bool
    linters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """One row of the dictionary."""

    ai: str
    title: str
    components: tuple[Component, ...]
    qualifiers: tuple[tuple[str, ...], ...] | None
    """Alternative ordered qualifier lists of a Digital Link primary key; None = not a key."""


def refuse(rule: str, message: str, hint: str, pointer: str = "") -> InvalidIdentifier:
    """An InvalidIdentifier whose single issue carries the rule id."""
    issue = Issue(rule=rule, pointer=pointer, message=message, hint=hint)
    return InvalidIdentifier(message, hint=hint, pointer=pointer, issues=[issue])


def check_digit(digits: str) -> str:
    """The modulo-10 check digit for the digits before it (GS1 General Specifications 7.9.1)."""
    weighted = (int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-sum(weighted) % 10)


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


def has_check_digit(digits: str) -> bool:
    """Whether the last of these digits is the right check digit of the others."""
    return len(digits) > 1 and set(digits) <= DIGITS and check_digit(digits[:-1]) == digits[-1]


@cache
def application_identifiers() -> dict[str, ApplicationIdentifier]:
    """Every AI of the bundled dictionary by its number, ranges expanded."""
    text = (files("core.epcis") / "data" / "gs1-syntax-dictionary.txt").read_text("utf-8")
    rows = (line for line in text.splitlines() if line[:1].isdigit())
    return {entry.ai: entry for row in rows for entry in _parse_row(row)}


def check_value(ai: str, value: str) -> None:
    """Checks length, character set and check digit of an AI's value.

    Raises InvalidIdentifier with rule `gs1.format`, `gs1.charset` or `gs1.check_digit`.
    """
    entry = application_identifiers().get(ai)
    if entry is None:
        raise refuse("gs1.unknown_ai", f"({ai}) is not a GS1 application identifier", _AI_HINT)
    rest = value
    for component in entry.components:
        if component.optional and not rest:
            break
        part, rest = rest[: component.maximum], rest[component.maximum :]
        _check_part(entry, component, part)
    if rest:
        raise refuse(
            "gs1.format",
            f"({ai}) {entry.title} {value!r} is {len(rest)} characters too long",
            f"Give {_describe(entry)}.",
        )


def _check_part(entry: ApplicationIdentifier, component: Component, part: str) -> None:
    if len(part) < component.minimum:
        raise refuse(
            "gs1.format",
            f"({entry.ai}) {entry.title}: {part!r} is too short",
            f"Give {_describe(entry)}.",
        )
    strange = sorted(set(part) - _CHARSETS[component.type])
    if strange:
        raise refuse(
            "gs1.charset",
            f"({entry.ai}) {entry.title}: {part!r} has {''.join(strange)!r}",
            f"Use only {_CHARSET_NAMES[component.type]}.",
        )
    for linter in component.linters:
        _lint(entry, linter, part)


def _lint(entry: ApplicationIdentifier, linter: str, part: str) -> None:
    named = f"({entry.ai}) {entry.title} {part!r}"
    if linter == "csum" and not has_check_digit(part):
        right = check_digit(part[:-1])
        hint = f"If the other digits are right, the last one is {right}: {part[:-1]}{right}."
        raise refuse("gs1.check_digit", f"{named} has a wrong check digit", hint)
    if linter == "zero" and part != "0":
        raise refuse("gs1.format", f"{named} must be 0", "Start the value with 0.")
    if linter == "nozeroprefix" and part.startswith("0") and part != "0":
        raise refuse("gs1.format", f"{named} starts with 0", "Remove the leading zeros.")
    if linter == "pieceoftotal" and not "00" < part[:2] <= part[2:]:
        hint = "Give the piece number and the total as four digits, e.g. 0102."
        raise refuse("gs1.format", f"{named} is not a piece of a total", hint)


_AI_HINT: Final = "Use an AI of the GS1 General Specifications, e.g. 01, 10, 21, 00, 414."


def _describe(entry: ApplicationIdentifier) -> str:
    return ", then ".join(_describe_part(c) for c in entry.components)


def _describe_part(component: Component) -> str:
    fixed = component.minimum == component.maximum
    length = f"{component.maximum}" if fixed else f"{component.minimum} to {component.maximum}"
    return f"{length} of {_CHARSET_NAMES[component.type]}"


def _parse_row(row: str) -> list[ApplicationIdentifier]:
    body, _, title = row.partition("#")
    ais, *words = body.split()
    specification = [w for w in words if _is_component(w)]
    components = tuple(_parse_component(w) for w in specification)
    qualifiers = _parse_qualifiers(words)
    title = title.strip()
    return [ApplicationIdentifier(ai, title, components, qualifiers) for ai in _expand(ais)]


def _is_component(word: str) -> bool:
    return _COMPONENT.match(word.strip("[]").split(",")[0]) is not None


def _parse_component(word: str) -> Component:
    form, *linters = word.strip("[]").split(",")
    match = _COMPONENT.match(form)
    assert match is not None  # _is_component filtered
    length = int(match["length"])
    minimum = 1 if match["up_to"] else length
    return Component(match["type"], minimum, length, word.startswith("["), tuple(linters))


def _parse_qualifiers(words: list[str]) -> tuple[tuple[str, ...], ...] | None:
    for word in words:
        name, _, value = word.partition("=")
        if name == "dlpkey":
            return tuple(tuple(a.split(",")) for a in value.split("|")) if value else ()
    return None


def _expand(ais: str) -> list[str]:
    first, _, last = ais.partition("-")
    if not last:
        return [first]
    return [str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)]
