"""Where products stand once what is signed is mined, whatever the chain has mined of it."""

import pytest

from api.capture.heads import Heads
from api.capture.intent import Intent
from api.capture.ledger import Standing
from core.chain.bindings.supply_chain import Handover, Record
from core.types import Address, Head

FARM, COOLER = Address(b"\x01" * 20), Address(b"\x02" * 20)
LOT, OTHER = b"\x11" * 32, b"\x12" * 32
NEVER = Head(bytes(32))

FIRST = Intent(Record(FARM, LOT, NEVER, b"\x21" * 32, 1, 1, 9))
H1 = Head(FIRST.next_heads()[LOT])
SECOND = Intent(Handover(FARM, COOLER, LOT, H1, b"\x22" * 32, 2, 9))
H2 = Head(SECOND.next_heads()[LOT])
THIRD = Intent(Record(COOLER, LOT, H2, b"\x23" * 32, 3, 1, 9))
H3 = Head(THIRD.next_heads()[LOT])


@pytest.mark.parametrize(
    "mined",
    [Standing(), Standing(H1, FARM), Standing(H2, COOLER), Standing(H3, COOLER)],
    ids=["none", "one", "two", "all"],
)
def test_the_same_end_however_much_is_mined_or_undone(mined: Standing) -> None:
    heads = Heads({LOT: mined})
    heads.follow([THIRD, FIRST, SECOND])
    assert heads.of(LOT) == Standing(H3, COOLER)
    assert heads.are({LOT: H3})


def test_what_builds_on_another_past_is_left_out() -> None:
    stale = Intent(Record(FARM, LOT, H1, b"\x24" * 32, 2, 1, 9))
    heads = Heads({LOT: Standing(H2, COOLER)})
    heads.follow([stale])
    assert not heads.are(stale.prev_heads)
    assert heads.of(LOT) == Standing(H2, COOLER)


def test_other_products_are_not_looked_at() -> None:
    heads = Heads({OTHER: Standing()})
    heads.follow([FIRST, SECOND])
    assert heads.of(OTHER) == Standing()
