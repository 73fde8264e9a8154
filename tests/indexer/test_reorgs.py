"""Real reorganisations by `anvil_reorg`, 1 to 64 blocks deep: the tables equal a fresh mirror's."""

import time
from pathlib import Path

import pytest

from core.chain import deployments
from core.config import DbSettings
from core.crypto import keccak256

pytestmark = pytest.mark.slow

DEPTHS = {"few": (1, 2, 7, 64), "all": tuple(range(1, 65))}


@pytest.fixture
def epoch_slots() -> int:
    """Final is what lies 80 blocks behind the head."""
    return 40


@pytest.mark.timeout(900)
async def test_every_depth(
    chain, settings, start_mirror, faults, tmp_path, record_property
) -> None:
    took_s: dict[int, float] = {}
    await chain.story()
    async with start_mirror(settings) as mirror:
        for depth in DEPTHS[faults]:
            for i in range(depth):
                await chain.record(keccak256(b"%d" % (i % 5)))
            await mirror.reaches(chain)
            epoch = await mirror.scalar("SELECT reorg_epoch FROM chain.checkpoint")
            await chain.rpc.call("anvil_reorg", depth, [])
            began = time.monotonic()
            await mirror.reaches(chain)
            took_s[depth] = time.monotonic() - began
            assert await mirror.scalar("SELECT reorg_epoch FROM chain.checkpoint") > epoch
            await chain.record(keccak256(b"after"))
            await mirror.reaches(chain)
            await _equals_a_fresh_one(chain, settings, mirror, start_mirror, tmp_path / f"{depth}")
    deepest = max(took_s)
    record_property("count", len(took_s))
    record_property("outcome", f"depth {deepest} in {took_s[deepest] * 1000:.0f} ms")
    print(f"depth {deepest}: {took_s[deepest] * 1000:.0f} ms")


async def _equals_a_fresh_one(chain, settings, mirror, start_mirror, folder: Path) -> None:
    deployments.write(deployments.load(settings), folder / "deployments")
    fresh = settings.model_copy(update={"state_dir": folder, "db": DbSettings()})
    async with start_mirror(fresh) as other:
        await other.reaches(chain)
        assert await other.tables() == await mirror.tables()
