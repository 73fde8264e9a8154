"""Whether a value fits its AI: length, characters, and what the dictionary's linters say."""

from functools import lru_cache
from typing import Final

from core.gs1.charsets import CSET_39, CSET_64, CSET_82, DIGITS
from core.gs1.check_characters import check_digit
from core.gs1.dictionary import ApplicationIdentifier, Component, application_identifiers
from core.gs1.linters import LINTERS
from core.gs1.refusal import refuse

_CHARSETS: Final = {
    "N": frozenset(DIGITS),
    "X": frozenset(CSET_82),
    "Y": frozenset(CSET_39),
    "Z": frozenset(CSET_64 + "="),
}
_CHARSET_NAMES: Final = {
    "N": "digits 0-9",
    "X": "GS1 character set 82",
    "Y": "GS1 character set 39",
    "Z": "base64url characters",
}
_RULES: Final = {"incorrect_check_digit": "check_digit", "too_short_for_check_digit": "check_digit"}
_PREFIX_FAULTS: Final = ("invalid_gcp_prefix", "too_short_for_gcp")
_AI_HINT: Final = "Use an AI of the GS1 General Specifications, e.g. 01, 10, 21, 00, 414."


@lru_cache(4_096)
def check_value(ai: str, value: str) -> None:
    """Pass silently if the value is one of this AI.

    Raises InvalidIdentifier with rule `gs1.unknown_ai`, `gs1.format`, `gs1.charset`,
    `gs1.check_digit`, or `gs1.` and the fault that GS1's linters know it by.
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
        message = f"({ai}) {entry.title} {value!r} is {len(rest)} characters too long"
        raise refuse("gs1.format", message, f"Give {_describe(entry)}.")


def _check_part(entry: ApplicationIdentifier, component: Component, part: str) -> None:
    if len(part) < component.minimum:
        raise refuse(
            "gs1.format", f"{_named(entry, part)} is too short", f"Give {_describe(entry)}."
        )
    allowed = _CHARSETS[component.type]
    if not allowed.issuperset(part):
        strange = "".join(sorted(set(part) - allowed))
        hint = f"Use only {_CHARSET_NAMES[component.type]}."
        raise refuse("gs1.charset", f"{_named(entry, part)} has {strange!r}", hint)
    for linter in component.linters:
        fault = LINTERS[linter](part)
        if fault is not None:
            rule, named = _RULES.get(fault, fault), _named(entry, part)
            message = (
                f"{named} has a wrong check digit"
                if rule == "check_digit"
                else (f"{named}: {fault.replace('_', ' ')}")
            )
            raise refuse(f"gs1.{rule}", message, _hint(entry, fault, part))


def _named(entry: ApplicationIdentifier, part: str) -> str:
    return f"({entry.ai}) {entry.title}: {part!r}"


def _hint(entry: ApplicationIdentifier, fault: str, part: str) -> str:
    if fault == "incorrect_check_digit":
        right = check_digit(part[:-1])
        return f"If the other digits are right, the last one is {right}: {part[:-1]}{right}."
    if fault in _PREFIX_FAULTS:
        return "Begin with the GS1 Company Prefix of who gave the number out, 4 to 12 digits."
    return f"Give {_describe(entry)}, as GS1's linters {', '.join(_linters(entry))} take it."


def _linters(entry: ApplicationIdentifier) -> list[str]:
    return sorted({linter for part in entry.components for linter in part.linters})


def _describe(entry: ApplicationIdentifier) -> str:
    return ", then ".join(_describe_part(part) for part in entry.components)


def _describe_part(component: Component) -> str:
    fixed = component.minimum == component.maximum
    length = f"{component.maximum}" if fixed else f"{component.minimum} to {component.maximum}"
    optional = " if any" if component.optional else ""
    return f"{length} of {_CHARSET_NAMES[component.type]}{optional}"
