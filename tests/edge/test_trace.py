"""The recorded trace: exact conversion, and the failure it is replayed for."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import OracleSettings
from core.errors import BadInput
from edge.profile import Replay
from edge.trace import AMBIENT, milli_celsius, replay


@pytest.mark.parametrize(
    ("fahrenheit", "expected"),
    [("32", 0), ("212.0", 100_000), ("-40", -40_000), ("86.22321261", 30_124)],
)
def test_known_temperatures(fahrenheit: str, expected: int) -> None:
    assert milli_celsius(fahrenheit) == expected


@given(st.decimals(-400, 1000, places=14))
def test_the_nearest_milli_degree(fahrenheit: object) -> None:
    exact = (Fraction(str(fahrenheit)) - 32) * 5000 / 9
    assert abs(milli_celsius(str(fahrenheit)) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize("text", ["", "warm", "1,5"])
def test_what_is_no_temperature(text: str) -> None:
    with pytest.raises(BadInput):
        milli_celsius(text)


def test_the_default_part_holds_the_failure() -> None:
    part, bounds = Replay(), OracleSettings()
    values = list(replay(part.trace, start=part.start, count=part.count, shift_mc=part.shift_mc))
    assert len(values) == part.count
    assert max(values) == 12_124  # 86.22321261 °F at 2013-12-22 21:00, minus 18 °C
    assert min(values) < bounds.upper_bound_mc < max(values)


@pytest.mark.parametrize("name", ["none.csv", "../trace.py", "SOURCES"])
def test_only_traces_of_the_folder(name: str) -> None:
    with pytest.raises(BadInput):
        list(replay(name, start="", count=1, shift_mc=0))


def test_a_replay_can_begin_anywhere() -> None:
    whole = list(replay(AMBIENT, start="", count=10, shift_mc=0))
    later = list(replay(AMBIENT, start="2013-07-04 03:00:00", count=7, shift_mc=0))
    assert whole[3:] == later
