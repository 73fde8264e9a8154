"""A played story on a chain of its own: proofs are tested on what really happened."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from scripts.anvil import Anvil, free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.vectors_story import Story


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Anvil, Deployment]]:
    """A chain on which the story was played, and its contracts."""
    compile_contracts()
    chain = await start_anvil(free_port())
    try:
        yield chain, await _prepare(chain, tmp_path_factory.mktemp("deployments"))
    finally:
        await chain.stop()


async def _prepare(chain: Anvil, folder: Path) -> Deployment:
    return await deploy_to(chain.url, deployer(Settings()), folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def story(told: tuple[Anvil, Deployment]) -> AsyncIterator[Story]:
    """The story after its end; tests read it and do not write to its chain."""
    chain, deployment = told
    async with Rpc(chain.url) as rpc:
        played = Story(rpc, deployment)
        await played.play()
        yield played
