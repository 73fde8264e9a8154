"""The events of a large EPCIS JSON document one by one, cut out of the text as it is read.

Only the text is cut here; each piece is parsed, with all its numbers as they were written, by
`core.document.lexical`. What stands around the events is kept, and parsed when they are through.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

import orjson

from core.errors import Malformed

READ: Final = 1 << 18
LONGEST: Final = 4 << 20
"""Bytes of one event, and of all that is not an event: no more than this is ever held."""
MAX_LEVELS: Final = 64
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+("?)|[\[{]|[\]}]', re.DOTALL)
_LEVELS: Final = 6
"""Of an event that is cut out at one go; few are deeper."""
_INK: Final = re.compile(rb"[^ \t\r\n]")
_PATH: Final = (b"epcisBody", b"eventList")
_BOM: Final = b"\xef\xbb\xbf"


def _container(levels: int) -> bytes:
    """A pattern of what stands between two brackets of whatever kind, so many levels deep."""
    inside = rb'[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
    if levels > 1:
        inside += b"|" + _container(levels - 1)
    return rb"[\[{](?:" + inside + rb")*+[\]}]"


_WHOLE: Final = re.compile(_container(_LEVELS), re.DOTALL)
"""It finds what counting brackets finds, and never looks at a byte twice at one level."""


class JsonEvents:
    """Yields the text of each event; `around` is the text without them, once they are through.

    Raises Malformed: not JSON as far as that shows here, too deep, or one piece too large.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._text = b""
        self._at = 0
        """How far the text is read, …"""
        self._from = 0
        """… and from where it is still needed."""
        self._around: list[bytes] = []
        self._kept = 0

    @property
    def around(self) -> bytes:
        return b"".join(self._around)

    def __iter__(self) -> Iterator[bytes]:
        self._more()
        if self._text.startswith(_BOM):
            raise Malformed("starts with a byte order mark")
        path: list[bytes] = []
        name = b""
        while (token := self._next()) is not None:
            if token in b"[{":
                path.append(name)
                name = b""
                if len(path) > MAX_LEVELS:
                    raise Malformed(f"nested deeper than {MAX_LEVELS} levels")
                if token == b"[" and tuple(path[1:]) == _PATH:
                    self._keep()
                    yield from self._events()
                    path.pop()
            elif token in b"]}":
                name = b""
                if path:
                    path.pop()
            elif len(path) <= len(_PATH):
                name = _unescaped(token)
        self._at = len(self._text)
        self._keep()

    def _events(self) -> Iterator[bytes]:
        """From behind the bracket that opens the list to behind the one that closes it."""
        count = 0
        while self._between(count):
            yield self._event(count)
            count += 1
        self._from = self._at
        self._around.append(b"]")

    def _between(self, count: int) -> bool:
        """Steps over what stands before the next event; False where the list ends."""
        if count and self._text.startswith(b",{", self._at):
            self._at += 1
            return True
        comma = False
        while (byte := self._step()) != b"]" or comma:
            if byte == b"," and count and not comma:
                comma = True
            elif byte == b"{" and comma == bool(count):
                self._at -= 1
                return True
            else:
                where = f"/epcisBody/eventList/{count}"
                raise Malformed(f"{byte.decode('ascii', 'replace')} is no event", pointer=where)
        return False

    def _step(self) -> bytes:
        """The next byte that is not white space."""
        while (found := _INK.search(self._text, self._at)) is None:
            self._from = self._at = len(self._text)
            self._more_or_end()
        self._at = found.end()
        return found[0]

    def _event(self, count: int) -> bytes:
        self._from, level = self._at, 0
        if whole := _WHOLE.match(self._text, self._at):
            self._at = whole.end()
            return whole[0]
        while True:
            for found in _TOKEN.finditer(self._text, self._at):
                first = found[0][:1]
                if first == b'"' and not found[1]:
                    break
                self._at = found.end()
                level += (first in b"[{") - (first in b"]}")
                if level == 0:
                    return self._text[self._from : self._at]
            if len(self._text) - self._from > LONGEST:
                where = f"/epcisBody/eventList/{count}"
                raise Malformed(f"an event has more than {LONGEST} bytes", pointer=where)
            self._more_or_end()

    def _next(self) -> bytes | None:
        """The next whole string or bracket outside the events."""
        while True:
            found = _TOKEN.search(self._text, self._at)
            if found is not None and found[1] != b"":
                self._at = found.end()
                return found[0]
            self._keep()
            if not self._more():
                return None

    def _keep(self) -> None:
        """What has been read belongs to what stands around the events."""
        self._around.append(self._text[self._from : self._at])
        self._kept += self._at - self._from
        self._from = self._at
        if self._kept + len(self._text) - self._at > LONGEST + READ:
            raise Malformed(f"more than {LONGEST} bytes stand beside the events")

    def _more(self) -> bool:
        piece = self._source.read(READ)
        self._text = self._text[self._from :] + piece
        self._at -= self._from
        self._from = 0
        return bool(piece)

    def _more_or_end(self) -> None:
        if not self._more():
            raise Malformed("not JSON: the list of events does not end")


def _unescaped(name: bytes) -> bytes:
    if b"\\" not in name:
        return name[1:-1]
    try:
        return str(orjson.loads(name)).encode()
    except orjson.JSONDecodeError:
        return b""
