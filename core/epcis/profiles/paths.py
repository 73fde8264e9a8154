"""Places in an event: `quantityList/*/uom`, `bizTransactionList/*[type=po]`.

`*` is each item of a list, or the one value where a list is not needed; `[name=value]` keeps the
items whose member says so, words of the CBV in any spelling.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from core.document.lexical import LexicalValue, Number, segment
from core.epcis import vocab

_STEP: Final = re.compile(r"(?P<name>\*|[^\[\]]+)(?:\[(?P<key>[^=\]]+)=(?P<value>[^\]]+)\])?")
_VOCABULARIES: Final = {
    "bizTransactionList": "bizTransaction",
    "sourceList": "sourceDest",
    "destinationList": "sourceDest",
}


class Found(NamedTuple):
    """What a path leads to."""

    pointer: str
    value: LexicalValue
    """None where there is nothing."""
    no_match: bool = False
    """A list has no item such as asked for."""


def follow(value: LexicalValue, path: str) -> list[Found]:
    """Everything at a path; one Found of nothing where the way ends too early.

    A list without an item such as asked for counts only if no other list beside it has one.
    """
    found = list(_follow(value, _split(path), "", ""))
    return [one for one in found if not one.no_match] or found


def is_there(value: LexicalValue, path: str) -> bool:
    """Whether a path leads to anything at all."""
    return any(not is_nothing(found.value) for found in follow(value, path))


def is_nothing(value: LexicalValue) -> bool:
    """Absent, null, or empty."""
    return value is None or value in ("", [], {})


def _split(path: str) -> list[str]:
    """At each slash outside of brackets: a value may hold one."""
    return re.findall(r"(?:[^/\[]|\[[^\]]*\])+", path)


def _follow(value: LexicalValue, steps: Sequence[str], pointer: str, name: str) -> Iterator[Found]:
    if not steps:
        yield Found(pointer, value)
        return
    step = _STEP.fullmatch(steps[0])
    assert step is not None, "the schema of profiles allows no other"
    if step["name"] == "*":
        yield from _items(value, steps, pointer, name)
        return
    inner = value.get(step["name"]) if isinstance(value, dict) else None
    here = f"{pointer}/{segment(step['name'])}"
    if inner is None:
        yield Found(here, None)
    else:
        yield from _follow(inner, steps[1:], here, step["name"])


def _items(value: LexicalValue, steps: Sequence[str], pointer: str, name: str) -> Iterator[Found]:
    step = _STEP.fullmatch(steps[0])
    assert step is not None
    listed = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    kept = [
        (place, item)
        for place, item in listed
        if step["key"] is None or _says(item, step["key"], step["value"], name)
    ]
    if not kept:
        yield Found(pointer, None, no_match=step["key"] is not None)
    for place, item in kept:
        here = pointer if place is None else f"{pointer}/{place}"
        yield from _follow(item, steps[1:], here, name)


def _says(item: LexicalValue, key: str, value: str, name: str) -> bool:
    said = item.get(key) if isinstance(item, dict) else None
    if isinstance(said, str) and key == "type" and name in _VOCABULARIES:
        said = vocab.bare(_VOCABULARIES[name], said)
    return (said.lexeme if isinstance(said, Number) else said) == value
