"""The fields of many public events replaced by digests at once, level by level.

What `build._Writer` does field by field takes a few calls a level here: one draw of salts, one
base64 text of all digests. It knows the plain cases only, and says so of all else.
"""

import os
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from core.document.disclosure import URL_SAFE
from core.document.lexical import LexicalObject, Number

_PLAIN: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
_CONTAINERS: Final = frozenset({dict, list})


class Unsure(Exception):
    """Something is not as it nearly always is: the careful way knows what to do."""


class Committed(NamedTuple):
    """What stands for the members of an object, and what it stands for."""

    digests: list[str]
    """In ascending order."""
    texts: list[bytes]
    """Of the disclosures of all its fields, in no meaningful order."""


_Part: TypeAlias = list[Any]
"""What a disclosure encodes: [salt, name, value] or [salt, value]."""
_Holder: TypeAlias = tuple[_Part, list[bytes]]
"""A part whose value is a container, and the texts of the object it belongs to."""
_Level: TypeAlias = tuple[list[_Part], list[_Holder]]
"""The fields of some containers, one container after the other, and their holders."""


def commit(objects: Sequence[LexicalObject]) -> list[Committed]:
    """Each object with every field at every depth replaced, under fresh salts.

    Raises Unsure for a reserved name, and for what is no value of plain JSON.
    """
    outer, *inner = _levels([([one], []) for one in objects])
    salts = iter(_salts(len(outer[0]) + sum([len(parts) for parts, _ in inner])))
    for level in reversed(inner):
        for (holder, _), digests in _digested(level, salts):
            holder[-1] = _hidden(holder[-1], digests)
    return [Committed(sorted(mine), texts) for (_, texts), mine in _digested(outer, salts)]


def _levels(holders: list[_Holder]) -> list[_Level]:
    """All fields, the outermost first; each part's salt is still missing."""
    levels: list[_Level] = []
    while holders or not levels:
        parts: list[_Part] = []
        below: list[_Holder] = []
        for holder, texts in holders:
            mine = _parts(holder[-1])
            parts += mine
            for part in mine:
                if type(part[-1]) in _CONTAINERS:
                    below.append((part, texts))
        levels.append((parts, holders))
        holders = below
    return levels


def _parts(container: Any) -> list[_Part]:
    if type(container) is list:
        return [[None, item] for item in container]
    if "_sd" in container or "..." in container:
        raise Unsure
    return [[None, name, item] for name, item in container.items()]


def _digested(level: _Level, salts: Iterator[str]) -> Iterator[tuple[_Holder, list[str]]]:
    """Salts the fields; then each holder with the digests of its fields, in their order."""
    parts, holders = level
    for part in parts:
        part[0] = next(salts)
    texts = _texts(parts)
    digests = _digests([sha256(text).digest() for text in texts])
    start = 0
    for holder in holders:
        end = start + len(holder[0][-1])
        holder[1].extend(texts[start:end])
        yield holder, digests[start:end]
        start = end


def _hidden(container: Any, digests: list[str]) -> orjson.Fragment:
    """The container with digests for its fields."""
    if type(container) is list:
        elements = '"},{"...":"'.join(digests)
        return orjson.Fragment(f'[{{"...":"{elements}"}}]' if digests else "[]")
    digests.sort()
    members = '","'.join(digests)
    return orjson.Fragment(f'{{"_sd":["{members}"]}}' if digests else "{}")


def _texts(parts: list[_Part]) -> list[bytes]:
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
