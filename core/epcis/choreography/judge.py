"""New events held against each other and against what is known: which of them contradict it.

The whole story is told in the order of event times, whichever order it arrives in:

- A refused event is not part of the story: what follows is judged as if it had never come, so one
  mistake is found once.
- An event that arrives late is refused as well when a known, later event would contradict it: what
  is known already stands.
- An event that is known already, by eventID or event hash, is judged no more.
- An event that is declared an error (EPCIS 2.0 section 7.4.1.4) is not part of the story, and
  neither is the declaration; saying that one was wrong is never refused.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final, TypeAlias

from core.epcis.choreography.rules import Finding, findings
from core.epcis.choreography.standing import Standings
from core.epcis.choreography.telling import Notice, Telling

Told: TypeAlias = Telling | Notice


def judge(
    new: Sequence[Telling], known: Sequence[Told] = (), *, strict: bool = False
) -> list[Finding]:
    """What is wrong with the new events, in their order.

    `strict` refuses also things of unknown history, which is a warning otherwise.
    """
    known = _once(known)
    fresh = _fresh(new, known)
    declared = [one for one in fresh if one.wrong]
    accepted = _Fold([*known, *declared], (), (), strict).contradictions if known else {}
    refused: dict[int, list[Finding]] = {}
    for _ in range(_ROUNDS):
        fold = _Fold(known, fresh, refused, strict)
        late = [found for key, found in fold.contradictions.items() if key not in accepted]
        blamed = [(found, culprit) for found in late if (culprit := fold.culprit(found))]
        if not blamed:
            break
        for found, culprit in blamed:
            assert culprit.place is not None, "only what is new is blamed"
            refused.setdefault(culprit.place, []).append(_turned(found, culprit))
    every = [one for found in refused.values() for one in found] + fold.found
    return sorted(every, key=lambda one: one.told.place or 0)


def _once(known: Sequence[Told]) -> list[Told]:
    """Without copies: what was recorded twice happened once."""
    tellings = {(one.key, one.wrong): one for one in known if isinstance(one, Telling)}
    return [*tellings.values(), *(one for one in known if isinstance(one, Notice))]


def _fresh(new: Sequence[Telling], known: Sequence[Told]) -> list[Telling]:
    """Those that are not known yet, each once."""
    met = {(one.key, one.wrong) for one in known if isinstance(one, Telling)}
    fresh = []
    for one in new:
        if (one.key, one.wrong) not in met:
            met.add((one.key, one.wrong))
            fresh.append(one)
    return fresh


_ROUNDS: Final = 20
"""Refusing late events may bring up another contradiction; nobody is served by hundreds of them."""
_Contradiction: TypeAlias = tuple[str, str, str]


class _Fold:
    """One telling of the whole story."""

    def __init__(
        self,
        known: Sequence[Told],
        fresh: Sequence[Telling],
        refused: Collection[int],
        strict: bool,
    ) -> None:
        self.found: list[Finding] = []
        """In new events."""
        self.contradictions: dict[_Contradiction, Finding] = {}
        """In known events, by event, rule and thing."""
        self._strict = strict
        self._standings = Standings()
        candidates = [one for one in fresh if one.place not in refused]
        self._story = sorted(_without_errors([*known, *candidates]), key=_order)
        self._births = _births(self._story)
        for told in self._story:
            if self._fits(told):
                self._standings.hear(told)

    def culprit(self, found: Finding) -> Telling | None:
        """The new event without which a known one would still hold: the last about the same thing
        before it, else the first after it."""
        place, about = self._places[id(found.told)], self._new_about
        before: list[tuple[int, Telling]] = []
        after: list[tuple[int, Telling]] = []
        for uri in dict.fromkeys((found.uri, *(one.uri for one in found.told.named))):
            new = about.get(uri, ())
            middle = bisect(new, place, key=_place)
            before += new[middle - 1 : middle] if middle else []
            after += new[middle : middle + 1]
        if before:
            return max(before, key=_place)[1]
        return min(after, key=_place)[1] if after else None

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(told): place for place, told in enumerate(self._story)}

    @cached_property
    def _new_about(self) -> dict[str, list[tuple[int, Telling]]]:
        """New events by thing, in the order of the story."""
        about: defaultdict[str, list[tuple[int, Telling]]] = defaultdict(list)
        for place, told in enumerate(self._story):
            if isinstance(told, Telling) and told.place is not None:
                for uri in {one.uri for one in told.named}:
                    about[uri].append((place, told))
        return about

    def _fits(self, told: Told) -> bool:
        """Whether it becomes part of the story: what is known does, whatever is wrong with it."""
        if isinstance(told, Notice):
            return True
        found = findings(told, self._standings, self._births)
        if told.place is None:
            hard = [one for one in found if not one.warning]
            self.contradictions |= {(told.key, one.rule, one.uri): one for one in hard}
            return True
        found = [replace(one, warning=one.warning and not self._strict) for one in found]
        self.found += found
        return all(one.warning for one in found)


def _place(new: tuple[int, Telling]) -> int:
    return new[0]


def _turned(found: Finding, culprit: Telling) -> Finding:
    """A known event's contradiction as the new one's fault."""
    place = next((one.pointer for one in culprit.named if one.uri == found.uri), "")
    message = f"with this event, the recorded event {found.told.key} no longer holds: "
    return replace(found, told=culprit, pointer=place, message=message + found.message)


def _without_errors(story: Iterable[Told]) -> list[Told]:
    tellings = list(story)
    wrong = {one.key for one in tellings if isinstance(one, Telling) and one.wrong}
    return [one for one in tellings if isinstance(one, Notice) or one.key not in wrong]


def _births(story: Iterable[Told]) -> dict[str, Telling]:
    births: dict[str, Telling] = {}
    for told in story:
        if isinstance(told, Telling):
            for one in told.named:
                if told.begins(one):
                    births.setdefault(one.uri, told)
    return births


_RANKS: Final = {
    ("ObjectEvent", "ADD"): 0,
    ("TransformationEvent", None): 0,
    ("ObjectEvent", "DELETE"): 2,
}


def _order(told: Told) -> tuple[int, int, bool, int]:
    """By time; at one moment things begin first and end last, and a recall comes after all."""
    if isinstance(told, Notice):
        return told.time_ms, 3, False, 0
    rank = _RANKS.get((told.type, told.action), 1)
    return told.time_ms, rank, told.place is not None, told.place or 0
