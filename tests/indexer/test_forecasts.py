"""Bonded forecasts in the mirror.

given a forecast from commitment to score
├── every table holds what the contract says
└── given the blocks of reveal, outcomes and score are orphaned -> only commitment and bond are left
"""

from core.chain.bindings import forecast_ledger
from core.chain.client import to_bytes
from core.crypto import keccak256, to_hex
from core.crypto.forecasts import series_of, unpack

LEFT = ("forecast_commitment", "forecast_bond")
UNDONE = ("forecast_reveal", "bond_settlement", "forecast_outcome", "forecast_score")


async def test_tables_hold_what_the_ledger_says(chain, settings, start_mirror) -> None:
    await chain.forecast_and_score()
    series = series_of(chain.address(5), keccak256(b"sales"))
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
        [reveal] = await mirror.query("SELECT * FROM chain.forecast_reveal")
        assert (reveal.series_id, reveal.forecaster) == (series, chain.address(7))
        assert unpack(reveal.points) == [(1, [-2, -1, 0, 1, 2]), (2, [5, 5, 5, 5, 5])]
        [bond] = await mirror.query("SELECT * FROM chain.forecast_bond")
        assert (bond.commitment, bond.beneficiary) == (reveal.commitment, chain.address(5))
        [settled] = await mirror.query("SELECT * FROM chain.bond_settlement")
        assert (settled.account, bond.amount, settled.amount) == (chain.address(7), "5", "5")
        told = await mirror.query("SELECT * FROM chain.forecast_outcome ORDER BY period")
        assert [(one.period, one.value, one.observer) for one in told] == [
            (1, 3, chain.address(5)),
            (2, -5, chain.address(5)),
        ]
        [score] = await mirror.query("SELECT * FROM chain.forecast_score")
        assert (int(score.loss), score.steps) == await _score(chain, series, reveal.cutoff)


async def test_what_is_orphaned_is_undone(chain, settings, start_mirror) -> None:
    deep = settings.chain.model_copy(update={"finality_depth": 8})
    await chain.forecast_and_score()
    async with start_mirror(settings.model_copy(update={"chain": deep})) as mirror:
        await mirror.reaches(chain)
        assert await _counts(mirror, LEFT + UNDONE) == [1, 1, 1, 1, 2, 1]
        await chain.rpc.call("anvil_reorg", 4, [])
        await chain.record(keccak256(b"something else"))
        await mirror.reaches(chain)
        assert await _counts(mirror, LEFT + UNDONE) == [1, 1, 0, 0, 0, 0]


async def _counts(mirror, tables) -> list[int]:
    return [await mirror.scalar(f"SELECT count(*) FROM chain.{table}") for table in tables]


async def _score(chain, series: bytes, cutoff: int) -> tuple[int, int]:
    data = forecast_ledger.encode_score_of(chain.address(7), series, cutoff)
    call = {"to": to_hex(chain.deployment.forecast_ledger), "data": to_hex(data)}
    answer = to_bytes(await chain.rpc.call("eth_call", call, "latest"))
    return forecast_ledger.decode_score_of(answer)
