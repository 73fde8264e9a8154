"""A real node on free ports, a client for it, and an independent importer to compare with."""

import hashlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.ipfs.client import Ipfs
from core.ipfs.node import Node, running_node

HERE = Path(__file__).parent


def content(size: int, seed: bytes = b"sr360") -> bytes:
    """The bytes reference.mjs makes for the same seed and size."""
    return hashlib.shake_256(seed).digest(size)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running_node(tmp_path / "ipfs") as running:
        yield running


@pytest.fixture
async def ipfs(node: Node) -> AsyncIterator[Ipfs]:
    async with Ipfs(node.host, node.api_port, timeout_s=10) as client:
        yield client


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="module")
def reference() -> Iterator[Callable[..., str]]:
    """Asks the npm importer for a root; `./sr360 setup` installs it."""
    installed = (HERE / "node_modules" / "ipfs-unixfs-importer").is_dir()
    assert installed, "the npm importer is missing: `./sr360 setup` installs it"
    with subprocess.Popen(
        ["node", str(HERE / "reference.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout

        def root(**query: Any) -> str:
            process.stdin.write(json.dumps(query) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().strip()  # type: ignore[union-attr]

        yield root
        process.stdin.close()
