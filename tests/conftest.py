"""Real parts for every room's tests: they start here, on free ports, and stop with the session."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from hypothesis import settings as hypothesis_settings

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from core.errors import PortTaken
from scripts.anvil import Anvil, free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.health import require_free_port

# How long an example takes says more about the machine's other work than about the code.
hypothesis_settings.register_profile("no deadline", deadline=None)
hypothesis_settings.load_profile("no deadline")

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
DEMO_TIMEOUT_S = 300


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-examples", type=int, default=5, help="how often tests/api asks each operation"
    )
    parser.addoption(
        "--faults", choices=("few", "all"), default="few", help="how many faults to cause"
    )
    parser.addoption("--gs1-examples", type=Path, help="folder of GS1's own EPCIS examples")


@pytest.fixture(scope="session")
def gs1_examples(request: pytest.FixtureRequest) -> Path | None:
    """GS1's examples, which may be used to test and not be shipped; None where they are not."""
    found: Path | None = request.config.getoption("--gs1-examples")
    return found


@pytest.fixture(scope="session")
def faults(request: pytest.FixtureRequest) -> str:
    """`few`, or `all` when `python -m scripts.proofs.faults` runs the tests."""
    return request.config.getoption("--faults")


def _as_postgres(*command: str | Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Path]:
    """A private PostgreSQL on a socket in a folder of its own; the value is that folder."""
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


@dataclass(frozen=True)
class Stack:
    """A running demo: everything up, the story played."""

    process: subprocess.Popen[bytes]
    state_dir: Path
    api_url: str
    rpc_url: str
    summary: dict[str, Any]
    env: dict[str, str]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`sr360 demo` on ports of its own, shared by the end-to-end tests of one process."""
    state_dir, base = tmp_path_factory.mktemp("demo"), _six_free_ports()
    env = {**os.environ, "SR360_STATE_DIR": str(state_dir)}
    command = [sys.executable, "-m", "scripts.sr360", "demo", "--port-base", str(base)]
    with (state_dir / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        summary = _wait_for_summary(process, state_dir)
        urls = f"http://127.0.0.1:{base}", f"http://127.0.0.1:{base + 1}"
        yield Stack(process, state_dir, *urls, summary, env)
    finally:
        process.terminate()
        process.wait(60)


def _wait_for_summary(process: subprocess.Popen[bytes], state_dir: Path) -> dict[str, Any]:
    deadline = time.monotonic() + DEMO_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if (state_dir / "demo.json").exists():
            return json.loads((state_dir / "demo.json").read_text())
        time.sleep(0.2)
    raise AssertionError((state_dir / "demo.log").read_text()[-4000:])


def _six_free_ports() -> int:
    # Below the ports that outgoing connections take.
    for base in random.sample(range(20_000, 32_000, 10), 50):
        try:
            for port in range(base, base + 6):
                require_free_port("127.0.0.1", port, service="demo", setting="")
        except PortTaken:
            continue
        return base
    raise AssertionError("no six free ports in a row")
