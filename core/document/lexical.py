"""JSON without loss: numbers stay the text they were, a duplicate key is an error.

A value is a dict, list, str, bool, None or `Number`. Nothing is ever turned into a float, so
`25000`, `25000.0` and `"25000"` are three different values (docs/reference/event-document.md, 2).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias

from core.errors import Malformed

MAX_DEPTH: Final = 64
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NESTING: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it was written; equal only to the same text."""

    lexeme: str

    def decimal(self) -> Decimal:
        """The exact value."""
        return Decimal(self.lexeme)

    def integer(self) -> int:
        """The value of an integer lexeme. Raises Malformed for `1.0` or `1e3`."""
        if not _INTEGER.fullmatch(self.lexeme) or len(self.lexeme) > 100:
            raise Malformed(f"{self.lexeme[:40]} is not an integer")
        return int(self.lexeme)


LexicalValue: TypeAlias = (
    "dict[str, LexicalValue] | list[LexicalValue] | str | bool | Number | None"
)
LexicalObject: TypeAlias = dict[str, LexicalValue]


def parse(source: str | bytes) -> LexicalValue:
    """Any JSON text (RFC 8259, I-JSON names and strings).

    Raises:
        Malformed: not UTF-8, not JSON, a duplicate key, a lone surrogate, NaN, or nested deeper
            than 64 levels.
    """
    text = _text(source)
    _check_depth(text)
    try:
        value: LexicalValue = json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at character {error.pos}") from error
    _check_strings(value)
    return value


def parse_event(source: str | bytes) -> LexicalObject:
    """One event: a JSON object. Raises Malformed."""
    value = parse(source)
    if not isinstance(value, dict):
        raise Malformed("an event is a JSON object")
    return value


def canonical(value: LexicalValue) -> str:
    """RFC 8785 text, except that a number keeps its own lexeme."""
    match value:
        case dict():
            names = sorted(value, key=_utf16)
            members = (f"{canonical(name)}:{canonical(value[name])}" for name in names)
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(canonical, value)) + "]"
        case Number():
            return value.lexeme
        case _:
            return json.dumps(value, ensure_ascii=False)


def from_plain(value: Any) -> LexicalValue:
    """A lexical value from plain Python data; ints become numbers, floats are refused."""
    match value:
        case bool() | None | str() | Number():
            return value
        case int():
            return Number(str(value))
        case dict():
            return {str(name): from_plain(item) for name, item in value.items()}
        case list() | tuple():
            return [from_plain(item) for item in value]
        case _:
            raise Malformed(f"{type(value).__name__} has no lossless JSON form")


def strings(value: LexicalValue) -> Iterator[str]:
    """Every string value, depth first; member names are not values."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)


def segment(name: str) -> str:
    """A member name as a JSON pointer segment (RFC 6901, 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _text(source: str | bytes) -> str:
    if isinstance(source, bytes):
        try:
            source = source.decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8 at byte {error.start}") from error
    if source.startswith("\ufeff"):
        raise Malformed("starts with a byte order mark")
    return source


def _object(pairs: list[tuple[str, LexicalValue]]) -> LexicalObject:
    result = dict(pairs)
    if len(result) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise Malformed(f"the name {twice!r} stands twice in one object")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _check_depth(text: str) -> None:
    """Before the parser of CPython 3.11 sees it: 100,000 levels overflow its C stack."""
    level = 0
    for token in _NESTING.finditer(text):
        if token[0] in "[{":
            level += 1
            if level > MAX_DEPTH:
                raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
        elif token[0] in "]}":
            level -= 1


def _check_strings(value: LexicalValue) -> None:
    if isinstance(value, str) and _SURROGATE.search(value):
        raise Malformed("a string holds half of a surrogate pair")
    if isinstance(value, dict):
        for name, item in value.items():
            _check_strings(name)
            _check_strings(item)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")
