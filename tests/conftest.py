"""Real parts for every room's tests: they start here, on free ports, and stop with the session."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from scripts.anvil import Anvil, free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")


def _as_postgres(*command: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Path]:
    """A private PostgreSQL on a socket in a folder of its own; the value is that folder."""
    if not POSTGRES_BIN.exists():
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="sr360-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    subprocess.run(
        _as_postgres(POSTGRES_BIN / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N"),
        check=True,
        capture_output=True,
        cwd=folder,
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    control = [POSTGRES_BIN / "pg_ctl", "-D", data, "-w"]
    subprocess.run(
        _as_postgres(*control, "-o", options, "-l", folder / "log", "start"),
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    yield folder
    stop = _as_postgres(*control, "-m", "immediate", "stop")
    subprocess.run(stop, check=True, capture_output=True, cwd=folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_cluster: Path) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name = f"t{uuid.uuid4().hex}"
    with _admin(postgres_cluster) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield f"postgresql://postgres@/{name}?host={postgres_cluster}"
    with _admin(postgres_cluster) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _admin(cluster: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(f"host={cluster} user=postgres dbname=postgres", autocommit=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def anvil() -> AsyncIterator[Anvil]:
    """A chain that mines at once, shared by the tests of a worker; `anvil.url` is its RPC."""
    chain = await start_anvil(free_port())
    yield chain
    await chain.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def deployment(anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The contracts on `anvil`; account 0 of the development mnemonic administers them."""
    compile_contracts()
    folder = tmp_path_factory.mktemp("deployments")
    return await deploy_to(anvil.url, deployer(Settings()), folder)


@pytest_asyncio.fixture
async def fresh_anvil() -> AsyncIterator[Anvil]:
    """A chain of the test's own, to reorganise or to stop."""
    chain = await start_anvil(free_port())
    yield chain
    await chain.stop()


@pytest_asyncio.fixture
async def rpc(anvil: Anvil) -> AsyncIterator[Rpc]:
    """A connection to the shared chain."""
    async with Rpc(anvil.url) as connection:
        yield connection
