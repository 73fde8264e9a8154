"""What contradicts what, told event by event.

a thing
├── commissioned twice, also after its end -> refused
├── seen, packed or used before it begins -> refused, whichever of the two is new
├── of unknown history -> a warning; refused when strict
└── after its end -> refused
a container
├── a second one -> refused, unless the first was left, emptied or ended
├── taken out of another than it is in -> refused
└── an association binds nothing
a recall, told by an event or on chain, of itself, its lot, its class or its content
├── shipped -> refused
├── shipped because of it, before it, or after its end -> taken
a lot
├── more used, ended or shown than was made -> refused, by unit, weights in any unit
└── made without an amount, a class without lot, other units -> nobody can know
what is known
├── again -> not judged; declared an error -> no part of the story
└── contradicted by a late event -> the late one is refused
"""

from dataclasses import replace

import pytest

from core.epcis.choreography.judge import judge
from core.epcis.choreography.telling import Notice, Telling
from tests.epcis.choreography import told
from tests.epcis.choreography.told import (
    T0,
    amount,
    case,
    commission,
    destroy,
    event,
    in_order,
    lot,
    make,
    observe,
    pack,
    pallet,
    thing,
)  # fmt: skip

TWICE, BEFORE = "choreography.commissioned_twice", "choreography.before_commission"
ENDED, PARENT, OUTSIDE = (f"choreography.{n}" for n in ("after_end", "second_parent", "not_inside"))
RECALLED, MORE = "choreography.recalled", "choreography.more_than_made"
UNKNOWN = "choreography.unknown_history"


def found(*tellings: Telling, known: tuple[Telling | Notice, ...] = (), strict: bool = False):
    """Place and rule of each finding."""
    findings = judge(in_order(*tellings), known, strict=strict)
    assert all(one.message and one.hint for one in findings)
    return [(one.told.place, one.rule) for one in findings]


def made(at: int, number: str, uom: str | None = "KGM", n: int = 1) -> Telling:
    return event(at, "ObjectEvent", "ADD", amount(lot(n), number, uom), step="commissioning")


def used(at: int, number: str, uom: str | None = "KGM", n: int = 1) -> Telling:
    return make(at, amount(lot(n), number, uom, "input"), amount(lot(9), "1", uom, "output"))


def test_a_life_in_order():
    assert found(
        commission(0, case(1), case(2)),
        pack(1, pallet(1), case(1), case(2)),
        observe(2, pallet(1), step="shipping"),
        pack(3, pallet(1), action="DELETE"),
        pack(4, pallet(2), case(1)),
        destroy(5, case(2)),
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (commission(5, case(1)), TWICE),
        (make(5, thing(case(2), "input"), thing(case(1), "output")), TWICE),
    ],
)
def test_one_serial_begins_once(second: Telling, rule: str):
    assert found(commission(0, case(1), case(2)), second) == [(1, rule)]


def test_a_serial_is_not_given_again_after_its_end():
    assert found(commission(0, case(1)), destroy(1, case(1)), commission(2, case(1))) == [
        (2, TWICE)
    ]


def test_more_of_a_lot_may_be_made():
    assert found(made(0, "5"), made(1, "5"), used(2, "10")) == []


@pytest.mark.parametrize(
    "early", [observe(0, case(1)), pack(0, pallet(1), case(1)), destroy(0, case(1))]
)
def test_nothing_before_its_beginning(early: Telling):
    assert found(early, commission(5, case(1))) == [(0, BEFORE)]
    assert found(commission(5, case(1)), early) == [(1, BEFORE)]
    assert found(early, known=(commission(5, case(1)),)) == [(0, BEFORE)]
    assert found(commission(5, case(1)), known=(early,)) == [(0, BEFORE)]


def test_a_lot_before_its_beginning_too():
    assert found(used(0, "1"), made(1, "1")) == [(0, BEFORE)]


def test_things_of_one_moment_begin_first_and_end_last():
    assert found(destroy(0, case(1)), observe(0, case(1)), commission(0, case(1))) == []


def test_unknown_history_is_a_warning_once():
    new = in_order(observe(0, case(1)), observe(1, case(1)))
    [one] = judge(new)
    assert (one.rule, one.warning, one.pointer) == (UNKNOWN, True, "/epcList/0")
    assert [f.told.place for f in judge(new, strict=True)] == [0, 1]
    assert judge(new, (observe(-1, case(1)),), strict=True) == []


@pytest.mark.parametrize(
    "late",
    [
        observe(9, case(1)),
        pack(9, pallet(1), case(1)),
        make(9, thing(case(1), "input"), thing(case(7), "output")),
        destroy(9, case(1)),
    ],
)
def test_nothing_after_its_end(late: Telling):
    assert found(commission(0, case(1)), destroy(1, case(1)), late) == [(2, ENDED)]
    eaten = make(1, thing(case(1), "input"), thing(case(3), "output"))
    assert found(commission(0, case(1)), eaten, late) == [(2, ENDED)]


