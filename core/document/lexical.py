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

import orjson

from core.errors import Malformed

MAX_DEPTH: Final = 64
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NESTING: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d*)")
_MAYBE_NUMBER: Final = re.compile(rb'(?:^|":|[\[,])-?\d')
_INK: Final = re.compile(
    rb'[^" \t\r\n]++(?:"[^"\\]*+(?:\\.[^"\\]*+)*+")?|"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL
)
_CONTAINERS: Final = frozenset({dict, list})
_NUMBERS: Final = frozenset({int, float})
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xf4]")
_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


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
    quick = parse_quickly(source)
    return _explained(source) if quick is None else quick[0]


def parse_with_plain(source: str | bytes, levels: int = MAX_DEPTH) -> tuple[LexicalValue, Any]:
    """`parse`, and the same with Python's own numbers where that is to be had for free, else None.

    The two may be one object. A part of a larger text may nest to fewer `levels`.
    """
    return parse_quickly(source, levels) or (_explained(source, levels), None)


def parse_quickly(source: str | bytes, levels: int = MAX_DEPTH) -> tuple[LexicalValue, Any] | None:
    """`parse_with_plain` of text that orjson writes the same, white space aside; else None.

    Nothing in it can have been lost: a name that stands twice would be missing, a number in
    another spelling would differ.
    """
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    try:
        plain = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    written = orjson.dumps(plain)
    if written != data and (len(written) >= len(data) or written != _without_spaces(data)):
        return None
    if written.count(b"{") + written.count(b"[") <= levels and not _MAYBE_NUMBER.search(written):
        return plain, plain
    try:
        return _with_lexemes([plain], levels)[0], plain
    except _TooDeep:
        return None


def _without_spaces(data: bytes) -> bytes:
    """JSON text without the white space between its tokens; only for what is JSON already."""
    return b"".join(_INK.findall(data))


class _TooDeep(Exception):
    """Objects and lists nest deeper than they may."""


def _with_lexemes(value: Any, levels: int) -> Any:
    """The same with a Number for each number; what holds none is not copied. Raises _TooDeep."""
    found = None
    for place, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is str:
            continue
        if kind in _CONTAINERS:
            if not levels:
                raise _TooDeep
            other = _with_lexemes(item, levels - 1)
        elif kind in _NUMBERS:
            other = Number(orjson.dumps(item).decode())
        else:
            continue
        if other is not item:
            found = value.copy() if found is None else found
            found[place] = other
    return value if found is None else found


def _explained(source: str | bytes, levels: int = MAX_DEPTH) -> LexicalValue:
    """The same, one careful step after the other, so that what is wrong can be said."""
    text = _text(source)
    _check_depth(text, levels)
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
    try:
        return canonical_bytes(value).decode()
    except UnicodeEncodeError:
        return _canonical(value)  # half a surrogate pair, which has no UTF-8


def canonical_bytes(value: LexicalValue) -> bytes:
    """`canonical` in UTF-8.

    orjson escapes as RFC 8785 does, and sorts names by code points, which is not UTF-16's order
    where there are characters beyond the Basic Multilingual Plane.
    """
    try:
        text = orjson.dumps(value, _lexeme, _SORTED)
    except orjson.JSONEncodeError:  # nested deeper than it goes, or half a surrogate pair
        return _canonical(value).encode()
    if text.isascii() or not _BEYOND_BMP.search(text):
        return text
    return _canonical(value).encode()


def _lexeme(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.lexeme)
    raise TypeError(f"{type(value).__name__} is no lexical value")


def _canonical(value: LexicalValue) -> str:
    match value:
        case dict():
            names = sorted(value, key=_utf16)
            members = (f"{_canonical(name)}:{_canonical(value[name])}" for name in names)
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(_canonical, value)) + "]"
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


def _check_depth(text: str, levels: int) -> None:
    """Before the parser of CPython 3.11 sees it: 100,000 levels overflow its C stack."""
    level = 0
    for token in _NESTING.finditer(text):
        if token[0] in "[{":
            level += 1
            if level > levels:
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
