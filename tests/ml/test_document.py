"""The committed bytes: canonical, without floats, bound to salt and cutoff."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.crypto import keccak256
from core.errors import Malformed
from ml.data.files import retail
from ml.document import Document, Forecast, Point, commitment, data_hash, read

SALT = bytes(range(32))


@pytest.fixture
def document(forecast: Forecast) -> bytes:
    return Document(**forecast.model_dump(), cutoff=1_900_000_000).canonical()


def test_the_bytes_are_canonical_and_hold_no_float(document: bytes) -> None:
    def refuse(lexeme: str) -> None:
        raise AssertionError(f"a float was committed: {lexeme}")

    parsed = json.loads(document, parse_float=refuse)
    # for integers and ASCII text, RFC 8785 is sorted keys without white space
    assert json.dumps(parsed, sort_keys=True, separators=(",", ":")).encode() == document
    assert parsed["points"][0] == {"period": "2021-01-01", "values": [6, 8, 9, 11, 12]}


def test_reading_gives_back_what_was_written(document: bytes, forecast: Forecast) -> None:
    found = read(document)
    assert Forecast(**found.model_dump(exclude={"cutoff"})) == forecast
    assert found.cutoff == 1_900_000_000


def test_a_commitment_is_keccak_of_salt_sha256_and_points(document: bytes) -> None:
    january, february = 1_609_459_200, 1_612_137_600
    rows = (january, 6, 8, 9, 11, 12, february, 21, 22, 24, 25, 26)
    points = b"".join(number.to_bytes(8, "big", signed=True) for number in rows)
    expected = keccak256(SALT + hashlib.sha256(document).digest() + keccak256(points))
    assert commitment(document, SALT) == expected
    assert commitment(document, SALT) != commitment(document, bytes(32))


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_of_another_length_is_refused(document: bytes, salt: bytes) -> None:
    with pytest.raises(Malformed):
        commitment(document, salt)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"cutoff":1900000000', b'"cutoff": 1900000000'),
        (b'"cutoff":1900000000', b'"cutoff":1900000000.0'),
        (b'"cutoff":1900000000', b'"cutoff":"1900000000"'),
        (b'"cutoff":1900000000', b'"cutoff":1900000000,"cutoff":1900000000'),
        (b'"cutoff":1900000000,', b""),
        (b'"unit":"piece"', b'"unit":"piece","zeal":1'),
        (b"[6,8,9,11,12]", b"[8,6,9,11,12]"),
        (b"[6,8,9,11,12]", b"[6,8,9,11]"),
        (b"forecast/2", b"forecast/1"),
        (b"{", b""),
    ],
)
def test_other_bytes_are_refused(document: bytes, before: bytes, after: bytes) -> None:
    altered = document.replace(before, after, 1)
    assert altered != document
    with pytest.raises(Malformed):
        read(altered)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    with pytest.raises(Malformed):
        read(noise)


@given(st.integers(2**53, 2**70))
def test_integers_that_json_readers_would_round_are_refused(value: int) -> None:
    with pytest.raises(ValidationError):
        Point(period="2020-01-01", values=(0, 0, 0, 0, value))


def test_the_data_hash_depends_on_every_value_and_period() -> None:
    points = retail().points
    hashes = {data_hash(points), data_hash(points[1:]), data_hash(points[:-1])}
    hashes.add(data_hash((*points[:-1], points[-1]._replace(value=points[-1].value + 1))))
    assert len(hashes) == 4
