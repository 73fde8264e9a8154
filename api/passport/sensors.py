"""Sensor readings for people: a chart per device, and the same in numbers."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import orjson

from api import words
from api.passport.gather import Gathered
from core.crypto import to_hex
from core.db.chain_tables import Attestation, Document

MAX_POINTS: Final = 240
Point = tuple[int, int]
"""(Unix milliseconds, milli-degrees Celsius)."""


def sensors(gathered: Gathered) -> list[dict[str, Any]]:
    """One entry for each device and product, its batches in the order of time."""

    def key(row: Attestation) -> tuple[bytes, bytes]:
        return row.product_id, row.device

    ordered = sorted(gathered.attestations, key=lambda row: (*key(row), row.from_time))
    return [_sensor(gathered, list(batches)) for _, batches in groupby(ordered, key)]


def _sensor(gathered: Gathered, batches: Sequence[Attestation]) -> dict[str, Any]:
    first = batches[0]
    points = sorted(
        point for row in batches for point in _points(gathered.documents.get(row.manifest_hash))
    )
    uri = gathered.uris.get(first.product_id)
    return {
        "device": to_hex(first.device),
        "deviceName": gathered.names.by_address.get(first.device),
        "deviceLabel": gathered.names.of(first.device),
        "product": uri,
        "productWords": words.thing(uri) if uri else to_hex(first.product_id),
        "lowerBound": min(row.lower_bound for row in batches),
        "upperBound": max(row.upper_bound for row in batches),
        "minimum": min(row.minimum for row in batches),
        "maximum": max(row.maximum for row in batches),
        "count": sum(row.count for row in batches),
        "excursions": sum(row.excursions for row in batches),
        "fromTime": min(row.from_time for row in batches),
        "toTime": max(row.to_time for row in batches),
        "batches": [_batch(gathered, row) for row in batches],
        "points": thin(points, MAX_POINTS),
        "unit": "mCel",
    }


def _batch(gathered: Gathered, row: Attestation) -> dict[str, Any]:
    document = gathered.documents.get(row.manifest_hash)
    return {
        "batchId": to_hex(row.batch_id),
        "root": to_hex(row.root),
        "blockNumber": row.block_number,
        "state": "final" if gathered.meta.is_final(row.block_number) else "recorded",
        "fromTime": row.from_time,
        "toTime": row.to_time,
        "from": words.moment(row.from_time),
        "to": words.moment(row.to_time),
        "median": row.median,
        "minimum": row.minimum,
        "maximum": row.maximum,
        "count": row.count,
        "excursions": row.excursions,
        "signatures": int(row.signer_bitmap).bit_count(),
        "readable": document is not None and document.payload is not None,
    }


def _points(document: Document | None) -> list[Point]:
    """Readings of a published manifest; the indexer has hashed it, its content is still input."""
    if document is None or document.payload is None:
        return []
    try:
        readings = orjson.loads(document.payload)["readings"]
        return [(int(item["measuredAt"]), int(item["value"])) for item in readings]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return []


def thin(points: Sequence[Point], limit: int) -> list[Point]:
    """At most `limit` points: of each stretch the lowest and the highest, so no peak is lost."""
    if len(points) <= limit:
        return list(points)
    buckets = limit // 2
    kept: list[Point] = []
    for place in range(buckets):
        stretch = points[place * len(points) // buckets : (place + 1) * len(points) // buckets]
        lowest, highest = min(stretch, key=_value), max(stretch, key=_value)
        kept += sorted({lowest, highest})
    return kept


def _value(point: Point) -> int:
    return point[1]
