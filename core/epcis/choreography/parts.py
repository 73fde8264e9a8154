"""Which events of a large document belong to one story, so that each story can be judged alone.

Two events belong together when they are about one thing, or when what is known ties their things
together: one names a case, the other the pallet that the case was packed onto before. What is tied
is kept in a file of SQLite's own that nobody else sees, so memory holds sixteen bytes an event.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from core.epcis.choreography.telling import Telling, is_unlimited, wider
from core.scratch import Scratch

_OF: Final = "of "
"""Begins a lot's name where its serials are meant: only its recall ties them together."""
_SCHEMA: Final = """
CREATE TABLE tie (name TEXT NOT NULL, node INTEGER NOT NULL, recalls INTEGER NOT NULL);
CREATE TABLE thing (uri TEXT PRIMARY KEY, is_read INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX unread ON thing (uri) WHERE is_read = 0;
CREATE TABLE part (root INTEGER NOT NULL, place INTEGER NOT NULL);
"""


class Parts(Scratch):
    """Collects what ties events together; `groups` then says which must be judged together."""

    def __init__(self) -> None:
        super().__init__(_SCHEMA)
        self._places = array("q")
        """Of each node its event; -1 for what is known already."""
        self._above = array("q")
        """Of each node one that belongs with it and comes before, or itself."""

    def add(self, told: Telling) -> None:
        """A new event; its place is what `groups` gives back."""
        assert told.place is not None, "what is new has a place"
        node = self._node(told.place)
        about = {one.uri for one in told.named}
        recalls = told.recalls or told.lifts
        self._tie(node, about, recalls=recalls)
        if recalls:
            self._tie(node, [_OF + uri for uri in about], recalls=True)
        self._tie(node, [_OF + lot for one in told.named for lot in told.lots_of(one)])
        # a second telling of an event, or its declaration as an error, belongs with it
        self._tie(node, [f"key {told.key}"])
        self.want(about)

    def link(self, things: Iterable[str]) -> None:
        """Something known names all these things, and so ties them together."""
        self._tie(self._node(-1), set(things))

    def belong(self, serial: str, lot: str) -> None:
        """Something known says that a serial is of a lot."""
        self._tie(self._node(-1), [serial, _OF + lot])

    def want(self, things: Iterable[str]) -> None:
        """What is known of these is to be linked as well."""
        # Of a class without a lot nothing is remembered that could tie two things together.
        rows = [(uri,) for uri in things if not is_unlimited(uri)]
        self._sql.executemany("INSERT OR IGNORE INTO thing (uri) VALUES (?)", rows)

    def unread(self, size: int) -> list[str]:
        """The next things that were wanted, each once; none when all were asked for."""
        wanted = "SELECT uri FROM thing WHERE is_read = 0 ORDER BY uri LIMIT ?"
        found = [uri for (uri,) in self._sql.execute(wanted, (size,))]
        self._sql.executemany("UPDATE thing SET is_read = 1 WHERE uri = ?", [(u,) for u in found])
        return found

    def groups(self, most: int) -> Iterator[list[list[int]]]:
        """Parts of the document, several together up to `most` events; one alone may be longer.

        Each is the places of events that belong together, in order.
        """
        self._join()
        together: list[list[int]] = []
        count = 0
        for part in self._parts():
            if together and count + len(part) > most:
                yield together
                together, count = [], 0
            together.append(part)
            count += len(part)
        if together:
            yield together

    def _node(self, place: int) -> int:
        self._places.append(place)
        self._above.append(len(self._above))
        return len(self._above) - 1

    def _tie(self, node: int, names: Iterable[str], *, recalls: bool = False) -> None:
        rows = [(name, node, recalls) for name in names]
        # A recall of a class is one of all its lots and serials.
        rows += [(of, node, False) for name in names if (of := wider(name)) is not None]
        self._sql.executemany("INSERT INTO tie VALUES (?, ?, ?)", rows)

    def _join(self) -> None:
        self._sql.execute("CREATE INDEX by_name ON tie (name, recalls DESC, node)")
        ties = self._sql.execute(
            "SELECT name, recalls, node FROM tie ORDER BY name, recalls DESC, node"
        )
        at, first, recalled = "", 0, False
        for name, recalls, node in ties:
            if name != at:
                at, first, recalled = name, node, bool(recalls)
            elif recalled or not (name.startswith(_OF) or is_unlimited(name)):
                self._unite(first, node)
            # else nothing happens to a class without a lot but that it is recalled

    def _unite(self, one: int, other: int) -> None:
        low, high = sorted((self._root(one), self._root(other)))
        self._above[high] = low

    def _root(self, node: int) -> int:
        above = self._above
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def _parts(self) -> Iterator[list[int]]:
        new = ((self._root(n), place) for n, place in enumerate(self._places) if place >= 0)
        self._sql.executemany("INSERT INTO part VALUES (?, ?)", new)
        ordered: Iterable[Sequence[int]] = self._sql.execute(
            "SELECT root, place FROM part ORDER BY root, place"
        )
        for _, part in groupby(ordered, key=lambda row: row[0]):
            yield [place for _, place in part]
