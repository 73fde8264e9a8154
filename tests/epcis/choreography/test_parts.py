"""Stories of a large document, judged one by one, give what the whole gives.

a document
├── in any order, with mistakes -> the same findings, part by part
├── of many unrelated things -> as many parts, several judged together
├── of classes without a lot, or of serials of one lot -> apart, unless it is recalled
└── tied by what is known -> one part, also over a container that it does not name
"""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.epcis.choreography.judge import judge
from core.epcis.choreography.parts import Parts
from core.epcis.choreography.rules import Finding
from core.epcis.choreography.telling import Telling
from tests.epcis.choreography.test_property import mistakes, stories
from tests.epcis.choreography.told import (
    CLASS,
    amount,
    case,
    commission,
    event,
    in_order,
    lot,
    observe,
    pallet,
)


def parts_of(new: Sequence[Telling], most: int = 1) -> list[list[int]]:
    with Parts() as parts:
        for one in new:
            parts.add(one)
        return [part for group in parts.groups(most) for part in group]


def by_parts(new: Sequence[Telling], most: int = 1) -> list[Finding]:
    found: list[Finding] = []
    with Parts() as parts:
        for one in new:
            parts.add(one)
        for group in parts.groups(most):
            found += judge([new[place] for part in group for place in sorted(part)])
    return found


def told(findings: Sequence[Finding]) -> list[tuple[int | None, str, str, str]]:
    return sorted((one.told.place or 0, one.rule, one.uri, one.message) for one in findings)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(1, 4))
def test_part_by_part_finds_what_the_whole_finds(data: st.DataObject, most: int) -> None:
    story = data.draw(stories())
    shuffled = data.draw(st.permutations([*story.told, *mistakes(story).values()]))
    new = in_order(*shuffled)
    assert told(by_parts(new, most)) == told(judge(new))


def test_unrelated_things_are_parts_of_their_own() -> None:
    new = in_order(*(observe(n, case(n % 50)) for n in range(200)))
    parts = parts_of(new)
    assert sorted(map(len, parts)) == [4] * 50
    with Parts() as together:
        for one in new:
            together.add(one)
        assert [len(group) for group in together.groups(40)] == [10] * 5


def test_a_class_ties_nothing_together_until_it_is_recalled() -> None:
    goods = [event(n, "ObjectEvent", "OBSERVE", amount(CLASS, "1")) for n in range(3)]
    serials = [observe(9, case(1), step="shipping"), observe(10, case(2))]
    assert len(parts_of(in_order(*goods, *serials))) == 5
    recall = event(5, "ObjectEvent", "OBSERVE", amount(CLASS, "1"), recalls=True)
    new = in_order(*goods, *serials, recall)
    assert parts_of(new) == [[0, 1, 2, 3, 4, 5]]
    assert told(by_parts(new)) == told(judge(new))
    lots = [event(n, "ObjectEvent", "OBSERVE", amount(lot(1), "1")) for n in range(3)]
    assert len(parts_of(in_order(*lots))) == 1


def test_serials_of_a_lot_are_apart_until_it_is_recalled() -> None:
    born = [commission(n, case(n), lots=("L1",)) for n in range(3)]
    ship = observe(9, case(2), step="shipping")
    assert parts_of(in_order(*born, ship)) == [[0], [1], [2, 3]]
    recall = observe(5, lot(1), recalls=True)
    new = in_order(*born, recall, ship)
    assert parts_of(new) == [[0, 1, 2, 3, 4]]
    assert told(by_parts(new)) == told(judge(new)) != []


def test_what_is_known_puts_a_serial_into_a_lot() -> None:
    new = in_order(observe(5, lot(1), recalls=True), observe(9, case(2), step="shipping"))
    assert parts_of(new) == [[0], [1]]
    with Parts() as parts:
        for one in new:
            parts.add(one)
        parts.belong(case(2), lot(1))
        assert list(parts.groups(1)) == [[[0, 1]]]


def test_a_declared_error_is_judged_with_its_event() -> None:
    first = commission(1, case(1))
    declared = replace(commission(1, case(2)), key=first.key, wrong=True)
    assert parts_of(in_order(first, declared)) == [[0, 1]]


def test_what_is_known_ties_things_together() -> None:
    new = in_order(observe(9, case(1)), observe(9, pallet(1)), observe(9, case(2)))
    assert len(parts_of(new)) == 3
    with Parts() as parts:
        for one in new:
            parts.add(one)
        assert parts.unread(10) == [pallet(1), case(1), case(2)]
        parts.link([pallet(2), case(1)])
        parts.want([pallet(2)])
        assert parts.unread(10) == [pallet(2)]
        parts.link([pallet(1), pallet(2)])
        assert parts.unread(10) == []
        [group] = parts.groups(10)
        assert sorted(group) == [[0, 1], [2]]
