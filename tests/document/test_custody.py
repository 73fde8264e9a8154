"""Who holds what: the verifier's replay against a model that moves everything at once.

given products that are packed, handed over, unpacked, recalled and corrected
├── each stands where the model says, whatever the order
└── without one of the containers: nothing is claimed about what was in it
given a key that acts for another
├── while it may: its entries are in order
└── after: its entry is refused
"""

from dataclasses import replace as changed

from hypothesis import given
from hypothesis import strategies as st

from core.chain.proof.custody import replay
from core.chain.proof.model import Product
from core.types import EventKind
from scripts.vectors_custody import PEOPLE, lent_keys, walk


@given(st.integers(0, 1 << 32), st.integers(0, 120))
def test_every_product_stands_where_the_model_says(seed: int, steps: int) -> None:
    things = walk(seed, steps)
    for product, container, found in zip(
        things.products(), things.containers(), replay(things.products(), []), strict=True
    ):
        assert (found.custodian, found.recall_level) == (product.custodian, product.recall_level)
        assert (found.container, found.refused, found.missing) == (container, [], None)


@given(st.integers(0, 1 << 32), st.integers(20, 120), st.integers(0, 4))
def test_a_container_that_is_not_at_hand_is_never_guessed(
    seed: int, steps: int, without: int
) -> None:
    things = walk(seed, steps)
    kept = [p for at, p in enumerate(things.products()) if at != without]
    for product, found in zip(kept, replay(kept, []), strict=True):
        if found.missing is None:
            assert found.custodian == product.custodian
            assert things.id(without)[12:] not in _containers(product)
        else:
            assert found.custodian in (None, product.custodian)
        assert found.refused == []
        assert found.recall_level == product.recall_level


def _containers(product: Product) -> set[bytes]:
    return {e.counterparty for e in product.history if e.kind == EventKind.PACKED}


def test_a_key_that_acts_for_another_does_so_until_it_may_not() -> None:
    things = lent_keys()
    (found,) = replay(things.products(), things.logs)
    assert (found.custodian, [e.seq for e in found.refused]) == (PEOPLE[0], [3])
    (alone,) = replay(things.products(), [])
    assert [e.seq for e in alone.refused] == [2, 3]


def test_a_log_that_is_no_delegation_is_passed_over() -> None:
    things = lent_keys()
    cut = [changed(log, topics=log.topics[:2]) for log in things.logs]
    (found,) = replay(things.products(), cut)
    assert len(found.refused) == 2


def test_two_that_claim_to_hold_each_other_are_held_by_nobody_known() -> None:
    things = walk(0, 0)
    for at in (0, 1):
        things.record(at, PEOPLE[0])
    things.pack(0, 1)
    things.pack(1, 0)
    found = replay(things.products()[:2], [])
    assert [standing.custodian for standing in found] == [None, None]
    assert all(standing.missing for standing in found)
