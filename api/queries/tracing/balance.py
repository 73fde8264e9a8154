"""Mass balance of transformations: what went in against what came out, in grams, exactly.

Units: UN/ECE Recommendation 20. Pieces and cases of different products cannot be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from api.queries.snapshot import Snapshot
from api.queries.tracing import read
from api.queries.tracing.facts import Amount, Mention
from api.queries.tracing.stays import number
from core.epcis.units import GRAMS


class BalanceState(StrEnum):
    """How the two sides compare."""

    BALANCED = "balanced"
    """No more came out than went in."""
    GAIN = "gain"
    """More came out than went in."""
    UNKNOWN = "unknown"
    """A weight is missing, or is not one."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One transformation; a side is None where a weight is missing."""

    data_hash: bytes
    inputs: Fraction | None
    outputs: Fraction | None

    @property
    def loss(self) -> Fraction | None:
        """Grams that went in and did not come out; negative if more came out."""
        if self.inputs is None or self.outputs is None:
            return None
        return self.inputs - self.outputs

    @property
    def state(self) -> BalanceState:
        if (loss := self.loss) is None:
            return BalanceState.UNKNOWN
        return BalanceState.GAIN if loss < 0 else BalanceState.BALANCED


async def balances(snapshot: Snapshot, hashes: Iterable[bytes]) -> list[Balance]:
    """The balance of each transformation, in the order given."""
    wanted = list(dict.fromkeys(hashes))
    inputs = _grouped(await read.mentions_in(snapshot, wanted, "input"))
    outputs = _grouped(await read.mentions_in(snapshot, wanted, "output"))
    return [
        Balance(data_hash, _total(inputs[data_hash]), _total(outputs[data_hash]))
        for data_hash in wanted
    ]


def grams(amounts: Sequence[Amount]) -> Fraction | None:
    """The sum in grams; None if there is no amount, or one that is not a weight."""
    weights = [_weight(amount) for amount in amounts]
    known = [weight for weight in weights if weight is not None]
    return sum(known, Fraction()) if known and len(known) == len(weights) else None


def decimal(value: Fraction) -> str:
    """A sum of weights as plain decimal text: their denominators divide a power of ten."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    whole = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    text = f"{whole[:-places]}.{whole[-places:]}" if places else whole
    return f"-{text}" if value < 0 else text


def _grouped(mentions: Iterable[Mention]) -> dict[bytes, list[Mention]]:
    grouped: dict[bytes, list[Mention]] = defaultdict(list)
    for mention in mentions:
        grouped[mention.data_hash].append(mention)
    return grouped


def _total(mentions: Sequence[Mention]) -> Fraction | None:
    # What the contract booked stands over what a document says.
    found = [grams(one.amounts) if one.grams is None else Fraction(one.grams) for one in mentions]
    known = [weight for weight in found if weight is not None]
    return sum(known, Fraction()) if known and len(known) == len(found) else None


def _weight(amount: Amount) -> Fraction | None:
    factor = GRAMS.get(amount.uom or "")
    value = None if factor is None else number(amount.quantity)
    return None if factor is None or value is None else value * factor
