"""The rules about order: each looks at one event and at where its things stand before it.

Every finding names the event that it contradicts, so that its reader knows which of the two to
correct. Sources: EPCIS 2.0 sections 7.4.2 to 7.4.6 (what an action means), CBV 2.0 section 7.1
(commissioning, decommissioning, packing, shipping).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

from core import clock
from core.epcis.choreography.standing import Standing, Standings
from core.epcis.choreography.telling import Named, Notice, Telling, is_unlimited
from core.epcis.model import ProductRole

BEFORE_COMMISSION: Final = "choreography.before_commission"
COMMISSIONED_TWICE: Final = "choreography.commissioned_twice"
AFTER_END: Final = "choreography.after_end"
SECOND_PARENT: Final = "choreography.second_parent"
NOT_INSIDE: Final = "choreography.not_inside"
RECALLED: Final = "choreography.recalled"
MORE_THAN_MADE: Final = "choreography.more_than_made"
UNKNOWN_HISTORY: Final = "choreography.unknown_history"


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction between an event and what else is told."""

    rule: str
    told: Telling
    """The event that breaks the rule."""
    pointer: str
    """Inside that event."""
    uri: str
    message: str
    hint: str
    warning: bool = False
    """It is worth knowing and no reason to refuse."""


Births: TypeAlias = Mapping[str, Telling]
"""When each thing begins, wherever in the story that is told."""
Rule: TypeAlias = Callable[[Telling, Standings, Births], Iterator[Finding]]


def findings(told: Telling, standings: Standings, births: Births) -> list[Finding]:
    """Everything that is wrong with an event where the things it names stand so."""
    return [found for rule in RULES for found in rule(told, standings, births)]


def begun(told: Telling, standings: Standings, births: Births) -> Iterator[Finding]:
    """Nothing is packed, seen or used before it is commissioned; what nobody saw begin is told."""
    for one in told.named:
        standing, birth = standings.of(one.uri), births.get(one.uri)
        if standing.born is not None or told.begins(one) or is_unlimited(one.uri):
            continue
        if birth is not None and birth is not told:
            message = (
                f"{one.uri} is {_verb(told, one)} here at {_at(told)}, before it begins "
                f"{_told(birth)}"
            )
            hint = "Correct the time of one of the two events, or commission the thing first."
            yield Finding(BEFORE_COMMISSION, told, one.pointer, one.uri, message, hint)
        elif standing.seen is None and not (told.packs and one.role is ProductRole.PARENT):
            message = f"nothing is known of {one.uri} before this event at {_at(told)}"
            hint = "Capture how it began (ObjectEvent ADD or a transformation) as well."
            yield Finding(UNKNOWN_HISTORY, told, one.pointer, one.uri, message, hint, warning=True)


def commissioned_once(told: Telling, standings: Standings, _: Births) -> Iterator[Finding]:
    """One serial begins once, also after its end: it is never given again."""
    for one in told.named:
        born = standings.of(one.uri).born
        if one.single and told.begins(one) and born is not None:
            message = f"{one.uri} began {_told(born)}; it begins once more here at {_at(told)}"
            hint = "Use action OBSERVE for a thing that exists, or give the new thing a new serial."
            yield Finding(COMMISSIONED_TWICE, told, one.pointer, one.uri, message, hint)


def alive(told: Telling, standings: Standings, _: Births) -> Iterator[Finding]:
    """Nothing happens to a thing after it was decommissioned, destroyed or used up."""
    for one in told.named:
        ended = standings.of(one.uri).ended
        if one.single and ended is not None and not told.begins(one):
            message = (
                f"{one.uri} ended {_told(ended)}; it is {_verb(told, one)} here at {_at(told)}"
            )
            hint = "Check serial and time; if its end was a mistake, declare that event in error."
            yield Finding(AFTER_END, told, one.pointer, one.uri, message, hint)


