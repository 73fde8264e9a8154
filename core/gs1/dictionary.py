"""The application identifiers (AIs) of GS1, read from the bundled syntax dictionary.

Source: GS1 Barcode Syntax Dictionary (core/gs1/data/gs1-syntax-dictionary.txt), whose head explains
the notation; GS1 General Specifications, section 3.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_COMPONENT: Final = re.compile(r"(?P<type>[NXYZ])(?P<up_to>\.\.)?(?P<length>\d+)$")
_FLAGS: Final = frozenset("*!?\"$%&'()+,-./:;<=>@[\\]^_`{|}~")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an AI's value: a character type, a length and the linters it must pass."""

    type: str
    """`N` digits, `X` character set 82, `Y` character set 39, `Z` base64url."""
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
    qualifiers: tuple[tuple[str, ...], ...] | None = None
    """Alternative ordered qualifier lists of a Digital Link primary key; None = not a key."""
    predefined_length: bool = False
    """In a barcode no separator follows its value."""
    attribute: bool = False
    """It may stand in the query of a Digital Link."""
    requires: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """Each member must be met: by one of its groups, of which all AIs are there."""
    excludes: tuple[str, ...] = ()
    """AIs or patterns (`394n`) that must not stand beside it."""

    @property
    def shortest(self) -> int:
        return sum(part.minimum for part in self.components if not part.optional)

    @property
    def longest(self) -> int:
        return sum(part.maximum for part in self.components)


@cache
def application_identifiers() -> dict[str, ApplicationIdentifier]:
    """Every AI of the bundled dictionary by its number, ranges expanded."""
    text = (files("core.gs1") / "data" / "gs1-syntax-dictionary.txt").read_text("utf-8")
    rows = (line for line in text.splitlines() if line[:1].isdigit())
    return {entry.ai: entry for row in rows for entry in _parse_row(row)}


def starting(text: str) -> ApplicationIdentifier | None:
    """The AI that data begin with; no AI is another one's beginning."""
    table = application_identifiers()
    return next((table[text[:n]] for n in (2, 3, 4) if text[:n] in table), None)


def matches(pattern: str, ai: str) -> bool:
    """Whether an AI is the one named, or fits the pattern (`n` = any digit)."""
    return len(pattern) == len(ai) and all(
        wanted in ("n", digit) for wanted, digit in zip(pattern, ai, strict=True)
    )


def _parse_row(row: str) -> list[ApplicationIdentifier]:
    body, _, title = row.partition("#")
    ais, *words = body.split()
    flags = words.pop(0) if set(words[0]) <= _FLAGS else ""
    components = tuple(_parse_component(word) for word in words if _is_component(word))
    attributes = [word.partition("=") for word in words if not _is_component(word)]
    return [
        ApplicationIdentifier(
            ai=ai,
            title=title.strip(),
            components=components,
            qualifiers=_qualifiers(attributes),
            predefined_length="*" in flags,
            attribute="?" in flags,
            requires=tuple(_groups(value) for name, _, value in attributes if name == "req"),
            excludes=tuple(
                ai for name, _, value in attributes if name == "ex" for ai in value.split(",")
            ),
        )
        for ai in _expand(ais)
    ]


def _is_component(word: str) -> bool:
    return _COMPONENT.match(word.split(",")[0].strip("[]")) is not None


def _parse_component(word: str) -> Component:
    form, *linters = word.split(",")
    match = _COMPONENT.match(form.strip("[]"))
    assert match is not None  # _is_component filtered
    length = int(match["length"])
    minimum = 1 if match["up_to"] else length
    return Component(match["type"], minimum, length, form.startswith("["), tuple(linters))


def _qualifiers(attributes: list[tuple[str, str, str]]) -> tuple[tuple[str, ...], ...] | None:
    for name, _, value in attributes:
        if name == "dlpkey":
            return tuple(tuple(one.split(",")) for one in value.split("|")) if value else ()
    return None


def _groups(value: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group.split("+")) for group in value.split(","))


def _expand(ais: str) -> list[str]:
    first, _, last = ais.partition("-")
    if not last:
        return [first]
    return [str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)]