class TestContainers:
    born = commission(0, case(1), case(2))

    def test_one_at_a_time(self):
        first, second = pack(1, pallet(1), case(1)), pack(2, pallet(2), case(1))
        assert found(self.born, first, second) == [(2, PARENT)]
        assert found(self.born, first, pack(2, pallet(1), case(1))) == []
        seen = pack(2, pallet(2), case(1), action="OBSERVE")
        assert found(self.born, first, seen) == [(2, PARENT)]
        assert found(self.born, first, pack(2, pallet(1), case(1), action="OBSERVE")) == []

    @pytest.mark.parametrize(
        "out",
        [
            pack(2, pallet(1), case(1), action="DELETE"),
            pack(2, pallet(1), action="DELETE"),
            destroy(2, pallet(1)),
        ],
    )
    def test_free_again(self, out: Telling):
        first, second = pack(1, pallet(1), case(1)), pack(3, pallet(2), case(1))
        assert found(self.born, first, out, second) == []

    def test_out_of_another(self):
        first, out = pack(1, pallet(1), case(1)), pack(2, pallet(2), case(1), action="DELETE")
        assert found(self.born, first, out) == [(2, OUTSIDE)]

    def test_an_association_binds_nothing(self):
        tags = [
            event(n, "AssociationEvent", "ADD", thing(pallet(n), "parent"), thing(case(1), "child"))
            for n in (1, 2)
        ]
        assert [rule for _, rule in found(self.born, *tags)] == [UNKNOWN, UNKNOWN]  # the parents

    def test_a_lot_may_lie_on_two_pallets(self):
        packs = [
            event(n, "AggregationEvent", "ADD", thing(pallet(n), "parent"),
                  amount(lot(1), "2", role="child"))
            for n in (1, 2)
        ]  # fmt: skip
        assert found(made(0, "4"), *packs) == []


class TestRecalls:
    born = commission(0, case(1), case(2))
    notice = Notice(case(1), T0 + 5 * 60_000, True)
    ship = observe(9, case(1), step="shipping")

    def test_by_an_event(self):
        recall = observe(5, case(1), recalls=True)
        assert found(self.born, recall, self.ship) == [(2, RECALLED)]
        lift = observe(7, case(1), lifts=True)
        assert found(self.born, recall, lift, self.ship) == []

    @pytest.mark.parametrize("step", ["shipping", "retail_selling", "dispensing"])
    def test_on_chain(self, step: str):
        leaving = observe(9, case(1), step=step)
        assert found(self.born, leaving, known=(self.notice,)) == [(1, RECALLED)]

    def test_not_before_it_nor_after_its_end(self):
        early = observe(4, case(1), step="shipping")
        assert found(self.born, early, known=(self.notice,)) == []
        over = Notice(case(1), T0 + 8 * 60_000, False)
        assert found(self.born, self.ship, known=(self.notice, over)) == []

    def test_because_of_it(self):
        back = replace(self.ship, disposition="returned")
        assert found(self.born, back, known=(self.notice,)) == []
        assert found(self.born, replace(self.ship, biz_step="storing"), known=(self.notice,)) == []

    def test_of_its_class(self):
        of_class = replace(self.notice, uri=told.CLASS)
        assert found(self.born, self.ship, known=(of_class,)) == [(1, RECALLED)]

    def test_of_the_lot_that_its_birth_names(self):
        born = commission(0, case(1), lots=("L1", "other"))
        of_lot = replace(self.notice, uri=lot(1))
        assert found(born, self.ship, known=(of_lot,)) == [(1, RECALLED)]
        by_event = observe(5, lot(1), recalls=True)
        assert found(born, by_event, self.ship) == [(1, UNKNOWN), (2, RECALLED)]
        assert found(born, self.ship, known=(replace(of_lot, uri=lot(2)),)) == []
        assert found(self.born, self.ship, known=(of_lot,)) == []
        ship = observe(9, pallet(1), step="shipping")
        inside = found(born, pack(1, pallet(1), case(1)), ship, known=(of_lot,))
        assert inside == [(2, RECALLED)]

    def test_says_the_same_of_a_lot_as_of_the_thing(self):
        born = commission(0, case(1), lots=("L1",))
        of_lot, of_case = (
            judge(in_order(born, self.ship), (replace(self.notice, uri=uri),))
            for uri in (lot(1), case(1))
        )
        assert of_lot == of_case != []

    def test_of_what_is_inside(self):
        inner, outer = pack(1, pallet(1), case(1)), pack(2, pallet(2), pallet(1))
        ship = observe(9, pallet(2), step="shipping")
        story = self.born, inner, outer, ship
        assert found(*story, known=(self.notice,)) == [(3, RECALLED)]
        out = pack(6, pallet(1), case(1), action="DELETE")
        assert found(*story, out, known=(self.notice,)) == []

    def test_of_a_lot_that_is_partly_inside(self):
        def move(at: int, action: str, number: str) -> Telling:
            child = amount(lot(1), number, role="child")
            return event(at, "AggregationEvent", action, thing(pallet(1), "parent"), child)

        notice, ship = replace(self.notice, uri=lot(1)), observe(9, pallet(1), step="shipping")
        story = made(0, "4"), move(1, "ADD", "4"), move(6, "DELETE", "3"), ship
        assert found(*story, known=(notice,)) == [(3, RECALLED)]
        assert found(*story, move(7, "DELETE", "1"), known=(notice,)) == []


