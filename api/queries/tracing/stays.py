"""From packing and unpacking to the times in between (EPCIS 2.0, 7.4.3 and 7.4.6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from api.queries.tracing.facts import Amount, Link, Place, Relation


@dataclass(frozen=True, slots=True)
class Step:
    """One event between a child and its parent."""

    child: bytes
    parent: bytes
    relation: Relation
    action: str
    """`ADD`, `OBSERVE` or `DELETE`; one that is withheld counts as an observation."""
    data_hash: bytes
    at: int
    place: Place
    by_child: bool
    by_parent: bool
    amounts: tuple[Amount, ...] = ()


def stays(steps: Iterable[Step]) -> list[Link]:
    """The stays of one child in one parent, oldest first.

    Part of a lot may be taken out: the stay lasts until all that was put in has left. Where
    amounts cannot be compared it lasts, for a recall must rather reach too far.
    """
    found: list[Link] = []
    opened: list[Step] = []
    for step in sorted(steps, key=lambda step: (step.at, step.place)):
        if step.action != "DELETE":
            if step.action == "ADD" or not opened:
                opened.append(step)
        elif opened and _all_out(opened, step):
            found.append(_stay(opened, step.at))
            opened = []
        elif opened:
            opened.append(step)
    return [*found, _stay(opened, None)] if opened else found


def _stay(steps: list[Step], until: int | None) -> Link:
    first = steps[0]
    put_in = [amount for step in steps if step.action != "DELETE" for amount in step.amounts]
    return Link(
        source=first.child,
        target=first.parent,
        relation=first.relation,
        data_hash=first.data_hash,
        since=first.at,
        until=until,
        place=first.place,
        by_source=any(step.by_child for step in steps),
        by_target=any(step.by_parent for step in steps),
        used=tuple(put_in),
    )


def _all_out(opened: list[Step], last: Step) -> bool:
    if not last.amounts:  # without a quantity, the child itself is taken out
        return True
    balance: dict[str | None, Fraction] = {}
    for step in (*opened, last):
        sign = -1 if step.action == "DELETE" else 1
        if not step.amounts:
            return False
        for amount in step.amounts:
            value = number(amount.quantity)
            if value is None:
                return False
            balance[amount.uom] = balance.get(amount.uom, Fraction()) + sign * value
    return all(left <= 0 for left in balance.values())


def number(text: str) -> Fraction | None:
    """A quantity exactly; None for one beyond what trade can mean (20 digits either way)."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > 20 or len(value.as_tuple().digits) > 20:
        return None
    return Fraction(value)
