"""How a forecast is packed, sealed and opened: what ml writes and ForecastLedger checks.

Twin of contracts/libraries/ForecastPoints.sol. The commitment is keccak256(salt ‖ document hash ‖
keccak256(points)); the document's own points decide which, so it cannot say one thing to people
and another to the chain.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from core.crypto.hashes import keccak256, sha256
from core.errors import Malformed

SALT_BYTES: Final = 32
MOST_POINTS: Final = 512
_POINT: Final = struct.Struct(">Q5q")

Point = tuple[int, Sequence[int]]
"""A period's start (Unix seconds) and its five quantiles."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment, as `ForecastLedger.reveal` takes it."""

    salt: bytes
    document_hash: bytes
    """SHA-256 of the document."""
    points: bytes

    @property
    def commitment(self) -> bytes:
        """32 bytes."""
        return keccak256(self.salt + self.document_hash + keccak256(self.points))


def opening(document: bytes, salt: bytes) -> Opening:
    """What opens the commitment to this document.

    Raises:
        Malformed: the salt is not 32 bytes long (a shorter one could be guessed), or the document
            holds no points that the ledger could score.
    """
    if len(salt) != SALT_BYTES:
        raise Malformed(f"a salt has {SALT_BYTES} bytes, got {len(salt)}")
    return Opening(salt, sha256(document), pack(_points(document)))


def pack(points: Iterable[Point]) -> bytes:
    """48 bytes a period, big-endian. Raises Malformed for a number that does not fit."""
    try:
        return b"".join(_POINT.pack(period, *values) for period, values in points)
    except struct.error as error:
        raise Malformed(f"a point that the ledger cannot hold: {error}") from error


def unpack(points: bytes) -> list[Point]:
    """The periods and quantiles in packed points. Raises Malformed unless they are whole."""
    if len(points) % _POINT.size:
        raise Malformed(f"points have {_POINT.size} bytes each, got {len(points)}")
    return [(period, values) for period, *values in _POINT.iter_unpack(points)]


def period_start(period: str) -> int:
    """Unix seconds of a period's first moment, an ISO date taken as UTC. Raises Malformed."""
    try:
        return int(datetime.fromisoformat(period).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise Malformed(f"{period!r} is no date", pointer="period") from error


def series_of(observer: bytes, name_hash: bytes) -> bytes:
    """The ledger's id of a series: whose word about it counts, and keccak256 of its name."""
    return keccak256(observer.rjust(32, b"\0") + name_hash)


def _points(document: bytes) -> list[Point]:
    try:
        found = orjson.loads(document)["points"]
        return [(period_start(point["period"]), point["values"]) for point in found]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Malformed("the document holds no points", pointer="/points") from error
