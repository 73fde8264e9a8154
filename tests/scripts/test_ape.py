"""eth-ape from the command line, offline: the console and the deployment.

ape console
├── on the chain in memory: deploys SupplyChain, records, reads the head
└── on anvil: attaches to our deployment, records, decodes the event
ape run deploy
├── on anvil: writes the deployment file into the state folder, every role set up
└── in memory: names an address for each contract
"""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from core.chain import deployments
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.config import Settings
from core.crypto import to_hex
from scripts.anvil import Anvil
from scripts.authority import read
from scripts.deploy import ARGUMENTS
from scripts.policy import load
from scripts.roles_compare import compare, missing
from scripts.test import APE_BIN, APE_ENV, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SESSION = """\
owner = accounts.test_accounts[0]
authority = owner.deploy(project.Authority, owner)
registry = owner.deploy(project.ActorRegistry, authority)
supply_chain = owner.deploy(project.SupplyChain, registry)
product = b"\\x07" * 32
supply_chain.record(product, product, chain.pending_timestamp * 1000, 1, sender=owner)
print("custodian", supply_chain.custodianOf(product) == owner)
print("seq", int.from_bytes(supply_chain.head(product)[:8], "big"))
"""
ATTACH = """\
owner, product = accounts.test_accounts[5], b"\\x08" * 32
supply_chain = project.SupplyChain.at("{address}")
print("before", supply_chain.head(product) == bytes(32))
tx = supply_chain.record(product, product, chain.blocks.head.timestamp * 1000, 1, sender=owner)
print("event", [one.event_name for one in tx.events], tx.events[0].actor == owner)
"""


def _ape(*arguments: str, session: str = "", **variables: str) -> str:
    """What ape prints; a console is given its session as a person would type it."""
    (ROOT / ".build").mkdir(exist_ok=True)
    with (ROOT / ".build/ape.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ape's cache of compiled contracts has one writer
        done = subprocess.run(
            [str(APE_BIN / "ape"), *arguments],
            cwd=ROOT,
            env={**os.environ, **APE_ENV, **variables},
            input=session + "exit\n" if session else None,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_console_session_in_memory():
    told = _ape("console", "--network", "ethereum:local:test", session=SESSION)
    assert "custodian True" in told
    assert "seq 1" in told


def test_a_console_session_on_anvil(anvil: Anvil, deployment: Deployment):
    session = ATTACH.format(address=to_hex(deployment.supply_chain))
    told = _ape("console", "--network", f"ethereum:local:{anvil.url}", session=session)
    assert "before True" in told
    assert "event ['EventRecorded'] True" in told


async def test_a_deployment_on_anvil(fresh_anvil: Anvil, tmp_path: Path):
    network = f"ethereum:local:{fresh_anvil.url}"
    told = _ape("run", "deploy", "--network", network, SR360_STATE_DIR=str(tmp_path))
    deployment = deployments.load(Settings(state_dir=tmp_path))
    for name, contract in deployment.contracts.items():
        assert f"{name:16} {to_hex(contract.address)}" in told
    async with Rpc(fresh_anvil.url) as rpc:
        live = await read(rpc, deployment, load())
    assert compare(load(), deployment, live) == missing(load(), deployment, live) == []


def test_a_rehearsal_in_memory():
    told = _ape("run", "deploy", "--network", "ethereum:local:test")
    named = [words[0] for line in told.splitlines() if (words := line.split())]
    assert [name for name in named if name in ARGUMENTS] == list(ARGUMENTS)