class TestAmounts:
    def test_no_more_than_was_made(self):
        assert found(made(0, "10"), used(1, "7"), used(2, "3")) == []
        assert found(made(0, "10"), used(1, "7"), used(2, "3.001")) == [(2, MORE)]

    def test_exactly(self):
        tenths = [used(n, "0.1") for n in range(1, 11)]
        assert found(made(0, "1"), *tenths) == []
        assert found(made(0, "1"), *tenths, used(11, "1e-30")) == [(11, MORE)]

    def test_weights_in_any_unit(self):
        assert found(made(0, "1"), used(1, "1000", "GRM")) == []
        assert found(made(0, "1"), used(1, "1000.1", "GRM")) == [(1, MORE)]
        assert found(made(0, "453.59237", "GRM"), used(1, "1", "LBR")) == []

    def test_other_units_cannot_be_compared(self):
        assert found(made(0, "1", "CS"), used(1, "99", "KGM")) == []

    def test_what_leaves_or_is_shown(self):
        gone = event(1, "ObjectEvent", "DELETE", amount(lot(1), "8"), step="destroying")
        shown = event(2, "ObjectEvent", "OBSERVE", amount(lot(1), "3"), step="storing")
        assert found(made(0, "10"), gone, shown) == [(2, MORE)]
        assert found(made(0, "10"), shown, shown) == []

    def test_twice_in_one_event(self):
        twice = make(
            1, amount(lot(1), "6", role="input"), amount(lot(1), "6", role="input"),
            amount(lot(2), "1", role="output"),
        )  # fmt: skip
        assert found(made(0, "10"), twice) == [(1, MORE)]

    def test_without_a_limit(self):
        some = replace(amount(lot(1), "1"), amount=None, told="")
        assert found(event(0, "ObjectEvent", "ADD", some), made(0, "1"), used(1, "5")) == []
        of_class = amount(told.CLASS, "1"), amount(told.CLASS, "5", role="input")
        begun = event(0, "ObjectEvent", "ADD", of_class[0])
        assert found(begun, make(1, of_class[1], amount(lot(2), "1", role="output"))) == []

    def test_the_message_says_what_is_left(self):
        [one] = judge(in_order(made(0, "10"), used(1, "7"), used(2, "4")))
        assert "4 KGM of" in one.message
        assert "3 KGM of what was made was left" in one.message


class TestWhatIsKnown:
    def test_is_not_judged_again(self):
        born = commission(0, case(1))
        assert found(born, known=(born,)) == []
        assert found(born, born) == []

    def test_an_error_is_no_part_of_the_story(self):
        wrong, again = commission(0, case(1)), commission(3, case(1), key="urn:test:right")
        declared = replace(wrong, wrong=True)
        assert found(declared, again, known=(wrong,)) == []
        assert found(again, known=(wrong, declared)) == []
        assert found(declared, known=(wrong, observe(1, case(1)))) == []

    def test_stands_against_a_late_event(self):
        known = (commission(0, case(1)), observe(9, case(1)))
        assert found(destroy(5, case(1)), known=known) == [(0, ENDED)]
        known = (commission(0, case(1)), pack(9, pallet(1), case(1)))
        assert found(pack(5, pallet(2), case(1)), known=known) == [(0, PARENT)]
        assert found(used(1, "1"), known=(made(0, "10"), used(5, "10"))) == [(0, MORE)]

    def test_is_not_blamed_on_others(self):
        broken = (commission(0, case(1)), commission(1, case(1)))
        assert found(observe(2, case(1)), known=broken) == []

    def test_a_refused_event_did_not_happen(self):
        assert found(
            commission(0, case(1)),
            pack(1, pallet(1), case(1)),
            pack(2, pallet(2), case(1)),
            pack(3, pallet(1), case(1), action="DELETE"),
        ) == [(2, PARENT)]
