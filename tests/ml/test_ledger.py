"""ForecastLedger and ml/score.py compute the same loss, to the unit, whatever the numbers.

Random forecasts of one to six days, a third of them from the edges of int64, go through the real
contract on a real chain: committed, revealed, their outcomes reported, scored.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.chain import keys
from core.chain.bindings import forecast_ledger
from core.chain.client import Rpc, to_bytes, to_int
from core.config import Settings
from core.crypto import address_of, keccak256, to_hex
from core.crypto.forecasts import Opening, pack, period_start, series_of
from ml.data import Observed
from ml.document import Document, Forecast, Point
from ml.score import score
from scripts.anvil import Anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.transact import transact_all

FORECASTS = 45
EDGES = (-(2**63), -(2**63) + 1, -1, 0, 1, 2**63 - 2, 2**63 - 1)
ANYWHERE = (-(2**63), 2**63 - 1)
SALES = (-50, 1_000_000)
FIRST = date(2030, 1, 1)


@dataclass(frozen=True)
class Case:
    name: bytes
    rows: list[list[int]]
    outcome: list[int]

    def opening(self) -> Opening:
        starts = [period_start(day.isoformat()) for day in self.days()]
        return Opening(self.name, keccak256(self.name), pack(zip(starts, self.rows, strict=True)))

    def days(self) -> list[date]:
        return [FIRST + timedelta(days=step) for step in range(len(self.rows))]

    def loss(self, forecast: Forecast) -> int:
        """By ml/score.py; its documents hold 53 bits, so these points go around the check."""
        rows = zip(self.days(), self.rows, strict=True)
        points = tuple(Point.model_construct(period=day, values=tuple(row)) for day, row in rows)
        document = Document(**forecast.model_dump(), cutoff=0).model_copy(update={"points": points})
        seen = zip(self.days(), self.outcome, strict=True)
        return score(document, [Observed(day, value) for day, value in seen]).loss


def cases() -> list[Case]:
    dice = random.Random(360)
    return [_case(dice, number) for number in range(FORECASTS)]


def _case(dice: random.Random, number: int) -> Case:
    def draw() -> int:
        if number % 3 == 0:
            return dice.choice(EDGES)
        return dice.randint(*(ANYWHERE if number % 3 == 1 else SALES))

    steps = dice.randint(1, 6)
    rows = [sorted(draw() for _ in range(5)) for _ in range(steps)]
    return Case(keccak256(b"series %d" % number), rows, [draw() for _ in range(steps)])


class Ledger:
    """The contract, one key that forecasts and observes, and the chain's clock."""

    def __init__(self, rpc: Rpc, at: bytes) -> None:
        self.rpc, self.at = rpc, at
        self.key = keys.account(Settings(), 1)
        self.me = address_of(self.key)
        self.cutoff = 0

    async def send(self, calls: Sequence[bytes]) -> None:
        await transact_all(self.rpc, self.key, [(self.at, call) for call in calls])

    async def commit(self, some: Sequence[Case]) -> None:
        latest = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        self.cutoff = to_int(latest["timestamp"]) + 3_600
        await self.send(
            [
                forecast_ledger.encode_commit(
                    self.series(case), case.opening().commitment, self.cutoff
                )
                for case in some
            ]
        )

    async def reveal(self, some: Sequence[Case]) -> None:
        openings = [(case, case.opening()) for case in some]
        await self.send(
            [
                forecast_ledger.encode_reveal(
                    *self.place(case), opened.salt, opened.document_hash, opened.points
                )
                for case, opened in openings
            ]
        )

    async def report(self, some: Sequence[Case]) -> None:
        await self.rpc.call("evm_increaseTime", 3_601)
        await self.rpc.call("anvil_mine", "0x1")
        for case in some:
            told = zip(case.days(), case.outcome, strict=True)
            await self.send(
                [
                    forecast_ledger.encode_report(case.name, period_start(day.isoformat()), value)
                    for day, value in told
                ]
            )

    async def score(self, some: Sequence[Case]) -> None:
        await self.send(
            [
                forecast_ledger.encode_score(*self.place(case), case.opening().points)
                for case in some
            ]
        )

    async def score_of(self, case: Case) -> tuple[int, int]:
        data = forecast_ledger.encode_score_of(*self.place(case))
        call = {"to": to_hex(self.at), "data": to_hex(data)}
        answer = to_bytes(await self.rpc.call("eth_call", call, "latest"))
        return forecast_ledger.decode_score_of(answer)

    def place(self, case: Case) -> tuple[bytes, bytes, int]:
        return self.me, self.series(case), self.cutoff

    def series(self, case: Case) -> bytes:
        return series_of(self.me, case.name)


@pytest.mark.slow
async def test_chain_and_ml_agree_to_the_unit(
    fresh_anvil: Anvil, forecast: Forecast, tmp_path: Path
) -> None:
    compile_contracts()
    deployment = await deploy_to(fresh_anvil.url, keys.deployer(Settings()), tmp_path)
    some = cases()
    async with Rpc(fresh_anvil.url) as rpc:
        ledger = Ledger(rpc, deployment.forecast_ledger)
        await ledger.commit(some)
        await ledger.reveal(some)
        await ledger.report(some)
        await ledger.score(some)
        found = [await ledger.score_of(case) for case in some]
    assert found == [(case.loss(forecast), len(case.rows)) for case in some]
    assert max(loss for loss, _ in found) > 2**70
    assert all(loss > 0 for loss, _ in found)
