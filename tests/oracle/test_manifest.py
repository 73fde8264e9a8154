"""A report follows from its readings and from nothing else."""

import statistics
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import merkle
from core.crypto import Domain, keccak256, sha256
from core.errors import InvalidSignature, Malformed
from core.messages import Reading
from oracle.manifest import Manifest, decode

VALUES = st.lists(st.integers(-60_000, 60_000), min_size=1, max_size=40)


def manifest_of(readings: Any, values: list[int]) -> Manifest:
    made = [readings.one(seq, value) for seq, value in enumerate(values, start=1)]
    return Manifest(readings.device, readings.product, 0, 8_000, tuple(made))


@settings(max_examples=30)
@given(values=VALUES)
def test_the_report_of_any_values(readings: Any, values: list[int]) -> None:
    manifest = manifest_of(readings, values)
    report = manifest.report(readings.domain, bytes(32))
    assert report.median == statistics.median_low(values)
    assert (report.minimum, report.maximum) == (min(values), max(values))
    assert report.excursions == len([v for v in values if v < 0 or v > 8_000])
    assert report.count == len(values)
    assert report.manifest_hash == sha256(manifest.encode(readings.domain))
    assert report.batch_id == keccak256(report.root)


@settings(max_examples=30)
@given(values=VALUES, data=st.data())
def test_each_reading_is_under_the_root(
    readings: Any, values: list[int], data: st.DataObject
) -> None:
    manifest = manifest_of(readings, values)
    root = manifest.report(readings.domain, bytes(32)).root
    leaves = [reading.leaf() for reading in manifest.readings]
    index = data.draw(st.integers(0, len(leaves) - 1))
    assert merkle.verify(root, leaves[index], merkle.build(leaves).proof(index))
    other = readings.one(index + 1, values[index] + 1)
    assert not merkle.verify(root, other.leaf(), merkle.build(leaves).proof(index))


@settings(max_examples=20)
@given(values=VALUES)
def test_published_bytes_are_read_back(readings: Any, values: list[int]) -> None:
    manifest = manifest_of(readings, values)
    assert decode(manifest.encode(readings.domain), readings.domain) == manifest
    manifest.check(readings.domain)


def test_another_value_is_not_signed(readings: Any) -> None:
    manifest = manifest_of(readings, [1, 2, 3])
    second = manifest.readings[1]
    forged = Reading(
        second.device, 2, second.product_id, 9_999, second.measured_at, second.signature
    )
    altered = replace(manifest, readings=(manifest.readings[0], forged, manifest.readings[2]))
    with pytest.raises(InvalidSignature):
        altered.check(readings.domain)


def test_a_reading_twice_or_out_of_order(readings: Any) -> None:
    one, two = readings.one(1), readings.one(2)
    for wrong in ((one, one), (two, one)):
        with pytest.raises(Malformed):
            Manifest(readings.device, readings.product, 0, 1, wrong).check(readings.domain)


def test_only_the_canonical_bytes_of_this_contract(readings: Any) -> None:
    published = manifest_of(readings, [1, 2]).encode(readings.domain)
    elsewhere = Domain("SmartRetail360 Reading", "1", 1, readings.domain.verifying_contract)
    spaced = orjson.dumps(orjson.loads(published), option=orjson.OPT_INDENT_2)
    for wrong, domain in (
        (published, elsewhere),
        (spaced, readings.domain),
        (b"{}", readings.domain),
        (b"[1]", readings.domain),
        (b"\xff", readings.domain),
        (published.replace(b'"seq":1', b'"seq":"1"'), readings.domain),
    ):
        with pytest.raises(Malformed):
            decode(wrong, domain)
