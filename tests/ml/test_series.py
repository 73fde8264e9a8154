"""Reading a series
├── given a well-formed file
│  ├── every value is exact, in the smallest unit
│  └── the real retail file is read whole
└── given a fault
   └── it is refused, each fault named by its row
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Malformed
from ml.data import Frequency, Observed, read_csv, series_id
from ml.data.files import parse, retail
from ml.data.series import build


def _read(tmp_path: Path, text: str, **options: int) -> tuple[int, ...]:
    path = tmp_path / "series.csv"
    path.write_text(text, encoding="utf-8")
    return read_csv(path, name="s", unit="u", **options).values


def _rules(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as caught:
        _read(tmp_path, text)
    return [(issue.rule, issue.pointer) for issue in caught.value.issues]


def test_the_retail_file_is_read_whole() -> None:
    series = retail()
    assert (series.first, series.last) == (date(1992, 1, 1), date(2016, 5, 1))
    assert (len(series.values), series.values[0], series.values[-1]) == (293, 146376, 471421)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
    )
)
def test_a_decimal_value_is_kept_exactly(value: Decimal) -> None:
    rows, issues = parse(f"ds,y\n2020-01-01,{value:f}\n", decimals=3)
    assert not issues
    assert rows == [Observed(date(2020, 1, 1), int(value * 1000))]


@pytest.mark.parametrize("text", ["12.5", "nan", "inf", "", "1e3", "1_000", "٣", "0x1", "1.2.3"])
def test_a_value_that_is_no_plain_integer_is_refused(tmp_path: Path, text: str) -> None:
    assert _rules(tmp_path, f"ds,y\n2020-01-01,{text}\n") == [("csv.value", "row 2")]


@pytest.mark.parametrize(
    ("rows", "rule", "row"),
    [
        ("2020-01-01,1\n2020-03-01,1\n", "series.gap", "row 3"),
        ("2020-01-01,1\n2020-01-01,1\n", "series.duplicate", "row 3"),
        ("2020-02-01,1\n2020-01-01,1\n", "series.order", "row 3"),
        ("2020-01-02,1\n", "series.start", "row 2"),
        ("2020-01-01,9007199254740992\n", "series.range", "row 2"),
        ("9999-12-01,1\n", "series.range", "row 2"),
        ("2020-13-01,1\n", "csv.date", "row 2"),
        ("20200101,1\n", "csv.date", "row 2"),
        ("2020-01-01\n", "csv.row", "row 2"),
        ("", "series.empty", ""),
    ],
)
def test_a_fault_is_named_by_its_row(tmp_path: Path, rows: str, rule: str, row: str) -> None:
    assert _rules(tmp_path, "ds,y\n" + rows) == [(rule, row)]


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    text = "ds,y\n2020-01-01,1\n2020-02-01,nan\nx,2\n"
    assert _rules(tmp_path, text) == [("csv.value", "row 3"), ("csv.date", "row 4")]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", 'ds,y\n"2020-01-01,1\n'])
def test_a_file_that_is_no_such_csv_is_refused(tmp_path: Path, text: str) -> None:
    assert _rules(tmp_path, text)[0][1] == "row 1"


def test_bytes_that_are_no_text_and_absent_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"ds,y\n\xff\xfe")
    for name in ("bad.csv", "absent.csv"):
        with pytest.raises(Malformed):
            read_csv(tmp_path / name, name="s", unit="u")


@given(
    st.sampled_from(Frequency),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_steps_on_a_calendar_add_up(frequency: Frequency, start: date, one: int, two: int) -> None:
    start = start.replace(day=1)
    assert frequency.after(frequency.after(start, one), two) == frequency.after(start, one + two)


def test_splitting_withholds_the_end_and_loses_nothing() -> None:
    series = retail()
    known, withheld = series.split(12)
    assert known.points + withheld == series.points
    assert withheld[0].period == date(2015, 6, 1)
    with pytest.raises(Malformed):
        series.split(len(series.points))


def test_a_series_id_is_the_keccak_of_its_name() -> None:
    # keccak256("") is the well-known empty hash of Ethereum
    assert series_id("").hex().startswith("c5d2460186f7233c")


def test_rows_from_sql_are_checked_like_files() -> None:
    rows = [Observed(date(2020, 1, 1), 1), Observed(date(2020, 1, 3), 1)]
    with pytest.raises(Malformed, match="2020-01-02 is missing"):
        build("s", "u", Frequency.DAILY, "", rows)