def one_parent(told: Telling, standings: Standings, _: Births) -> Iterator[Finding]:
    """A thing is inside one container at a time, and is taken out of that one only."""
    parent = told.parent
    if not told.packs or parent is None:
        return
    for one in told.named:
        standing = standings.of(one.uri)
        if one.role is not ProductRole.CHILD or not one.single or standing.ended is not None:
            continue
        if standing.parent in (None, parent):
            continue
        yield _elsewhere(told, one, standing, parent)


def not_recalled(told: Telling, standings: Standings, _: Births) -> Iterator[Finding]:
    """What is recalled, or holds something recalled, is not shipped or sold."""
    for one in told.named if told.leaves and not told.lifts else ():
        for uri, recall in standings.recalls(one.uri):
            inside = "" if uri == one.uri else f" inside {one.uri}"
            message = f"{uri}{inside} was recalled {_told(recall)}; it is {told.biz_step} here"
            hint = (
                "Keep it back. Goods that travel because of the recall have the disposition "
                "recalled, returned, destroyed or disposed."
            )
            yield Finding(RECALLED, told, one.pointer, one.uri, message, hint)
            break


def no_more_than_made(told: Telling, standings: Standings, _: Births) -> Iterator[Finding]:
    """No event is about more of a lot than was made of it and is not used up, unit by unit."""
    sums: defaultdict[tuple[str, str, bool], Fraction] = defaultdict(Fraction)
    for one in told.named:
        if one.amount is None or told.begins(one) or is_unlimited(one.uri):
            continue
        dimension = one.amount.dimension
        left = standings.of(one.uri).left(dimension)
        key = one.uri, dimension, told.ends(one)
        sums[key] += one.amount.value
        if left is not None and sums[key] > left:
            message = (
                f"{one.told} of {one.uri} {_verb(told, one)} at {_at(told)}, when "
                f"{_share(one, left)} of what was made was left"
            )
            hint = "Check amount, unit and lot; capture first what else was made of this lot."
            yield Finding(MORE_THAN_MADE, told, one.pointer, one.uri, message, hint)


def _elsewhere(told: Telling, one: Named, standing: Standing, parent: str) -> Finding:
    where = f"{one.uri} is inside {standing.parent} since it was packed {_told(standing.packed)}"
    if told.action == "DELETE":
        hint = "Name the container it is in, or capture first that it was packed into this one."
        message = f"{where}; it cannot be taken out of {parent}"
        return Finding(NOT_INSIDE, told, one.pointer, one.uri, message, hint)
    hint = "Capture first that it was unpacked (action DELETE), or correct the container."
    message = f"{where}; here it is inside {parent} too"
    return Finding(SECOND_PARENT, told, one.pointer, one.uri, message, hint)


def _share(one: Named, left: Fraction) -> str:
    """What is left, in the unit of who asked for more."""
    assert one.amount is not None
    number, _, unit = one.told.partition(" ")
    if not one.amount.value:
        return f"0 {unit}"
    share = left / one.amount.value * Fraction(number)
    if share.denominator == 1:
        return f"{share.numerator} {unit}"
    return f"{Decimal(share.numerator) / share.denominator:.6g} {unit}"


def _verb(told: Telling, one: Named) -> str:
    if told.ends(one):
        return "used" if told.type == "TransformationEvent" else "ended"
    if told.packs and told.action == "ADD":
        return "packed"
    return (told.biz_step or "seen").replace("_", " ").replace("shipping", "shipped")


def _told(told: Telling | Notice | None) -> str:
    assert told is not None
    if isinstance(told, Notice):
        return f"at {_at(told)} on chain"
    name = told.pointer or told.key
    return f"at {_at(told)} ({name})"


def _at(told: Telling | Notice) -> str:
    return clock.iso(told.time_ms)


RULES: Final[tuple[Rule, ...]] = (
    begun,
    commissioned_once,
    alive,
    one_parent,
    not_recalled,
    no_more_than_made,
)
