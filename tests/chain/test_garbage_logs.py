"""Whatever a log holds, a generated decoder reads what eth_abi reads or refuses as it refuses."""

import importlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Malformed
from scripts.bindings import snake
from tests.chain.abi_values import Item, items
from tests.chain.garbage import REFUSED, eth_abi_reads, garbled, topic0


def _events() -> list[Any]:
    return [pytest.param(c, i, id=f"{c}.{i['name']}") for c, i in items("event")]


def _read(contract: str, item: Item, topics: tuple[bytes, ...], data: bytes) -> Any:
    kind = importlib.import_module(f"core.chain.bindings.{snake(contract)}").EVENTS[topic0(item)]
    try:
        event = kind.decode(topics, data)
    except Malformed:
        return REFUSED
    return event.said()


@pytest.mark.parametrize(("contract", "item"), _events())
@given(data=st.data())
@settings(max_examples=40)
def test_garbage_is_read_or_refused_as_eth_abi_does(
    contract: str, item: Item, data: st.DataObject
) -> None:
    topics, content = data.draw(garbled(item))
    assert _read(contract, item, topics, content) == eth_abi_reads(item, topics, content)


def test_the_garbage_is_neither_all_refused_nor_all_read() -> None:
    """Else the property above would hold for a decoder that refuses everything, or nothing."""
    seen: Counter[bool] = Counter()

    @given(data=st.data())
    @settings(max_examples=200, database=None)
    def look(data: st.DataObject) -> None:
        item = data.draw(st.sampled_from([one for _, one in items("event")]))
        seen[eth_abi_reads(item, *data.draw(garbled(item))) is REFUSED] += 1

    look()
    assert min(seen[True], seen[False]) > 20
