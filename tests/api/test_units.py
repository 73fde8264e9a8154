"""Small parts without a stack: negotiation, thinning, chart, cursors, sentences."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import words
from api.passport.chart import chart, degrees
from api.passport.negotiate import Form, negotiate
from api.passport.page import _kilograms
from api.passport.sensors import thin
from api.queries.page import decode, encode
from api.security import _at_most
from core.errors import BadInput

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "link_type", "form"),
    [
        (None, None, Form.HTML),
        ("", None, Form.HTML),
        ("*/*", None, Form.HTML),
        (CHROME, None, Form.HTML),
        ("application/json", None, Form.JSON),
        ("application/ld+json", None, Form.JSON),
        ("application/*", None, Form.JSON),
        ("application/json, */*;q=0.1", None, Form.JSON),
        ("text/html;q=0.4, application/json;q=0.5", None, Form.JSON),
        ("text/html;q=0, application/json", None, Form.JSON),
        ("application/linkset+json", None, Form.LINKSET),
        ("text/html", "linkset", Form.LINKSET),
        ("text/html", "all", Form.LINKSET),
        ("image/png", None, Form.HTML),
        ("text/html;q=nan, application/json;q=x", None, Form.HTML),
        (",,;;q", None, Form.HTML),
    ],
)
def test_negotiation(accept: str | None, link_type: str | None, form: Form) -> None:
    assert negotiate(accept, link_type) is form


POINTS = st.lists(st.tuples(st.integers(0, 10**12), st.integers(-90_000, 90_000)), max_size=600)


@given(POINTS.map(sorted), st.integers(4, 240))
def test_thinning_keeps_order_ends_of_range_and_limit(
    points: list[tuple[int, int]], limit: int
) -> None:
    kept = thin(points, limit)
    assert len(kept) <= limit or len(points) <= limit
    assert kept == sorted(kept)
    assert set(kept) <= set(points)
    if points:
        values = [value for _, value in points]
        assert min(value for _, value in kept) == min(values)
        assert max(value for _, value in kept) == max(values)


def test_chart_marks_each_excursion_inside_the_frame() -> None:
    points = [(0, 3_000), (60_000, 9_000), (120_000, -500)]
    drawn = chart({"points": points, "lowerBound": 0, "upperBound": 8_000})
    assert drawn is not None
    assert len(drawn.excursions) == 2
    for pair in drawn.line.split():
        x, y = map(float, pair.split(","))
        assert 0 <= x <= drawn.width
        assert 0 <= y <= drawn.height
    assert chart({"points": points[:1], "lowerBound": 0, "upperBound": 8_000}) is None


def test_times_no_calendar_holds_are_shown_as_numbers() -> None:
    far = 1 << 62
    drawn = chart({"points": [(0, 1), (far, 2)], "lowerBound": 0, "upperBound": 8_000})
    assert drawn is not None
    assert drawn.end == words.moment(far) == f"{far} ms"


def test_figures_are_exact() -> None:
    assert [degrees(v) for v in (0, 3_000, -500, 2_222, -12_050)] == [
        "0",
        "3",
        "-0.5",
        "2.222",
        "-12.05",
    ]
    assert [_kilograms(g) for g in (0, 1, 1_240_000, 1_240_500, 100)] == [
        "0",
        "0.001",
        "1,240",
        "1,240.5",
        "0.1",
    ]


KEYS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=40), min_size=1, max_size=4)


@given(KEYS.map(tuple))
def test_cursors_round_trip(key: tuple[int | bytes, ...]) -> None:
    assert decode(encode(key)) == key


@given(st.text(max_size=60))
def test_no_other_text_breaks_the_decoder(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert decode(encode(decode(text))) == decode(text)


def test_words_for_things_and_times() -> None:
    assert words.thing("https://id.gs1.org/00/008600099999850000") == "pallet 008600099999850000"
    assert words.thing("urn:private:thing") == "urn:private:thing"
    assert words.amount("25.10", "KGM") == "25.10 kg"
    assert words.amount(None, "KGM") == ""
    assert words.local_time(1_776_432_402_000, "-04:00") == "17 April 2026, 09:26 (UTC-04:00)"
    assert words.local_time(2**62, None).endswith("ms")


@pytest.mark.parametrize(
    ("announced", "allowed"),
    [
        (b"0", True),
        (b"20", True),
        (b"0" * 5000 + b"20", True),
        (b"21", False),
        (b"9" * 5000, False),
        (b"-1", False),
        (b"+1", False),
        (b"\xb2", False),
        (b"", False),
    ],
)
def test_announced_lengths(announced: bytes, allowed: bool) -> None:
    assert _at_most(announced, 20) is allowed
