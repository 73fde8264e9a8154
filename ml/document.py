"""The forecast document: the exact bytes a commitment on chain stands for.

Canonical JSON (RFC 8785) with integers and text only, so that no reader can round a number. The
commitment, keccak256(salt ‖ sha256(document) ‖ keccak256(points)), hides the forecast until the
salt is shown; with its points apart, the chain can score it without reading JSON.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from core.crypto import forecasts, sha256, to_hex
from core.errors import Malformed
from ml.data import Frequency, Observed
from ml.data.series import MAX_EXACT

FORMAT: Final = "sr360.forecast/2"
PER_MILLE: Final = (25, 100, 500, 900, 975)
"""The quantile levels of every row of `points`, in thousandths."""

Whole = Annotated[int, Field(strict=True, ge=-MAX_EXACT, le=MAX_EXACT)]
Figure = Annotated[str, Field(pattern=r"^\d+\.\d{4}$")]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class Losses(_Part):
    """Backtest figures as text with four decimals."""

    mase: Figure
    smape: Figure
    pinball: Figure
    coverage_80: Figure
    coverage_95: Figure


class Comparison(_Part):
    """One candidate in the backtest; no losses if it failed."""

    model: str
    native: Losses | None
    calibrated: Losses | None


class BacktestSummary(_Part):
    """What the model was chosen by."""

    horizon: Whole
    origins: tuple[Whole, ...]
    """How many observations each past forecast had seen."""
    candidates: tuple[Comparison, ...]


class Point(_Part):
    """One period ahead: quantiles in the series' smallest unit, at PER_MILLE."""

    period: date
    values: tuple[Whole, Whole, Whole, Whole, Whole]

    @model_validator(mode="after")
    def _ascending(self) -> "Point":
        if list(self.values) != sorted(self.values):
            raise ValueError("quantiles must ascend")
        return self


class Forecast(_Part):
    """A forecast and all that is needed to judge it later."""

    format: Literal["sr360.forecast/2"] = FORMAT
    series: str
    series_id: Hash
    unit: str
    frequency: Frequency
    source: str
    trained_from: date
    trained_through: date
    observations: Whole
    data_hash: Hash
    """SHA-256 of the canonical `[[period, value], ...]` it was trained on."""
    model: str
    intervals: Literal["native", "calibrated"]
    quantiles: tuple[Whole, ...] = PER_MILLE
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=forecasts.MOST_POINTS)]
    backtest: BacktestSummary
    software: dict[str, str]


class Document(Forecast):
    """A forecast with the moment it must be on chain by."""

    cutoff: Whole
    """Unix seconds."""

    def canonical(self) -> bytes:
        """RFC 8785 bytes."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True))


def read(document: bytes) -> Document:
    """The document in `document`, which must be its own canonical form.

    Raises:
        Malformed: not such a document, or other bytes than its canonical ones.
    """
    try:
        found = Document.model_validate_json(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        pointer = "/" + "/".join(str(step) for step in first["loc"])
        raise Malformed(f"not a forecast document: {first['msg']}", pointer=pointer) from error
    if found.canonical() != document:
        raise Malformed("the forecast document is not in canonical form (RFC 8785)")
    return found


def commitment(document: bytes, salt: bytes) -> bytes:
    """keccak256(salt ‖ sha256(document) ‖ keccak256(points)), 32 bytes.

    Raises:
        Malformed: the salt is not 32 bytes long; a shorter one could be guessed.
    """
    return forecasts.opening(document, salt).commitment


def data_hash(points: Iterable[Observed]) -> str:
    """SHA-256 of the canonical JSON `[[period, value], ...]`, as 0x-hex."""
    rows = [(point.period.isoformat(), point.value) for point in points]
    return to_hex(sha256(rfc8785.dumps(rows)))
