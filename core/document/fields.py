"""The fields of many public events replaced by digests at once, level by level.

What `build._Writer` does field by field takes a few calls a level here: one draw of salts, one
base64 text of all digests. It knows the plain cases only, and says so of all else.
"""

import os
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from core.document.disclosure import URL_SAFE
from core.document.lexical import LexicalObject, Number

_PLAIN: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
_CONTAINERS: Final = frozenset({dict, list})


class Unsure(Exception):
    """Something is not as it nearly always is: the careful way knows what to do."""


class Committed(NamedTuple):
    """An object whose members are digests, and what they are digests of."""

    members: LexicalObject
    texts: list[bytes]
    """Of all its disclosures, in no meaningful order."""


Part = list[Any]
"""What a disclosure encodes: [salt, name, value] or [salt, value]."""


class _Span(NamedTuple):
    """Where the fields of one container stand in their level."""

    holder: Part
    """Its last is the container, then what the container becomes."""
    texts: list[bytes]
    start: int
    end: int


class _Level(NamedTuple):
    parts: list[Part]
    spans: list[_Span]


def commit(objects: Sequence[LexicalObject]) -> list[Committed]:
    """Each object with every field at every depth replaced, under fresh salts.

    Raises Unsure for a reserved name, and for what is no value of plain JSON.
    """
    tops: list[tuple[Part, list[bytes]]] = [([one], []) for one in objects]
    levels = _levels(tops)
    salts = iter(_salts(sum(len(level.parts) for level in levels)))
    for level in reversed(levels):
        for part in level.parts:
            part[0] = next(salts)
        _replace(level)
    return [Committed(top[0], texts) for top, texts in tops]


def _levels(holders: list[tuple[Part, list[bytes]]]) -> list[_Level]:
    """All fields, the outermost first; each part's salt is still missing."""
    levels = []
    while holders:
        level = _Level([], [])
        below: list[tuple[Part, list[bytes]]] = []
        for holder, texts in holders:
            mine = _parts(holder[-1])
            start = len(level.parts)
            level.parts.extend(mine)
            level.spans.append(_Span(holder, texts, start, start + len(mine)))
            below += [(part, texts) for part in mine if type(part[-1]) in _CONTAINERS]
        levels.append(level)
        holders = below
    return levels


def _parts(container: Any) -> list[Part]:
    if type(container) is list:
        return [[None, item] for item in container]
    if "_sd" in container or "..." in container:
        raise Unsure
    return [[None, name, item] for name, item in container.items()]


def _replace(level: _Level) -> None:
    """Puts digests where the containers were, whose own containers are replaced already."""
    texts = _texts(level.parts)
    digests = _digests([sha256(text).digest() for text in texts])
    for holder, found, start, end in level.spans:
        found += texts[start:end]
        mine = digests[start:end]
        if type(holder[-1]) is list:
            holder[-1] = [{"...": digest} for digest in mine]
        else:
            mine.sort()
            holder[-1] = {"_sd": mine} if mine else {}


def _texts(parts: list[Part]) -> list[bytes]:
    """Their disclosures. Base64 of ASCII has no + or / but for the few characters > ? ~."""
    dumps, encode = orjson.dumps, b2a_base64
    try:
        found = [encode(dumps(part, _lexeme, _PLAIN), newline=False).rstrip(b"=") for part in parts]
    except orjson.JSONEncodeError as error:
        raise Unsure from error
    together = b"".join(found)
    if b"+" in together or b"/" in together:
        return [text.translate(URL_SAFE) for text in found]
    return found


def _lexeme(value: object) -> orjson.Fragment:
    if type(value) is Number:
        return orjson.Fragment(value.lexeme)
    raise Unsure


def _salts(count: int) -> list[str]:
    """128 fresh random bits each, as RFC 9901 section 9.3 asks.

    Of 18 bytes, which are 24 characters, two are no salt's: the salt is the first 22.
    """
    drawn = bytearray(os.urandom(18 * count))
    drawn[16::18] = drawn[17::18] = bytes(count)
    text = bytearray(b2a_base64(drawn, newline=False))
    text[22::24] = text[23::24] = b" " * count
    return text.translate(URL_SAFE).decode().split()


def _digests(hashes: Iterable[bytes]) -> list[str]:
    """Each 32 bytes in base64url. A zero after each makes it end where four characters do."""
    together = b"\0".join(hashes)
    if not together:
        return []
    text = bytearray(b2a_base64(together + b"\0", newline=False))
    text[43::44] = b" " * (len(text) // 44)
    return text.translate(URL_SAFE).decode().split()
