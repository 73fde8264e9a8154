"""Rows as PostgreSQL takes them: every table's straight-line encoder against the plain one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, LargeBinary

from indexer import rows
from indexer.wire import encode, encoder

KINDS = [kind for kind in vars(rows).values() if hasattr(kind, "prefix")]


def values_of(column: Column[Any]) -> st.SearchStrategy[Any]:
    found: st.SearchStrategy[Any] = st.text(max_size=300)
    if isinstance(column.type, BigInteger):
        found = st.integers(-(2**63), 2**63 - 1)
    elif isinstance(column.type, LargeBinary):
        found = st.binary(max_size=300)
    elif isinstance(column.type, Boolean):
        found = st.booleans()
    return st.none() | found if column.nullable else found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_encoders_agree(kind: Any, data: st.DataObject) -> None:
    row = kind(*(data.draw(values_of(column)) for column in kind.table.columns))
    assert encoder(kind)(row) == encode(row)


def test_a_row_as_the_manual_lays_it_out() -> None:
    row = rows.UnknownLog(1, 258, "no")
    eight, two = "00000008", "00000002"
    expected = f"0003{eight}0000000000000001{eight}0000000000000102{two}{b'no'.hex()}"
    assert encoder(rows.UnknownLog)(row).hex() == encode(row).hex() == expected


def test_what_is_no_column_value_is_refused() -> None:
    with pytest.raises(TypeError):
        encode((1.5,))
