"""A forecast of a year of months, from its commitment to its score."""

from typing import TYPE_CHECKING, Final

from benchmarks.gas.table import Row
from core.chain.bindings import forecast_ledger as ledger
from core.chain.client import to_int
from core.crypto import keccak256
from core.crypto.forecasts import Opening, pack, series_of
from scripts.transact import transact

if TYPE_CHECKING:
    from benchmarks.gas.calls import Story

MONTHS: Final = 12
NAME: Final = keccak256(b"a series")
FORECASTER, OBSERVER, ANYONE = 1, 2, 3
LEAD_S: Final = 120


async def measure(story: "Story") -> list[Row]:
    """Rows of every call, in the order in which they are sent."""
    at, cutoff = story.deployment.forecast_ledger, await _now(story) + LEAD_S
    who, series = story.address(FORECASTER), series_of(story.address(OBSERVER), NAME)
    # Retail sales in thousands: what the demo forecasts.
    points = pack((month, range(400_000, 500_000, 20_000)) for month in range(MONTHS))
    opened = Opening(keccak256(b"salt"), keccak256(b"document"), points)
    plain = ledger.encode_commit(series, opened.commitment, cutoff)
    bonded = ledger.encode_commit_bonded(
        series, opened.commitment, cutoff + 1, story.address(OBSERVER)
    )
    rows = [
        Row("commit a forecast", await story.gas(FORECASTER, at, plain)),
        Row("the same with a bond", await _paid(story, bonded)),
        Row(
            f"reveal {MONTHS} months",
            await story.gas(ANYONE, at, _reveal(who, series, cutoff, opened)),
        ),
        Row(
            "the same, returning a bond",
            await story.gas(ANYONE, at, _reveal(who, series, cutoff + 1, opened)),
        ),
        Row("withdraw a bond", await story.gas(FORECASTER, at, ledger.encode_withdraw(who))),
    ]
    await story.rpc.call("evm_increaseTime", LEAD_S)
    told = [ledger.encode_report(NAME, month, 450_000) for month in range(MONTHS)]
    reports = [await story.gas(OBSERVER, at, call) for call in told]
    score = ledger.encode_score(who, series, cutoff, points)
    return [
        *rows,
        Row("report the outcome of a month", max(reports)),
        Row(f"score {MONTHS} months", await story.gas(ANYONE, at, score)),
    ]


def _reveal(who: bytes, series: bytes, cutoff: int, opened: Opening) -> bytes:
    return ledger.encode_reveal(
        who, series, cutoff, opened.salt, opened.document_hash, opened.points
    )


async def _paid(story: "Story", call: bytes) -> int:
    at, key = story.deployment.forecast_ledger, story.keys[FORECASTER]
    return to_int((await transact(story.rpc, key, at, call, value=1))["gasUsed"])


async def _now(story: "Story") -> int:
    block = await story.rpc.call("eth_getBlockByNumber", "latest", False)
    return to_int(block["timestamp"])
