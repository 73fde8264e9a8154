"""What a committed forecast turned out to be worth, in exact arithmetic.

A score means something only if the forecast was fixed first, so both are checked before: that
the document is the one behind the commitment, and that its block came before the disclosure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.errors import Conflict, Malformed
from ml.data import Observed
from ml.document import PER_MILLE, Document, Point, commitment, read

_CENTRE = PER_MILLE.index(500)
_PAIRS = ((1, 3), (0, 4))


@dataclass(frozen=True, slots=True)
class Score:
    """Losses over the disclosed periods, in the series' unit."""

    model: str
    steps: int
    mean_absolute_error: Fraction
    loss: int
    """Thousandths, summed over periods and quantiles: what ForecastLedger must compute too."""
    inside_80: int
    """Periods whose outcome lay within the 80 % interval, bounds included."""
    inside_95: int

    @property
    def mean_pinball(self) -> Fraction:
        """Averaged over periods and quantiles."""
        return Fraction(self.loss, 1000 * len(PER_MILLE) * self.steps)


def open_commitment(document: bytes, salt: bytes, committed: bytes) -> Document:
    """The document behind a commitment.

    Raises:
        Malformed: document and salt do not hash to it, or it is no forecast document.
    """
    if commitment(document, salt) != committed:
        raise Malformed(
            "this document and salt are not what was committed on chain",
            hint="Compare its hash (docs/reference/forecast.md) with the ledger's entry.",
        )
    return read(document)


def require_foresight(block_timestamp: int, disclosed_at: int) -> None:
    """Check that the commitment's block (Unix s) came before the disclosure (Unix ms).

    Raises:
        Conflict: the outcome was known by then, so the forecast proves nothing.
    """
    if disclosed_at <= block_timestamp * 1000:
        raise Conflict(
            f"the outcome was disclosed at {disclosed_at} ms, "
            f"before the forecast was on chain at {block_timestamp} s",
            hint="Only outcomes disclosed after the commitment's block can be scored.",
        )


def score(document: Document, outcome: Sequence[Observed]) -> Score:
    """Compare the forecast with the periods of it that `outcome` has.

    Raises:
        Malformed: no period in common, or one given twice.
    """
    known = {seen.period: seen.value for seen in outcome}
    if len(known) != len(outcome):
        raise Malformed("the outcome names a period twice")
    pairs = [(point, known[point.period]) for point in document.points if point.period in known]
    if not pairs:
        raise Malformed("the outcome has no period of this forecast")
    narrow, wide = (_inside(pairs, columns) for columns in _PAIRS)
    return Score(
        model=document.model,
        steps=len(pairs),
        mean_absolute_error=Fraction(sum(abs(y - p.values[_CENTRE]) for p, y in pairs), len(pairs)),
        loss=_loss(pairs),
        inside_80=narrow,
        inside_95=wide,
    )


def _loss(pairs: Sequence[tuple[Point, int]]) -> int:
    return sum(
        max(level * (actual - value), (level - 1000) * (actual - value))
        for point, actual in pairs
        for level, value in zip(PER_MILLE, point.values, strict=True)
    )


def _inside(pairs: Sequence[tuple[Point, int]], columns: tuple[int, int]) -> int:
    low, high = columns
    return sum(point.values[low] <= actual <= point.values[high] for point, actual in pairs)
