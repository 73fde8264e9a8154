"""Where things stand after the events told so far: a fold, without input or output."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from core.epcis.choreography.telling import Named, Notice, Telling, wider
from core.epcis.model import ProductRole
from core.epcis.units import Measure

Amounts = defaultdict[str, Fraction]
"""By dimension."""


def _nothing() -> Amounts:
    return defaultdict(Fraction)


@dataclass(slots=True)
class Standing:
    """Of one thing or lot."""

    seen: Telling | None = None
    """The first event that named it."""
    born: Telling | None = None
    """What commissioned or made it, or the first of a lot."""
    ended: Telling | None = None
    parent: str | None = None
    packed: Telling | None = None
    """What put it into its parent."""
    recalled: Telling | Notice | None = None
    lots: set[str] = field(default_factory=set)
    """Those that a serial is of, as its birth says."""
    made: Amounts = field(default_factory=_nothing)
    used: Amounts = field(default_factory=_nothing)
    uncounted: bool = False
    """More of it was made, and nobody said how much."""

    def left(self, dimension: str) -> Fraction | None:
        """How much there is, in the dimension's base unit; None if nobody can know."""
        if self.uncounted or dimension not in self.made:
            return None
        return self.made[dimension] - self.used[dimension]


class Standings:
    """Of everything that was named."""

    def __init__(self) -> None:
        self._of: defaultdict[str, Standing] = defaultdict(Standing)
        self._inside: defaultdict[str, dict[str, Amounts]] = defaultdict(dict)
        """Container -> what is in it; of a lot how much, of a single thing nothing more."""
        self._recalled: set[str] = set()

    def of(self, uri: str) -> Standing:
        return self._of[uri]

    def recalls(self, uri: str) -> Iterator[tuple[str, Telling | Notice]]:
        """What is recalled of a thing and of all inside it: itself, its lot or its class."""
        if not self._recalled:  # as nearly always: no pallet need be looked through
            return
        todo, met = [uri], {uri}
        while todo:
            one = todo.pop()
            for about in (one, *sorted(self._of[one].lots), wider(one)):
                if about and (recall := self._of[about].recalled):
                    yield one, recall
                    break
            inner = [thing for thing in self._inside.get(one, ()) if thing not in met]
            met.update(inner)
            todo += inner

    def hear(self, told: Telling | Notice) -> None:
        """Move on."""
        if isinstance(told, Notice):
            self._recall(told.uri, told if told.recalled else None)
            return
        for one in told.named:
            self._live(told, one)
        if told.packs and (parent := told.parent):
            self._pack(told, parent)

    def _live(self, told: Telling, one: Named) -> None:
        standing = self._of[one.uri]
        standing.seen = standing.seen or told
        if told.begins(one):
            standing.born = standing.born or told
            standing.lots.update(told.lots_of(one))
        if told.begins(one) and not one.single:
            _count(standing, standing.made, one.amount)
        if told.ends(one):
            self._end(told, one, standing)
        if told.recalls and one.role is not ProductRole.INPUT:
            self._recall(one.uri, told)
        elif told.lifts:
            self._recall(one.uri, None)

    def _recall(self, uri: str, recall: Telling | Notice | None) -> None:
        self._of[uri].recalled = recall
        if recall is None:
            self._recalled.discard(uri)
        else:
            self._recalled.add(uri)

    def _end(self, told: Telling, one: Named, standing: Standing) -> None:
        if one.single:
            standing.ended = told
            self._unpack(one, standing)
            for inner in self._inside.pop(one.uri, {}):  # a container that is gone holds nothing
                self._free(inner, one.uri)
        elif one.amount is not None:
            standing.used[one.amount.dimension] += one.amount.value

    def _pack(self, told: Telling, parent: str) -> None:
        children = [one for one in told.named if one.role is ProductRole.CHILD]
        if told.action == "DELETE":
            for uri in [] if children else list(self._inside.pop(parent, {})):
                self._free(uri, parent)
            for one in children:
                self._take_out(parent, one)
            return
        for one in children:
            self._put_in(told, parent, one)

    def _put_in(self, told: Telling, parent: str, one: Named) -> None:
        inside = self._inside[parent].setdefault(one.uri, _nothing())
        if one.single:
            standing = self._of[one.uri]
            standing.parent, standing.packed = parent, told
        elif one.amount is not None and told.action == "ADD":
            inside[one.amount.dimension] += one.amount.value

    def _take_out(self, parent: str, one: Named) -> None:
        inside = self._inside[parent]
        if one.single or one.amount is None:
            inside.pop(one.uri, None)
            self._free(one.uri, parent)
        elif one.uri in inside:
            inside[one.uri][one.amount.dimension] -= one.amount.value
            if not any(amount > 0 for amount in inside[one.uri].values()):
                del inside[one.uri]

    def _unpack(self, one: Named, standing: Standing) -> None:
        if standing.parent is not None:
            self._inside[standing.parent].pop(one.uri, None)
            standing.parent = standing.packed = None

    def _free(self, uri: str, parent: str) -> None:
        standing = self._of[uri]
        if standing.parent == parent:
            standing.parent = standing.packed = None


def _count(standing: Standing, amounts: Amounts, amount: Measure | None) -> None:
    if amount is None:
        standing.uncounted = True
    else:
        amounts[amount.dimension] += amount.value
