"""Indexers that are killed with SIGKILL: what they leave is whole, and others go on.

├── killed at random moments of a backfill, again and again: the tables equal an undisturbed one's
└── of two on one database the second stands by, and takes over when the first is killed
"""

import asyncio
import random
import time

import pytest

from core.crypto import keccak256
from core.db import Writes, open_database
from core.db.schema import drop_chain
from tests.indexer.process import command, kill, standing, start_fork

pytestmark = pytest.mark.slow

KILLS = {"few": 10, "all": 200}


@pytest.mark.timeout(3600)
async def test_killed_at_random_moments(
    chain, settings, other_settings, start_mirror, faults, record_property, capfd
) -> None:
    await chain.story()
    for i in range(60):
        await chain.record_batch([keccak256(b"%d" % (i % 7)), keccak256(b"x%d" % i)])
    async with start_mirror(other_settings) as other:
        await other.reaches(chain)
        undisturbed = await other.tables()
    slow = settings.chain.model_copy(update={"log_range": 1})
    settings = settings.model_copy(update={"chain": slow})
    # The first start also starts the server that all others are forked from.
    longest_s = min([await _undisturbed_s(settings, chain) for _ in range(2)])
    begun, finished, heights, last, patience = 0, 0, set(), -1, 1.0
    for number in range(KILLS[faults]):
        after_s = random.Random(number).uniform(0, longest_s * patience)
        height = await _start_and_kill(settings, after_s)
        heights.add(height)
        # Without this a machine that others keep busy now would see none get further.
        patience = patience * 1.2 if height == last else 1.0
        last = height
        if number % 20 == 19:
            with capfd.disabled():
                print(f"\n{number + 1} kills, {begun} backfills to the end", end="", flush=True)
        if height == await chain.height():
            finished += await _check(settings, start_mirror, undisturbed, chain)
            drop_chain(settings)
            begun += 1
    await _check(settings, start_mirror, undisturbed, chain)
    record_property("count", KILLS[faults])
    record_property("outcome", f"{begun + 1} mirrors equal, killed at {len(heights)} heights")
    assert finished == begun
    assert len(heights) > 1, "every kill came before the first block"


async def _undisturbed_s(settings, chain) -> float:
    """How long a process takes from its start to the head, on this machine as busy as it is."""
    database = open_database(settings, Writes.NOTHING)
    try:
        began = time.monotonic()
        process = start_fork(settings)
        await _reaches(database, chain)
        took_s = time.monotonic() - began
        await kill(process)
    finally:
        database.close()
    drop_chain(settings)
    return took_s


async def _start_and_kill(settings, after_s: float) -> int:
    """The height that a process left which lived that long; whatever it is, all of it is there."""
    database = open_database(settings, Writes.NOTHING)
    try:
        process = start_fork(settings)
        await asyncio.sleep(after_s)
        await kill(process)
        return (await standing(database))[0]
    finally:
        database.close()


async def _check(settings, start_mirror, undisturbed, chain) -> int:
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
        assert await mirror.tables() == undisturbed
    return 1


@pytest.mark.timeout(300)
async def test_the_second_takes_over(
    chain, settings, other_settings, start_mirror, tmp_path, record_property
) -> None:
    database = open_database(settings, Writes.NOTHING)
    try:
        first_log, second_log = tmp_path / "first.log", tmp_path / "second.log"
        async with command(settings, first_log) as first:
            await chain.story()
            await _reaches(database, chain)
            async with command(settings, second_log) as second:
                await _until(lambda: "standing by" in second_log.read_text(), "the standby")
                assert second.poll() is None
                first.kill()
                killed = time.monotonic()
                await chain.record(keccak256(b"after the first"))
                await _reaches(database, chain)
                took_s = time.monotonic() - killed
                async with start_mirror(other_settings) as other:
                    await other.reaches(chain)
                    fresh = await other.tables()
        async with start_mirror(settings) as mirror:
            assert await mirror.tables() == fresh
    finally:
        database.close()
    record_property("count", 1)
    record_property("outcome", f"taken over in {took_s:.2f} s")
    assert took_s < 5


async def _reaches(database, chain) -> None:
    height = await chain.height()

    async def there() -> bool:
        return (await standing(database))[0] >= height

    await _until(there, f"block {height}")


async def _until(holds, what: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        found = holds()
        if await found if asyncio.iscoroutine(found) else found:
            return
        assert time.monotonic() < deadline, f"never happened: {what}"
        await asyncio.sleep(0.02)
