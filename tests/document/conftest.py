"""A played story on a chain of its own: proofs are tested on what really happened."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from core.document import SignedDocument
from scripts.anvil import free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.vectors_story import Story


@dataclass(frozen=True)
class Told:
    """A chain on which the story was played; `url` is its RPC."""

    url: str
    deployment: Deployment
    documents: dict[bytes, SignedDocument]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """The story after its end; tests read it and do not write to its chain."""
    compile_contracts()
    chain = await start_anvil(free_port())
    try:
        folder = tmp_path_factory.mktemp("deployments")
        deployment = await deploy_to(chain.url, deployer(Settings()), folder)
        async with Rpc(chain.url) as rpc:
            story = Story(rpc, deployment)
            await story.play()
        yield Told(chain.url, deployment, story.documents)
    finally:
        await chain.stop()


@pytest_asyncio.fixture
async def story(told: Told) -> AsyncIterator[Story]:
    """The told story with a connection of the test's own."""
    async with Rpc(told.url) as rpc:
        yield Story(rpc, told.deployment, documents=told.documents)
