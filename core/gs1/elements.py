"""Element strings: what a GS1 barcode says, AI by AI.

    bracketed     (01)09506000134352(10)ABC(17)261231       as printed under a barcode
    unbracketed   ^0109506000134352 10ABC^17261231          as in the symbol, ^ for FNC1

FNC1 stands first and after every value that has no predefined length; values follow each other
without a gap (the one above is for the eye). In brackets a `(` of a value is written `\\(`.
Source: GS1 General Specifications, sections 4.15 and 7.8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.gs1.dictionary import ApplicationIdentifier, application_identifiers, starting
from core.gs1.refusal import refuse
from core.gs1.values import check_value

FNC1: Final = "^"
GROUP_SEPARATOR: Final = "\x1d"
"""How a scanner transmits FNC1 between values."""
MOST_ELEMENTS: Final = 64
_HINT: Final = "Write it like (01)09506000134352(10)ABC, each AI in brackets before its value."


@dataclass(frozen=True, slots=True)
class Element:
    """An AI with its value."""

    ai: str
    value: str


def parse(text: str) -> tuple[Element, ...]:
    """Read an element string in either notation; FNC1 may be `^` or the group separator.

    Raises InvalidIdentifier: `gs1.element_string` for the form, else the rules of a value.
    """
    if text.startswith("("):
        return parse_bracketed(text)
    return parse_unbracketed(text.replace(GROUP_SEPARATOR, FNC1))


def parse_bracketed(text: str) -> tuple[Element, ...]:
    """Read `(01)…(10)…`. Raises as `parse`."""
    elements = _limited(_split_bracketed(text))
    if not elements:
        raise refuse("gs1.element_string", "there is no element", _HINT)
    for element in elements:
        _check(element)
    return elements


def parse_unbracketed(text: str) -> tuple[Element, ...]:
    """Read `^01…10…^17…`. Raises as `parse`."""
    if not text.startswith(FNC1) or len(text) == 1:
        raise refuse("gs1.element_string", f"{text[:40]!r} does not start with FNC1", _HINT)
    elements = _limited(_split_unbracketed(text[1:]))
    for element in elements:
        _check(element)
    return elements


def bracketed(elements: Sequence[Element]) -> str:
    """How people read it."""
    return "".join(f"({one.ai}){one.value.replace('(', chr(92) + '(')}" for one in elements)


def unbracketed(elements: Sequence[Element]) -> str:
    """How a symbol holds it."""
    table = application_identifiers()
    parts, separate = [], True
    for one in elements:
        parts.append((FNC1 if separate else "") + one.ai + one.value)
        separate = not table[one.ai].predefined_length
    return "".join(parts)


def _split_bracketed(text: str) -> Iterator[Element]:
    at = 0
    while at < len(text):
        end = text.find(")", at)
        if text[at] != "(" or end < 0:
            raise refuse(
                "gs1.element_string", f"{text[at : at + 40]!r} is no AI in brackets", _HINT
            )
        entry = _known(text[at + 1 : end])
        value, at = _value(text, end + 1)
        yield Element(entry.ai, value)


def _value(text: str, start: int) -> tuple[str, int]:
    """The value from here to the next bracket that is not escaped, and where that is."""
    at = start
    while (at := text.find("(", at)) > 0 and text[at - 1] == "\\" and at > start:
        at += 1
    end = len(text) if at < 0 else at
    return text[start:end].replace("\\(", "("), end


def _split_unbracketed(text: str) -> Iterator[Element]:
    while text:
        entry = starting(text)
        if entry is None:
            raise refuse("gs1.unknown_ai", f"no AI begins {text[:40]!r}", _HINT)
        rest = text[len(entry.ai) :]
        value = rest.partition(FNC1)[0]
        if entry.predefined_length:
            value = value[: entry.longest]
        yield Element(entry.ai, value)
        text = rest[len(value) :].removeprefix(FNC1)


def _limited(elements: Iterator[Element]) -> tuple[Element, ...]:
    found: list[Element] = []
    for element in elements:
        if len(found) == MOST_ELEMENTS:
            message = f"there are more than {MOST_ELEMENTS} elements"
            raise refuse("gs1.element_string", message, "Split them over several barcodes.")
        found.append(element)
    return tuple(found)


def _known(ai: str) -> ApplicationIdentifier:
    entry = application_identifiers().get(ai)
    if entry is None:
        hint = "Use an AI of the GS1 General Specifications, e.g. 01, 10, 21, 00, 414."
        raise refuse("gs1.unknown_ai", f"({ai}) is not a GS1 application identifier", hint)
    return entry


def _check(element: Element) -> None:
    if not element.value:
        raise refuse("gs1.format", f"({element.ai}) has no value", _HINT)
    check_value(element.ai, element.value)
