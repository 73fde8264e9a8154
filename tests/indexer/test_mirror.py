"""The indexer against a real chain.

given a chain with history
├── every table holds what the contracts say
├── two mirrors, of other databases, end with equal digests
└── new blocks arrive
given a reorganisation of five blocks
├── SQL follows and equals a mirror that never saw the lost blocks
├── lost logs stay, flagged, and the epoch grows
└── one below a final block is refused
given another chain or other contracts -> a typed error
"""

import asyncio

import pytest
from structlog.testing import capture_logs

from core.chain.client import to_bytes
from core.config import Settings
from core.crypto import keccak256
from core.errors import BadConfig, DeploymentMissing
from indexer.main import run
from indexer.store import OtherChain
from scripts.anvil import start_anvil


async def test_tables_hold_what_the_contracts_say(chain, settings, start_mirror) -> None:
    products = await chain.story()
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
        for product in products:
            (row,) = await mirror.product(product)
            assert row.head == await chain.head(product)
            assert row.seq == int.from_bytes(row.head[:8], "big")
        a, b, _ = [(await mirror.product(p))[0] for p in products]
        assert (a.seq, a.custodian, a.recall_level) == (4, chain.address(2), 0)
        assert (b.seq, b.custodian, b.recall_level) == (2, chain.address(2), 2)
        assert await _counts(mirror) == EXPECTED
        actors = await mirror.query("SELECT * FROM chain.actor WHERE name LIKE 'Cooler%'")
        assert [(x.name, x.revoked_block) for x in actors] == [("Cooler again", None)]


EXPECTED = {
    "event": 7,
    "custody_transfer": 4,
    "recall": 1,
    "product": 3,
    "actor": 2,
    "credit_batch": 1,
    "credit_transfer": 4,
    "credit_retirement": 1,
    "oracle_config": 1,
    "forecast_commitment": 1,
    "unknown_log": 0,
}


async def test_new_blocks_arrive_and_mirrors_agree(
    chain, mirror, other_settings, start_mirror
) -> None:
    await chain.story()
    await mirror.reaches(chain)
    await chain.record(keccak256(b"later"))
    await mirror.reaches(chain)
    async with start_mirror(other_settings) as other:
        await other.reaches(chain)
        assert await other.tables() == await mirror.tables()


async def test_sql_follows_a_reorganisation(chain, settings, other_settings, start_mirror) -> None:
    products = await chain.story()
    kept, lost = keccak256(b"kept"), keccak256(b"lost")
    await chain.record(kept)
    await chain.register(3, "Packer")
    async with start_mirror(_final_after(settings, 8)) as mirror:
        await mirror.reaches(chain)
        await chain.record(kept)
        await chain.record(lost)
        await chain.handover(products[0], 2, 3)
        await chain.revoke(3)
        await chain.recall(kept, 1)
        await mirror.reaches(chain)
        await chain.rpc.call("anvil_reorg", 5, [])
        await chain.record(kept)
        await mirror.reaches(chain)
        async with start_mirror(other_settings) as other:
            await other.reaches(chain)
            assert await other.tables() == await mirror.tables()
        assert await mirror.product(lost) == []
        assert await mirror.scalar("SELECT reorg_epoch FROM chain.checkpoint") == 1
        assert await mirror.scalar("SELECT count(*) FROM chain.log WHERE orphaned") == 5


async def test_a_node_that_contradicts_a_final_block_is_refused(
    chain, settings, start_mirror
) -> None:
    for _ in range(5):
        await chain.record(keccak256(b"product"))
    async with start_mirror(_final_after(settings, 2)) as mirror:
        await mirror.reaches(chain)
        before = await mirror.tables()
        with capture_logs() as logs:
            await chain.rpc.call("anvil_reorg", 4, [])
            await mirror.until(lambda: _logged(logs, "source_lied"), "the refusal")
        assert await mirror.tables() == before


def _final_after(settings: Settings, depth: int) -> Settings:
    chain = settings.chain.model_copy(update={"finality_depth": depth})
    return settings.model_copy(update={"chain": chain})


async def _logged(logs: list[dict[str, object]], code: str) -> bool:
    return any(entry.get("code") == code for entry in logs)


async def test_another_genesis_is_refused(chain, settings, start_mirror) -> None:
    await chain.record(keccak256(b"product"))
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
    await chain.anvil.stop()
    port = int(chain.url.rsplit(":", 1)[1])
    chain.anvil = await start_anvil(port, options=["--timestamp", "1700000000"])
    with pytest.raises(OtherChain, match="began with") as caught:
        async with asyncio.timeout(30):
            await run(settings)
    assert "--reset" in caught.value.hint


async def test_other_contracts_are_refused(chain, settings, start_mirror) -> None:
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
    path = settings.state_dir / "deployments/31337.json"
    text = path.read_text()
    address = "0x" + chain.deployment.supply_chain.hex()
    path.write_text(text.replace(address, "0x" + "11" * 20))
    with pytest.raises(OtherChain, match="other contracts"):
        async with asyncio.timeout(30):
            await run(settings)


async def test_another_chain_id_is_refused(chain, settings: Settings) -> None:
    await chain.rpc.call("anvil_setChainId", 5)
    with pytest.raises(BadConfig, match="chain 5"):
        async with asyncio.timeout(30):
            await run(settings)


async def test_no_deployment_is_an_operators_error(settings: Settings) -> None:
    (settings.state_dir / "deployments/31337.json").unlink()
    with pytest.raises(DeploymentMissing):
        await run(settings)


async def test_finality_follows_the_node(chain, mirror) -> None:
    await chain.record(keccak256(b"product"))
    await chain.rpc.call("anvil_mine", "0x8")
    await mirror.reaches(chain)
    block = await chain.rpc.call("eth_getBlockByNumber", "finalized", False)

    async def final() -> bool:
        sql = "SELECT hash FROM chain.block JOIN chain.checkpoint ON number = finalized_number"
        return await mirror.scalar(sql) == to_bytes(block["hash"])

    await mirror.until(final, "finality")


async def _counts(mirror) -> dict[str, int]:
    return {t: await mirror.scalar(f"SELECT count(*) FROM chain.{t}") for t in EXPECTED}
